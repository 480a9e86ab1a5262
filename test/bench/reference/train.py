"""The Python road that this project replaces: pandas, scikit-learn, pickle. Usage: train.py CSV OUT."""
import pickle
import sys

import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

names = ["sepal_length", "sepal_width", "petal_length", "petal_width", "class"]
data = pd.read_csv(sys.argv[1], header=None, names=names)
x = data[["sepal_length", "sepal_width", "petal_width"]]
y = data["petal_length"]
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
model = LinearRegression().fit(x_train, y_train)
print(repr(mean_squared_error(y_test, model.predict(x_test))))
with open(sys.argv[2], "wb") as file:
    pickle.dump(model, file)
