"""The server of the Python road: Flask around the pickled model. MODEL_PATH and PORT say what and where."""
import logging
import os
import pickle
import warnings

import numpy as np
from flask import Flask, jsonify, request

# In its favour: no line a request, and no warning that the rows come without the names of their columns.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")

with open(os.environ["MODEL_PATH"], "rb") as file:
    model = pickle.load(file)

app = Flask(__name__)


@app.get("/")
def ready():
    return "ok"


@app.post("/predict")
def predict():
    rows = np.array(request.get_json()["features"])
    return jsonify(prediction=model.predict(rows).tolist())


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
