"""Checks a gateway with the clients of KServe's SDK. Prints a line of JSON per check.

    python kserve_clients_check.py <http address> <grpc host:port>
"""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

http_address, grpc_address = sys.argv[1:]
failures = 0

FIRST, SECOND = np.arange(16, dtype=np.int32).reshape(1, 16), np.ones((1, 16), dtype=np.int32)
TEXTS = np.array([["grün €", "", "a" * 1000]], dtype=object)


def check(name, passed, detail=""):
    global failures
    failures += not passed
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(detail)}))


def simple_request(**form):
    inputs = [InferInput(name, [1, 16], "INT32") for name in ("INPUT0", "INPUT1")]
    for tensor, array in zip(inputs, (FIRST, SECOND)):
        tensor.set_data_from_numpy(array, **form)
    return InferRequest("simple", inputs, request_id="r-1")


def text_request(**form):
    tensor = InferInput("given", list(TEXTS.shape), "BYTES")
    tensor.set_data_from_numpy(TEXTS, **form)
    return InferRequest("identity-bytes", [tensor])


def is_simple(answer):
    outputs = {output.name: output.as_numpy() for output in answer.outputs}
    return np.array_equal(outputs["OUTPUT0"], FIRST + SECOND) and np.array_equal(outputs["OUTPUT1"], FIRST - SECOND)


def is_text(answer):
    got = [value if isinstance(value, bytes) else str(value).encode() for value in answer.outputs[0].as_numpy().flat]
    return got == [text.encode() for text in TEXTS.flat]


async def attempt(name, call, accept):
    try:
        answer = await call
        check(name, accept(answer), answer)
    except Exception as error:
        check(name, False, repr(error))


async def refused(name, call, part):
    try:
        check(name, False, f"it was accepted: {await call}")
    except Exception as error:
        check(name, part in str(error) or part in str(getattr(error, "details", lambda: "")()), repr(error))


async def exercise_rest():
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    infer = lambda request: client.infer(http_address, request, model_name=request.model_name)
    await attempt("rest: live", client.is_server_live(http_address), lambda live: live is True)
    await attempt("rest: ready", client.is_server_ready(http_address), lambda ready: ready is True)
    await attempt("rest: model ready", client.is_model_ready(http_address, "simple"), lambda ready: ready is True)
    for kind, form in (("json", {"binary_data": False}), ("binary", {"binary_data": True})):
        await attempt(f"rest {kind}: inference", infer(simple_request(**form)), is_simple)
        await attempt(f"rest {kind}: text", infer(text_request(**form)), is_text)
    await attempt("rest: the id comes back", infer(simple_request()), lambda answer: answer.id == "r-1")
    unknown = simple_request()
    unknown.model_name = "nobody"
    await refused("rest: unknown model", infer(unknown), "404")
    await client.close()


async def exercise_grpc():
    client = InferenceGRPCClient(url=grpc_address, retries=0)
    await attempt("grpc: live", client.is_server_live(), lambda live: live is True)
    await attempt("grpc: ready", client.is_server_ready(), lambda ready: ready is True)
    await attempt("grpc: model ready", client.is_model_ready("simple"), lambda ready: ready is True)
    # Raw contents and typed ones.
    for kind, form in (("raw", {"binary_data": True}), ("typed", {"binary_data": False})):
        await attempt(f"grpc {kind}: inference", client.infer(simple_request(**form)), is_simple)
        await attempt(f"grpc {kind}: text", client.infer(text_request(**form)), is_text)
    unknown = simple_request()
    unknown.model_name = "nobody"
    await refused("grpc: unknown model", client.infer(unknown), "no deployment serves")
    await client.close()


asyncio.run(exercise_rest())
asyncio.run(exercise_grpc())
sys.exit(1 if failures else 0)
