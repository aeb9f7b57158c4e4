"""Sends every datatype to models that give back what they get, with NVIDIA's clients. Prints a line of JSON per check.

    python datatypes_check.py <http host:port> <grpc host:port>
"""

import asyncio
import json
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

http_address, grpc_address = sys.argv[1:]
failures = 0


def check(name, passed, detail=""):
    global failures
    failures += not passed
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(detail)}))


def limits(dtype):
    info = np.iinfo(dtype)
    return np.array([[info.min, info.max, 0], [1, 2, 3]], dtype=dtype)


def floats(dtype):
    return np.array([[np.finfo(dtype).max, -0.0, 1.5], [np.finfo(dtype).tiny, -2, 0.1]], dtype=dtype)


VALUES = {
    "bool": np.array([[True, False, True]]),
    **{name: limits(name) for name in ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")},
    "fp16": floats(np.float16),
    "fp32": floats(np.float32),
    "fp64": floats(np.float64),
    "bytes": np.array([["text", "grün €", ""], ["a" * 1000, "\n", "\\"]], dtype=object),
}


def as_bytes(value):
    # What came as JSON is text, what came as binary data is bytes.
    return value if isinstance(value, bytes) else str(value).encode()


def same(given, got):
    if got is None or got.shape != given.shape:
        return False
    if given.dtype == object:
        return [text.encode() for text in given.flat] == [as_bytes(value) for value in got.flat]
    return np.array_equal(given, got)


def request(module, array, **form):
    tensor = module.InferInput("given", list(array.shape), np_to_triton_dtype(array.dtype))
    tensor.set_data_from_numpy(array, **form)
    return [tensor], [module.InferRequestedOutput("same", **form)]


def attempt(name, act, values):
    try:
        got = act().as_numpy("same")
        check(name, same(values, got), got)
    except InferenceServerException as error:
        check(name, False, error)


for name, values in VALUES.items():
    model = f"identity-{name}"
    with httpclient.InferenceServerClient(http_address) as client:
        inputs, outputs = request(httpclient, values)
        attempt(f"{name} http binary", lambda: client.infer(model, inputs, outputs=outputs), values)
        attempt(f"{name} http binary, all outputs", lambda: client.infer(model, inputs), values)
        # The client itself refuses FP16 in JSON.
        if name != "fp16":
            inputs, outputs = request(httpclient, values, binary_data=False)
            attempt(f"{name} http json", lambda: client.infer(model, inputs, outputs=outputs), values)
        handle = client.async_infer(model, request(httpclient, values)[0])
        attempt(f"{name} http async", handle.get_result, values)
    with grpcclient.InferenceServerClient(grpc_address) as client:
        inputs, outputs = request(grpcclient, values)
        attempt(f"{name} grpc", lambda: client.infer(model, inputs, outputs=outputs), values)


async def exercise_aio():
    values = VALUES["fp32"]
    async with httpaio.InferenceServerClient(http_address) as client:
        inputs, outputs = request(httpclient, values)
        got = await client.infer("identity-fp32", inputs, outputs=outputs)
        check("http aio", same(values, got.as_numpy("same")))
    async with grpcaio.InferenceServerClient(grpc_address) as client:
        inputs, outputs = request(grpcclient, values)
        got = await client.infer("identity-fp32", inputs, outputs=outputs)
        check("grpc aio", same(values, got.as_numpy("same")))


asyncio.run(exercise_aio())


with httpclient.InferenceServerClient(http_address) as client:
    first, second = np.arange(16, dtype=np.int32).reshape(1, 16), np.ones((1, 16), dtype=np.int32)
    inputs = [httpclient.InferInput(name, [1, 16], "INT32") for name in ("INPUT0", "INPUT1")]
    # One of the two in JSON, the other as binary data.
    inputs[0].set_data_from_numpy(first, binary_data=True)
    inputs[1].set_data_from_numpy(second, binary_data=False)
    outputs = [
        httpclient.InferRequestedOutput("OUTPUT0", binary_data=True),
        httpclient.InferRequestedOutput("OUTPUT1", binary_data=False),
    ]
    got = client.infer("simple", inputs, outputs=outputs)
    check("simple, mixed forms", same(first + second, got.as_numpy("OUTPUT0")) and same(first - second, got.as_numpy("OUTPUT1")))

sys.exit(1 if failures else 0)
