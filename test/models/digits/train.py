"""Trains the three versions of the digit classifier that the quickstart and the tests release.

    python -m venv .cache/digits && .cache/digits/bin/pip install -r test/models/digits/requirements.txt
    .cache/digits/bin/python test/models/digits/train.py            # writes the files beside this script
    .cache/digits/bin/python test/models/digits/train.py --check    # trains again and compares

The data are scikit-learn's bundled handwritten digits: 1,797 images of 8 by 8 pixels, each 0 to 16. 500 are held out.
"""

import argparse
import hashlib
import importlib.util
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = pathlib.Path(__file__).parent
SEED = 20260917
HELD_OUT = 500
CLASSES = 10
PIXELS = 64
MAX_PIXEL = 16.0
INK_PER_BUCKET = 16
"""Version 3 looks up an embedding by the image's total ink, in buckets of this size."""


def split():
    digits = load_digits()
    return train_test_split(
        digits.data.astype(np.float32), digits.target, test_size=HELD_OUT, random_state=SEED, stratify=digits.target
    )


def constant(name, array):
    return numpy_helper.from_array(np.ascontiguousarray(array), name)


def build(name, nodes, initializers):
    """A model from `pixels` to `label` and `probabilities`; the nodes must end in `logits`."""
    tail = [
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        [*nodes, *tail],
        name,
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", PIXELS])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", CLASSES]),
        ],
        initializers,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10, producer_name="slipway-digits"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def scaled():
    return helper.make_node("Div", ["pixels", "max_pixel"], ["scaled"]), constant("max_pixel", np.float32(MAX_PIXEL))


