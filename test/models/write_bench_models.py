"""Writes the models of the gateway's benchmarks: real architectures with random weights, the same ones on every machine.

    python write_bench_models.py <folder> [model …]

Without names it writes all of them. The first axis of every input and output is `batch`, so that servers may batch. Every model is run once, with two rows, before its
file gets its name.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(sys.argv[1])
OPSET = 17
# Large enough that no text's words share an embedding by chance alone, small enough to keep the file near 340 MB.
VOCABULARY = 2000
LONGEST_TEXT = 512


class Graph:
    """Nodes and weights in the making; every method answers the name of the tensor that it adds."""

    def __init__(self, seed):
        self.nodes, self.weights, self.names = [], [], 0
        self.random = np.random.default_rng(seed)

    def weight(self, *shape, scale=None):
        # He's initialisation: it keeps activations of any depth near 1.
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        scale = np.sqrt(2 / fan_in) if scale is None else scale
        return self.constant(self.random.standard_normal(shape, dtype=np.float32) * np.float32(scale))

    def constant(self, array):
        name = self.new_name("w")
        self.weights.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def new_name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def add(self, operator, *inputs, output=None, **attributes):
        name = output or self.new_name("t")
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def linear(self, x, width_in, width_out, output=None):
        product = self.add("MatMul", x, self.weight(width_in, width_out))
        return self.add("Add", product, self.constant(np.zeros(width_out, np.float32)), output=output)

    def save(self, name, inputs, outputs):
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        partial = FOLDER / f"{name}.partial"
        onnx.save(model, partial)
        run_once(partial)
        partial.rename(FOLDER / f"{name}.onnx")


def tensor(name, *shape, element_type=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element_type, ["batch", *shape])


def run_once(path):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    feed = {}
    for given in session.get_inputs():
        shape = [{"batch": 2, "seq": 12}.get(size, size) for size in given.shape]
        dtype = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}[given.type]
        feed[given.name] = np.ones(shape, dtype)
    for output in session.run(None, feed):
        assert output.shape[0] == 2 and np.isfinite(output).all(), (path, output)


def write_simple():
    """Triton's `simple`: sum and difference of two rows of 16 INT32."""
    graph = Graph(0)
    graph.add("Add", "INPUT0", "INPUT1", output="OUTPUT0")
    graph.add("Sub", "INPUT0", "INPUT1", output="OUTPUT1")
    row = lambda name: tensor(name, 16, element_type=TensorProto.INT32)
    graph.save("simple", [row("INPUT0"), row("INPUT1")], [row("OUTPUT0"), row("OUTPUT1")])


def write_mlp(widths):
    graph = Graph(widths[0])
    x = "input"
    for layer, (width_in, width_out) in enumerate(zip(widths, widths[1:])):
        is_last = layer == len(widths) - 2
        x = graph.linear(x, width_in, width_out, output="output" if is_last else None)
        if not is_last:
            x = graph.add("Relu", x)
    graph.save(f"mlp-{widths[0]}", [tensor("input", widths[0])], [tensor("output", widths[-1])])


