"""The server that people pick in Python today: FastAPI and uvicorn around the pickled model. MODEL_PATH and PORT say what and where."""
import os
import pickle
import warnings

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

# In its favour: no line a request, no thread for each, and no warning that the rows come without the names of columns.
warnings.filterwarnings("ignore")

with open(os.environ["MODEL_PATH"], "rb") as file:
    model = pickle.load(file)

app = FastAPI()


class Rows(BaseModel):
    features: list[list[float]]


class Answer(BaseModel):
    prediction: list[float]


@app.get("/")
async def ready():
    return "ok"


@app.post("/predict")
async def predict(rows: Rows) -> Answer:
    return Answer(prediction=model.predict(np.array(rows.features)).tolist())


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
