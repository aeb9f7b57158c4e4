"""Saves the same classifier with MLflow twice: in its ONNX flavor, and as a Python function with a signature of tensors."""

import logging
import sys
import warnings
from pathlib import Path

import mlflow.onnx
import mlflow.pyfunc
import numpy as np
import onnx
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

model_file, folder = Path(sys.argv[1]), Path(sys.argv[2])
signature = ModelSignature(
    inputs=Schema([TensorSpec(np.dtype("float32"), (-1, 64), "pixels")]),
    outputs=Schema([TensorSpec(np.dtype("int64"), (-1,), "label")]),
)


class Nothing(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


mlflow.onnx.save_model(onnx.load(model_file), folder / "onnx", metadata={"team": "vision"})
mlflow.pyfunc.save_model(folder / "pyfunc", python_model=Nothing(), signature=signature)
