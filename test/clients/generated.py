"""Asks the plane y = 2a + 3b + 5 with the client that openapi-python-client has made in the folder of sys.argv[2]."""

import sys

sys.path.insert(0, sys.argv[2])

from made import Client
from made.api.k_serve_v1 import post_v1_models
from made.api.prediction import post_predict
from made.models import Instance, PostPredictRequestFeatures, PostPredictRequestInstances
from made.models import PostV1ModelsRequestInstances

client = Client(base_url=sys.argv[1])
answer = post_predict.sync(client=client, body=PostPredictRequestFeatures(features=[[1, 1], [2, 4]]))
assert answer.prediction == [10, 21], answer
instances = [Instance(a=1, b=1), Instance(a=2, b=4)]
answer = post_predict.sync(client=client, body=PostPredictRequestInstances(instances=instances, interval=0.95))
assert answer.prediction == [10, 21] and answer.interval.level == 0.95, answer
answer = post_v1_models.sync(client=client, body=PostV1ModelsRequestInstances(instances=[[1, 1]]))
assert answer.predictions == [10], answer
answer = post_predict.sync(client=client, body=PostPredictRequestFeatures(features=[[1]]))
assert answer.error.code == "invalid_input", answer