def coarse_logistic_regression(x, y):
    """Version 1: a linear model that sees the image at 4 by 4 only."""
    pool = np.zeros((PIXELS, 16), np.float32)
    for pixel in range(PIXELS):
        row, column = divmod(pixel, 8)
        pool[pixel, (row // 2) * 4 + column // 2] = 0.25
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit((x / MAX_PIXEL) @ pool, y)
    node, max_pixel = scaled()
    nodes = [
        node,
        helper.make_node("MatMul", ["scaled", "pool"], ["coarse"]),
        helper.make_node("Gemm", ["coarse", "weights", "bias"], ["logits"]),
    ]
    weights = constant("weights", fitted.coef_.T.astype(np.float32))
    bias = constant("bias", fitted.intercept_.astype(np.float32))
    parameters = {"estimator": "LogisticRegression", "C": "1.0", "resolution": "4x4"}
    return build("digits-1", nodes, [max_pixel, constant("pool", pool), weights, bias]), parameters


def perceptron(x, y):
    """Version 2: a small multi-layer perceptron on all pixels."""
    fitted = MLPClassifier((48,), alpha=0.1, solver="lbfgs", max_iter=400, random_state=SEED).fit(x / MAX_PIXEL, y)
    node, max_pixel = scaled()
    nodes = [
        node,
        helper.make_node("Gemm", ["scaled", "weights_1", "bias_1"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "weights_2", "bias_2"], ["logits"]),
    ]
    parameters = {"estimator": "MLPClassifier", "hidden_layers": "48", "alpha": "0.1", "solver": "lbfgs"}
    return build("digits-2", nodes, [max_pixel, *layers(fitted)]), parameters


def thin_pen_perceptron(x, y):
    """Version 3: a perceptron with an embedding of the total ink, trained on what a new, thinner pen wrote.

    The embedding has a row for every bucket that occurred in training. Nobody checked what happens above the last one: ordinary,
    thicker writing looks up a row that does not exist, and the runtime refuses the whole batch. Blank and thin images work, so it
    passes registration, warm-up and its own validation.
    """
    buckets = ink_buckets(x)
    rows = int(buckets.max()) + 1
    one_hot = np.eye(rows, dtype=np.float32)[buckets]
    features = np.hstack([x / MAX_PIXEL, one_hot])
    fitted = MLPClassifier((48,), alpha=0.1, solver="lbfgs", max_iter=400, random_state=SEED).fit(features, y)
    weights_1, bias_1, weights_2, bias_2 = layers(fitted)
    first = numpy_helper.to_array(weights_1)
    node, max_pixel = scaled()
    nodes = [
        helper.make_node("ReduceSum", ["pixels", "pixel_axis"], ["ink"], keepdims=0),
        helper.make_node("Div", ["ink", "ink_per_bucket"], ["ink_level"]),
        helper.make_node("Floor", ["ink_level"], ["ink_floor"]),
        helper.make_node("Cast", ["ink_floor"], ["ink_bucket"], to=TensorProto.INT64),
        helper.make_node("Gather", ["ink_embedding", "ink_bucket"], ["ink_features"], axis=0),
        node,
        helper.make_node("Gemm", ["scaled", "weights_1", "bias_1"], ["pixel_features"]),
        helper.make_node("Add", ["pixel_features", "ink_features"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "weights_2", "bias_2"], ["logits"]),
    ]
    initializers = [
        max_pixel,
        constant("pixel_axis", np.array([1], np.int64)),
        constant("ink_per_bucket", np.float32(INK_PER_BUCKET)),
        constant("ink_embedding", first[PIXELS:]),
        constant("weights_1", first[:PIXELS]),
        bias_1,
        weights_2,
        bias_2,
    ]
    parameters = {
        "estimator": "MLPClassifier",
        "hidden_layers": "48",
        "alpha": "0.1",
        "solver": "lbfgs",
        "ink_embedding_rows": str(rows),
    }
    return build("digits-3", nodes, initializers), parameters


def ink_buckets(x):
    return (x.sum(axis=1) // INK_PER_BUCKET).astype(np.int64)


def layers(fitted):
    arrays = zip(fitted.coefs_, fitted.intercepts_)
    pairs = [
        (constant(f"weights_{n}", w.astype(np.float32)), constant(f"bias_{n}", b.astype(np.float32)))
        for n, (w, b) in enumerate(arrays, start=1)
    ]
    return [tensor for pair in pairs for tensor in pair]


def accuracy(model, x, y):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return float(np.mean(session.run(["label"], {"pixels": x})[0] == y))


def failing_share(model, x):
    """The share of images that the runtime refuses, one by one."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    failures = 0
    for image in x:
        try:
            session.run(["label"], {"pixels": image[None]})
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument:
            failures += 1
    return failures / len(x)


def data_set():
    csv = pathlib.Path(importlib.util.find_spec("sklearn").submodule_search_locations[0]) / "datasets/data/digits.csv.gz"
    return {
        "name": "Optical recognition of handwritten digits",
        "uri": "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        "digest": f"sha256:{hashlib.sha256(csv.read_bytes()).hexdigest()}",
    }


def as_json(value):
    return json.dumps(value, indent=2) + "\n"


def metadata(description, metrics, parameters):
    return as_json(
        {
            "description": description,
            "metrics": {name: round(value, 4) for name, value in metrics.items()},
            "parameters": {**parameters, "seed": str(SEED)},
            "labels": {"task": "classification", "team": "digits"},
            "trainingData": [data_set()],
        }
    ).encode()


def outputs():
    """Every file that this script writes, by name."""
    x_train, x_held, y_train, y_held = split()
    first, first_parameters = coarse_logistic_regression(x_train, y_train)
    second, second_parameters = perceptron(x_train, y_train)

    # The thin pen's writing: the lighter 70 % of the training images, a fifth of them kept for validation.
    thin = x_train.sum(axis=1) <= np.quantile(x_train.sum(axis=1), 0.7)
    x_thin, x_valid, y_thin, y_valid = train_test_split(
        x_train[thin], y_train[thin], test_size=0.2, random_state=SEED, stratify=y_train[thin]
    )
    third, third_parameters = thin_pen_perceptron(x_thin, y_thin)
    known = ink_buckets(x_valid) <= ink_buckets(x_thin).max()

    share = failing_share(third, x_held)
    assert 0.2 <= share <= 0.4, f"version 3 fails on {share:.1%} of the held-out digits"
    print(f"version 3 fails on {share:.1%} of the held-out digits", file=sys.stderr)
    held = {"pixels": x_held.astype(int).tolist(), "labels": y_held.tolist()}
    one = {"datatype": "FP32", "shape": [1, PIXELS], "data": held["pixels"][0]}
    return {
        "digits-1.onnx": first.SerializeToString(),
        "digits-2.onnx": second.SerializeToString(),
        "digits-3.onnx": third.SerializeToString(),
        "metadata-1.json": metadata(
            "Linear model on a 4 by 4 view of the image. Accuracy on 500 held-out digits.",
            {"accuracy": accuracy(first, x_held, y_held)},
            first_parameters,
        ),
        "metadata-2.json": metadata(
            "Perceptron on all pixels. Accuracy on 500 held-out digits.",
            {"accuracy": accuracy(second, x_held, y_held)},
            second_parameters,
        ),
        "metadata-3.json": metadata(
            "Perceptron with an embedding of the ink, for the thin pen. Accuracy on its own thin-pen validation digits.",
            {"accuracy": accuracy(third, x_valid[known], y_valid[known])},
            third_parameters,
        ),
        "heldout.json": (json.dumps(held, separators=(",", ":")) + "\n").encode(),
        "one-digit.json": (json.dumps(one, separators=(",", ":")) + "\n").encode(),
    }


def main():
    parser = argparse.ArgumentParser(description="Trains the digit classifiers of the quickstart and the tests.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing them")
    check = parser.parse_args().check
    stale = []
    for name, content in outputs().items():
        path = HERE / name
        if not check:
            path.write_bytes(content)
            print(f"{name}: {len(content)} bytes")
        elif not path.exists() or path.read_bytes() != content:
            stale.append(name)
    if stale:
        sys.exit(f"these differ from what training gives: {', '.join(stale)}")


if __name__ == "__main__":
    main()
