"""The floor: ONNX Runtime in a bare loop, with one thread and nothing around it.

    python runtime_loop.py <model file> <rows per run> <seconds> <seq> → runs/s

Every run has the same inputs, which is how the servers are measured, too.
"""

import sys
import time

import numpy as np
import onnxruntime as ort

path, rows, seconds, length = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
dtypes = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}
feed = {}
for given in session.get_inputs():
    shape = [{"batch": rows, "seq": length}.get(size, size) for size in given.shape]
    feed[given.name] = np.ones(shape, dtypes[given.type])
names = [output.name for output in session.get_outputs()]


def runs_per_second(limit):
    runs, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < limit:
        session.run(names, feed)
        runs += 1
    return runs / took


runs_per_second(min(1, seconds))
print(runs_per_second(seconds))
