"""LitServe with ONNX Runtime: one LitAPI per model, batching by its `max_batch_size` and `batch_timeout`.

    python litserve_peer.py <port>

Workers as cores, as its reference says for CPUs, and `fast_queue`, which it recommends from 100 requests/s on.
"""

import sys

import litserve
from onnx_session import MAX_BATCH_SIZE, MODEL_FILES, WORKERS, OnnxSession

# 0 would make the worker poll without rest while nothing comes, on the core that the HTTP server needs.
BATCH_TIMEOUT_SECONDS = 0.002
# Their runs take less time than the batcher's own work: 10 % more requests/s without it.
UNBATCHED = {"simple", "mlp-4"}


class OnnxApi(litserve.LitAPI):
    def __init__(self, model, **batching):
        super().__init__(api_path=f"/{model}", **batching)
        self.path = MODEL_FILES[model]

    def setup(self, device):
        self.onnx = OnnxSession(self.path)

    def decode_request(self, request):
        return self.onnx.from_lists(request)

    def predict(self, feed):
        return self.onnx.run(feed)

    def encode_response(self, output):
        return {name: array.tolist() for name, array in output.items()}


class BatchedOnnxApi(OnnxApi):
    def __init__(self, model):
        super().__init__(model, max_batch_size=MAX_BATCH_SIZE, batch_timeout=BATCH_TIMEOUT_SECONDS)

    def batch(self, inputs):
        return inputs

    def predict(self, feeds):
        return self.onnx.run_batch(feeds)

    def unbatch(self, outputs):
        return outputs


if __name__ == "__main__":
    apis = [(OnnxApi if model in UNBATCHED else BatchedOnnxApi)(model) for model in MODEL_FILES]
    server = litserve.LitServer(apis, accelerator="cpu", workers_per_device=WORKERS, fast_queue=True, timeout=False)
    options = {"http": "httptools", "loop": "uvloop", "access_log": False, "generate_client_file": False}
    server.run(host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=WORKERS, log_level="warning", **options)
