"""Ray Serve with ONNX Runtime: one application per model, replicas as cores, `@serve.batch`.

    python rayserve_peer.py <port>

Set up as https://docs.ray.io/en/latest/serve/advanced-guides/performance.html recommends for throughput: HAProxy as the ingress
(`RAY_SERVE_ENABLE_HA_PROXY=1`, 20 times the requests/s of the proxy in Python here) and `RAY_SERVE_THROUGHPUT_OPTIMIZED=1`.
"""

import asyncio
import sys

import orjson
import ray
from onnx_session import MAX_BATCH_SIZE, MODEL_FILES, WORKERS, OnnxSession
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

BATCH_WAIT_SECONDS = 0.002
# A line of log per request, in the proxy and again in the replica, is left out, as it is for every other server here.
LOGGING = {"enable_access_log": False, "log_level": "WARNING"}
# Ray's cores are logical: nothing here reserves more than those that the whole server is pinned to.
REPLICA = {"num_replicas": WORKERS, "max_ongoing_requests": 4 * MAX_BATCH_SIZE, "ray_actor_options": {"num_cpus": 0}}


@serve.deployment(logging_config=LOGGING, **REPLICA)
class Model:
    def __init__(self, path):
        self.onnx = OnnxSession(path)

    @serve.batch(max_batch_size=MAX_BATCH_SIZE, batch_wait_timeout_s=BATCH_WAIT_SECONDS)
    async def run(self, feeds):
        return self.onnx.run_batch(feeds)

    async def __call__(self, request: Request):
        body = await request.body()
        if request.headers["content-type"] == "application/octet-stream":
            outputs = await self.run(self.onnx.from_bytes(body))
            return Response(b"".join(array.tobytes() for array in outputs.values()), media_type="application/octet-stream")
        outputs = await self.run(self.onnx.from_lists(orjson.loads(body)))
        return Response(orjson.dumps(outputs, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


async def wait_for_ever():
    await asyncio.Event().wait()


if __name__ == "__main__":
    ray.init(include_dashboard=False, num_cpus=2, object_store_memory=200 << 20, log_to_driver=False, configure_logging=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])}, logging_config=LOGGING)
    for name, path in MODEL_FILES.items():
        serve.run(Model.bind(path), name=name, route_prefix=f"/{name}")
    asyncio.run(wait_for_ever())
