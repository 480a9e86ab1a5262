"""Asks the plane y = 2a + 3b + 5 with MLflow's client of a scoring server."""

import sys
from urllib.parse import urlparse

import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

address = urlparse(sys.argv[1])
client = ScoringServerClient(address.hostname, address.port)
client.ping()
frame = pd.DataFrame({"b": [1, 4], "unknown": ["x", None], "a": [1, 2]})
for params in [None, {"temperature": 0.5}]:
    assert list(client.invoke(frame, params=params).get_predictions()[0]) == [10, 21]

try:
    client.invoke(pd.DataFrame({"a": [1]}))
    raise AssertionError("b is missing")
except Exception as error:
    assert "BAD_REQUEST" in str(error) and "none of b" in str(error), error
