"""Writes accumulator.onnx beside this file: a model with state.

`sum` is what the rows of `value` add up to over the runs of a sequence; `state` holds it from one run to the next. The model also
tells what it was told: `flags` is 1 for the first run, 2 for the last and 3 for one that is both.

    python write_accumulator.py
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

rows = lambda name, element_type=TensorProto.INT32: helper.make_tensor_value_info(name, element_type, ["rows", 1])
graph = helper.make_graph(
    [
        helper.make_node("Add", ["value", "before"], ["sum"]),
        helper.make_node("Identity", ["sum"], ["state"]),
        helper.make_node("Cast", ["ends"], ["ends_as_number"], to=TensorProto.INT32),
        helper.make_node("Add", ["ends_as_number", "ends_as_number"], ["twice_ends"]),
        helper.make_node("Add", ["begins", "twice_ends"], ["flags"]),
    ],
    "accumulator",
    [rows("value"), rows("before"), rows("begins"), rows("ends", TensorProto.BOOL)],
    [rows("sum"), rows("state"), rows("flags")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, Path(__file__).with_name("accumulator.onnx"))
