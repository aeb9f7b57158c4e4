"""MLServer with ONNX Runtime, as a custom inference runtime: MLServer has none for ONNX.

    python mlserver_peer.py <folder for its settings> <REST port> <gRPC port> <metrics port>

Adaptive batching is on, with a wait that does not cost a lone client (0.1 ms; 1 ms costs more requests/s than it gains). The
inference pool is off, as https://docs.seldon.ai/mlserver/user-guide/parallel-inference says for a single core: one process takes
the requests and runs the models.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from onnx_session import MAX_BATCH_SIZE, MODEL_FILES, OnnxSession

BATCH_WAIT_SECONDS = 0.0001


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self.onnx = OnnxSession(MODEL_FILES[self.name])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feed = {}
        for given in payload.inputs:
            feed[given.name] = np.asarray(NumpyCodec.decode_input(given), self.onnx.inputs[given.name])
        outputs = [NumpyCodec.encode_output(name, array) for name, array in self.onnx.run(feed).items()]
        return InferenceResponse(model_name=self.name, outputs=outputs)


def write_settings(folder, rest_port, grpc_port, metrics_port):
    settings = {
        "host": "127.0.0.1",
        "http_port": int(rest_port),
        "grpc_port": int(grpc_port),
        "metrics_port": int(metrics_port),
        "parallel_workers": 0,
        # Without it every request is logged.
        "debug": False,
        "logging_settings": {"version": 1, "root": {"level": "WARNING"}},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    for model in MODEL_FILES:
        batching = {"max_batch_size": MAX_BATCH_SIZE, "max_batch_time": BATCH_WAIT_SECONDS}
        (folder / model).mkdir()
        description = {"name": model, "implementation": "mlserver_peer.OnnxModel", **batching}
        (folder / model / "model-settings.json").write_text(json.dumps(description))


if __name__ == "__main__":
    write_settings(Path(sys.argv[1]), *sys.argv[2:])
    os.chdir(sys.argv[1])
    os.execv(str(Path(sys.executable).parent / "mlserver"), ["mlserver", "start", "."])
