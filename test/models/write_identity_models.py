"""Writes models that give back what they get, one for each datatype, and Triton's `simple` (sum and difference of INT32).

    python write_identity_models.py <folder>
"""

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

ELEMENT_TYPES = {
    "bool": TensorProto.BOOL,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "fp16": TensorProto.FLOAT16,
    "fp32": TensorProto.FLOAT,
    "fp64": TensorProto.DOUBLE,
    "bytes": TensorProto.STRING,
    "bf16": TensorProto.BFLOAT16,
}


def save(path, nodes, inputs, outputs):
    graph = helper.make_graph(nodes, path.stem, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


folder = Path(sys.argv[1])
for name, element_type in ELEMENT_TYPES.items():
    tensor = lambda tensor_name: helper.make_tensor_value_info(tensor_name, element_type, ["batch", "width"])
    node = helper.make_node("Identity", ["given"], ["same"])
    save(folder / f"identity-{name}.onnx", [node], [tensor("given")], [tensor("same")])

int32 = lambda name: helper.make_tensor_value_info(name, TensorProto.INT32, [1, 16])
save(
    folder / "simple.onnx",
    [helper.make_node("Add", ["INPUT0", "INPUT1"], ["OUTPUT0"]), helper.make_node("Sub", ["INPUT0", "INPUT1"], ["OUTPUT1"])],
    [int32("INPUT0"), int32("INPUT1")],
    [int32("OUTPUT0"), int32("OUTPUT1")],
)
