"""Writes gradient-boosted trees as XGBoost saves them in JSON, with rows and what XGBoost itself predicts of them.

    python write_tree_models.py <folder>

Needs numpy and xgboost 3.2. A row without a feature has null there.
"""

import json
import sys
from pathlib import Path

import numpy
import xgboost

FEATURES = 4
MODELS = {
    "regression": ("reg:squarederror", lambda score: score, {}),
    "binary": ("binary:logistic", lambda score: score > 0, {}),
    "classes": ("multi:softprob", lambda score: numpy.digitize(score, [-1, 1]), {"num_class": 3}),
}

folder = Path(sys.argv[1])
random = numpy.random.default_rng(7)


def rows(count):
    values = random.normal(size=(count, FEATURES)).astype(numpy.float32)
    values[random.random(values.shape) < 0.1] = numpy.nan
    return values


for name, (objective, label_of, parameters) in MODELS.items():
    trained = rows(500)
    labels = label_of(numpy.nansum(trained * [1.5, -2, 0.5, 0], axis=1))
    options = {"objective": objective, "max_depth": 3, "seed": 1, "nthread": 1, **parameters}
    booster = xgboost.train(options, xgboost.DMatrix(trained, labels), 4)
    booster.save_model(folder / f"{name}.json")
    asked = rows(8)
    predicted = booster.predict(xgboost.DMatrix(asked)).tolist()
    given = [[None if numpy.isnan(value) else float(value) for value in row] for row in asked]
    (folder / f"{name}-predictions.json").write_text(json.dumps({"rows": given, "predictions": predicted}) + "\n")
