"""Writes target_scaling.json: samples, and the predictions that ridge regression on scaled targets
makes of them, by TransformedTargetRegressor of scikit-learn (1.9.1).

Usage: make_target_scaling.py > target_scaling.json

The penalty makes the predictions depend on the scaling. `losses` are mean squared errors of scaled
targets on the test samples, without the penalty; `errors` mean absolute errors of the targets.
tests/cli/target_scaling_test.py reads the file."""

import json

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler, StandardScaler

TRAIN, TEST, PENALTY = 24, 8, 3.0

random = np.random.default_rng(5)
x = random.normal(size=(TRAIN + TEST, 3)).round(3)
y = x @ random.normal(size=(3, 2)) * [0.02, 40] + [0.5, 2000] + \
    random.normal(size=(TRAIN + TEST, 2)) * [0.01, 20]
y = y.round(4)
out = {"penalty": PENALTY, "train": TRAIN, "x": x.tolist(), "y": y.tolist(), "scalings": {}}
for name, scaler in (("standardization", StandardScaler()), ("min_max_scaling", MinMaxScaler())):
    model = TransformedTargetRegressor(Ridge(PENALTY), transformer=scaler)
    model.fit(x[:TRAIN], y[:TRAIN])
    predicted = model.predict(x)
    scaled, fitted = (model.transformer_.transform(v) for v in (y, predicted))
    out["scalings"][name] = {
        "predictions": predicted[TRAIN:].tolist(),
        "loss": np.mean((scaled - fitted)[TRAIN:] ** 2),
        "error": np.abs(y - predicted)[TRAIN:].mean()}
print(json.dumps(out, indent=1))
