"""Writes models that take a gateway to its limits.

    python write_fault_models.py <folder>

loop      runs as often as its input says; 2^62 times is for ever
endless   does so whatever its input is, in the warm-up too
balloon   makes a tensor of as many elements as its input says
tile      gives back its row 4096 times
deadly    gives its row back, and ends its process at INT32's smallest number: -1 divides it into more than an INT32 holds, which the
          division of ONNX Runtime's Mod does not look for, and x86 processors trap
wider     says that it gives back rows as wide as it gets, and gives them back twice as wide
work      about 900 million multiplications a row, small inputs and outputs
"""

import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOREVER = 2**62
CHANNELS, SIDE, LAYERS = 64, 64, 6


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / f"{name}.onnx")


def int64(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def fp32(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def constant(name, value):
    return numpy_helper.from_array(numpy.array(value), name)


def counting_loop(name, trips, initializers):
    """Counts its trips."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["goes_on"]), helper.make_node("Add", ["so_far", "one"], ["more"])],
        "body",
        [int64("trip", []), helper.make_tensor_value_info("going", TensorProto.BOOL, []), int64("so_far", [1])],
        [helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []), int64("more", [1])],
        initializer=[constant("one", numpy.array([1], numpy.int64))],
    )
    nodes = [
        helper.make_node("Reshape", [trips, "scalar"], ["bound"]),
        helper.make_node("Loop", ["bound", "", "zero"], ["count"], body=body),
    ]
    shared = [constant("scalar", numpy.array([], numpy.int64)), constant("zero", numpy.array([0], numpy.int64))]
    save(name, nodes, [int64("trips", [1])], [int64("count", [1])], [*initializers, *shared])


folder = Path(sys.argv[1])
counting_loop("loop", "trips", [])
counting_loop("endless", "always", [constant("always", numpy.array([FOREVER], numpy.int64))])
save(
    "balloon",
    [
        helper.make_node("Expand", ["one", "elements"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
    ],
    [int64("elements", [1])],
    [fp32("sum", [])],
    [constant("one", numpy.array([1], numpy.float32))],
)
save(
    "tile",
    [helper.make_node("Tile", ["given", "times"], ["many"])],
    [fp32("given", ["batch", "width"])],
    [fp32("many", ["batch", "wider"])],
    [constant("times", numpy.array([1, 4096], numpy.int64))],
)
int32 = lambda name: helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "width"])
save(
    "deadly",
    [helper.make_node("Mod", ["given", "divisor"], ["rest"]), helper.make_node("Add", ["given", "rest"], ["same"])],
    [int32("given")],
    [int32("same")],
    [constant("divisor", numpy.array([-1], numpy.int32))],
)
save(
    "wider",
    [helper.make_node("Tile", ["given", "times"], ["same"])],
    [fp32("given", ["batch", "width"])],
    [fp32("same", ["batch", "width"])],
    [constant("times", numpy.array([1, 2], numpy.int64))],
)
random = numpy.random.default_rng(1)
weights = random.normal(0, 0.04, (LAYERS, CHANNELS, CHANNELS, 3, 3)).astype(numpy.float32)
layers = [
    node
    for layer in range(LAYERS)
    for node in (
        helper.make_node("Conv", [f"image{layer}", f"weights{layer}"], [f"sums{layer}"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", [f"sums{layer}"], [f"image{layer + 1}"]),
    )
]
save(
    "work",
    [
        helper.make_node("Expand", ["seed", "sizes"], ["image0"]),
        *layers,
        helper.make_node("GlobalAveragePool", [f"image{LAYERS}"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
    ],
    [fp32("seed", ["batch", CHANNELS, 1, 1])],
    [fp32("features", ["batch", CHANNELS])],
    [
        constant("sizes", numpy.array([1, 1, SIDE, SIDE], numpy.int64)),
        *(constant(f"weights{layer}", weights[layer]) for layer in range(LAYERS)),
    ],
)
