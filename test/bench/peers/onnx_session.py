"""What every peer shares: its models, opened alike, and arrays of the right type.

The environment says what to serve: `BENCH_MODELS`, a JSON object of names and files; `BENCH_WORKERS`, how many processes may run
models, one for each core; and `BENCH_MAX_BATCH_SIZE`.
"""

import json
import os

import numpy as np
import onnxruntime as ort

DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}
MODEL_FILES = json.loads(os.environ["BENCH_MODELS"])
WORKERS = int(os.environ["BENCH_WORKERS"])
MAX_BATCH_SIZE = int(os.environ["BENCH_MAX_BATCH_SIZE"])


class OnnxSession:
    """A session with one thread: there are as many workers as cores."""

    def __init__(self, path):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        inputs = self.session.get_inputs()
        self.inputs = {given.name: DTYPES[given.type] for given in inputs}
        self.shapes = {given.name: [size if isinstance(size, int) else -1 for size in given.shape] for given in inputs}
        self.outputs = [output.name for output in self.session.get_outputs()]

    def from_lists(self, body):
        """Arrays from a JSON object of input names and nested lists."""
        return {name: np.array(body[name], dtype) for name, dtype in self.inputs.items()}

    def from_bytes(self, body):
        """Arrays over the bytes of the inputs, one after the other, each of the same number of rows of a fixed size."""
        feed, at = {}, 0
        rows = len(body) // sum(self.row_bytes(name) for name in self.inputs)
        for name, dtype in self.inputs.items():
            length = rows * self.row_bytes(name)
            feed[name] = np.frombuffer(body, dtype, length // np.dtype(dtype).itemsize, at).reshape(self.shapes[name])
            at += length
        return feed

    def row_bytes(self, name):
        return int(np.prod(self.shapes[name][1:])) * np.dtype(self.inputs[name]).itemsize

    def run(self, feed):
        """Arrays by output name."""
        return dict(zip(self.outputs, self.session.run(None, feed)))

    def run_batch(self, feeds):
        """One run for many requests, each with rows of its own. Answers as many dictionaries.

        Texts of different lengths are padded to the longest with zeros, which their attention masks leave out.
        """
        if len(feeds) == 1:
            return [self.run(feeds[0])]
        merged = self.run({name: concatenate([feed[name] for feed in feeds]) for name in self.inputs})
        ends = np.cumsum([len(next(iter(feed.values()))) for feed in feeds])[:-1]
        parts = {name: np.split(array, ends) for name, array in merged.items()}
        return [{name: parts[name][index] for name in self.outputs} for index in range(len(feeds))]


def concatenate(arrays):
    longest = max(array.shape[1] for array in arrays)
    padded = [array if array.shape[1] == longest else np.pad(array, ((0, 0), (0, longest - array.shape[1]))) for array in arrays]
    return np.concatenate(padded)


def open_sessions():
    return {name: OnnxSession(path) for name, path in MODEL_FILES.items()}