def write_resnet50(name, seed):
    """ResNet-50 (He et al. 2015, table 1): bottlenecks of 3-4-6-3. Normalisation is folded into the convolutions, as exporters do."""
    graph = Graph(seed)

    def convolve(x, channels_in, channels_out, size, stride=1, scale=1.0):
        weight = graph.weight(channels_out, channels_in, size, size, scale=scale * np.sqrt(2 / (channels_in * size * size)))
        bias = graph.constant(np.zeros(channels_out, np.float32))
        return graph.add("Conv", x, weight, bias, strides=[stride] * 2, pads=[size // 2] * 4, kernel_shape=[size] * 2)

    x = graph.add("Relu", convolve("input", 3, 64, 7, stride=2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        inner, outer = 64 << stage, 256 << stage
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            y = graph.add("Relu", convolve(x, channels, inner, 1))
            y = graph.add("Relu", convolve(y, inner, inner, 3, stride))
            # A small last convolution keeps the sum of 16 residuals near 1.
            y = convolve(y, inner, outer, 1, scale=0.25)
            shortcut = x if block > 0 else convolve(x, channels, outer, 1, stride)
            x = graph.add("Relu", graph.add("Add", y, shortcut))
            channels = outer
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    graph.linear(x, channels, 1000, output="logits")
    graph.save(name, [tensor("input", 3, 224, 224)], [tensor("logits", 1000)])


def write_bert_base():
    """BERT-base (Devlin et al. 2018) but for its vocabulary: 12 layers, hidden 768, 12 heads, FFN 3072, the first token pooled."""
    hidden, heads, inner, layers = 768, 12, 3072, 12
    graph = Graph(768)
    embedding = lambda rows: graph.weight(rows, hidden, scale=0.02)
    ints = lambda *values: graph.constant(np.array(values, np.int64))
    number = lambda value: graph.constant(np.array(value, np.float32))

    def project(x, width_in, width_out):
        product = graph.add("MatMul", x, graph.weight(width_in, width_out, scale=0.02))
        return graph.add("Add", product, graph.constant(np.zeros(width_out, np.float32)))

    def normalise(x):
        scale, bias = np.ones(hidden, np.float32), np.zeros(hidden, np.float32)
        return graph.add("LayerNormalization", x, graph.constant(scale), graph.constant(bias), axis=-1, epsilon=1e-12)

    def split_heads(x, order):
        return graph.add("Transpose", graph.add("Reshape", x, ints(0, 0, heads, hidden // heads)), perm=order)

    def gelu(x):
        inner_part = graph.add("Erf", graph.add("Div", x, number(np.sqrt(2))))
        product = graph.add("Mul", x, graph.add("Add", inner_part, number(1)))
        return graph.add("Mul", product, number(0.5))

    length = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant(np.array(1, np.int64)))
    positions = graph.add("Range", graph.constant(np.array(0, np.int64)), length, graph.constant(np.array(1, np.int64)))
    words = graph.add("Gather", embedding(VOCABULARY), "input_ids")
    x = normalise(graph.add("Add", words, graph.add("Gather", embedding(LONGEST_TEXT), positions)))
    mask = graph.add("Cast", graph.add("Unsqueeze", "attention_mask", ints(1, 2)), to=TensorProto.FLOAT)
    # What is masked gets a score that the softmax turns into nothing.
    bias = graph.add("Mul", graph.add("Sub", number(1), mask), number(-10000))
    for _ in range(layers):
        query = split_heads(project(x, hidden, hidden), [0, 2, 1, 3])
        key = split_heads(project(x, hidden, hidden), [0, 2, 3, 1])
        value = split_heads(project(x, hidden, hidden), [0, 2, 1, 3])
        scores = graph.add("Div", graph.add("MatMul", query, key), number(np.sqrt(hidden / heads)))
        attention = graph.add("Softmax", graph.add("Add", scores, bias), axis=-1)
        context = graph.add("Transpose", graph.add("MatMul", attention, value), perm=[0, 2, 1, 3])
        x = normalise(graph.add("Add", x, project(graph.add("Reshape", context, ints(0, 0, hidden)), hidden, hidden)))
        x = normalise(graph.add("Add", x, project(gelu(project(x, hidden, inner)), inner, hidden)))
    first = graph.add("Gather", x, graph.constant(np.array(0, np.int64)), axis=1)
    graph.add("Tanh", project(first, hidden, hidden), output="pooled")
    ids = lambda name: tensor(name, "seq", element_type=TensorProto.INT64)
    graph.save("bert-base", [ids("input_ids"), ids("attention_mask")], [tensor("pooled", hidden)])


WRITERS = {
    "simple": write_simple,
    "mlp-4": lambda: write_mlp([4, 16, 3]),
    "mlp-784": lambda: write_mlp([784, 512, 512, 10]),
    "resnet50": lambda: write_resnet50("resnet50", 50),
    # Other weights, for swaps from one version to the next.
    "resnet50-next": lambda: write_resnet50("resnet50-next", 51),
    "bert-base": write_bert_base,
}
for wanted in sys.argv[2:] or WRITERS:
    WRITERS[wanted]()
