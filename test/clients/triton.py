"""Asks the plane y = 2a + 3b + 5 as tritonclient does by default: binary tensors, in and out."""

import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import np_to_triton_dtype

client = http.InferenceServerClient(sys.argv[1].removeprefix("http://"))
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("plane")
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
assert client.get_model_metadata("plane")["inputs"][0]["shape"] == [-1, 2]


def make_input(name, values, **options):
    tensor = http.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
    tensor.set_data_from_numpy(values, **options)
    return tensor


rows = np.array([[1, 1], [2, 4]])
expected = [10, 21]
for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    result = client.infer("plane", [make_input("features", rows.astype(dtype))], request_id="7")
    np.testing.assert_array_equal(result.as_numpy("y"), expected)
    assert result.get_response()["id"] == "7"

texts = np.array([["1", "1"], ["2", "4e0"]], dtype=np.object_)
booleans = np.array([[True, False]])
np.testing.assert_array_equal(client.infer("plane", [make_input("features", texts)]).as_numpy("y"), expected)
np.testing.assert_array_equal(client.infer("plane", [make_input("features", booleans)]).as_numpy("y"), [7])

columns = [make_input("b", rows[:, 1].astype("f8")), make_input("a", rows[:, :1].astype("i8"))]
np.testing.assert_array_equal(client.infer("plane", columns).as_numpy("y"), expected)

for is_binary in [True, False]:
    outputs = [http.InferRequestedOutput("y", binary_data=is_binary)]
    tensor = make_input("features", rows.astype("f8"), binary_data=is_binary)
    np.testing.assert_array_equal(client.infer("plane", [tensor], outputs=outputs).as_numpy("y"), expected)

many = np.arange(2000, dtype="f8").reshape(1000, 2)
for coding in ["gzip", "deflate"]:
    result = client.infer(
        "plane",
        [make_input("features", many)],
        request_compression_algorithm=coding,
        response_compression_algorithm=coding,
    )
    np.testing.assert_array_equal(result.as_numpy("y"), many @ [2, 3] + 5)

try:
    client.infer("plane", [make_input("features", np.zeros((1, 3)))])
    raise AssertionError("three columns are too many")
except http.InferenceServerException as error:
    assert "inputs[0].shape" in error.message()
