"""Asks the plane y = 2a + 3b + 5 with what SageMaker's SDK writes and reads."""

import json
import sys
from urllib.request import Request, urlopen

import numpy as np
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer, JSONLinesDeserializer, NumpyDeserializer
from sagemaker.serializers import CSVSerializer, JSONLinesSerializer, JSONSerializer

url = sys.argv[1]
rows = np.array([[1, 1], [2, 4]])


def invoke(serializer, deserializer, data):
    headers = {"Content-Type": serializer.CONTENT_TYPE, "Accept": ", ".join(deserializer.ACCEPT)}
    request = Request(f"{url}/invocations", serializer.serialize(data).encode(), headers)
    with urlopen(request) as response:
        return deserializer.deserialize(response, response.headers["Content-Type"])


for serializer, data in [
    (JSONSerializer(), rows),
    (JSONSerializer(), {"instances": rows.tolist()}),
    (CSVSerializer(), rows),
    (JSONLinesSerializer(), rows.tolist()),
]:
    predictions = [{"prediction": 10}, {"prediction": 21}]
    assert invoke(serializer, JSONLinesDeserializer(), data) == predictions
    if not isinstance(serializer, JSONLinesSerializer):
        assert invoke(serializer, JSONDeserializer(), data) == {"predictions": [10, 21]}
        assert invoke(serializer, CSVDeserializer(), data) == [["10"], ["21"]]
        np.testing.assert_array_equal(invoke(serializer, NumpyDeserializer(accept="text/csv"), data), [10, 21])

with urlopen(f"{url}/execution-parameters") as response:
    assert json.load(response)["BatchStrategy"] == "MULTI_RECORD"
with urlopen(f"{url}/ping") as response:
    assert response.status == 200
