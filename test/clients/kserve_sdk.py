"""Asks the plane y = 2a + 3b + 5 with KServe's own client, in both of its protocols."""

import asyncio
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

url = sys.argv[1]
rows = np.array([[1, 1], [2, 4]], dtype="f8")


async def main():
    v2 = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await v2.is_server_live(url) and await v2.is_server_ready(url)
    assert await v2.is_model_ready(url, "plane")
    for options in [{}, {"binary_data": False}]:
        tensor = InferInput("features", list(rows.shape), "FP64")
        tensor.set_data_from_numpy(rows, **options)
        for parameters in [None, {"binary_data_output": True}]:
            request = InferRequest("plane", [tensor], parameters=parameters)
            answer = await v2.infer(url, request, model_name="plane")
            np.testing.assert_array_equal(answer.outputs[0].as_numpy(), [10, 21])

    v1 = InferenceRESTClient(RESTConfig(protocol="v1"))
    assert await v1.is_model_ready(url, "plane")
    answer = await v1.infer(url, {"instances": rows.tolist()}, model_name="plane")
    assert answer == {"predictions": [10, 21]}


asyncio.run(main())
