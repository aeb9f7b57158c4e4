"""Checks what a gateway answers to NVIDIA's clients beyond inference. Prints a line of JSON per check.

    python triton_protocol_check.py <http host:port> <grpc host:port>
"""

import asyncio
import json
import queue
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from google.protobuf import json_format
from tritonclient.utils import InferenceServerException

http_address, grpc_address = sys.argv[1:]
failures = 0


def check(name, passed, detail=""):
    global failures
    failures += not passed
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(detail)}))


def attempt(name, act, accept=lambda answer: True):
    try:
        answer = act()
        check(name, accept(answer), answer)
        return answer
    except InferenceServerException as error:
        check(name, False, error)


def refused(name, act, *parts, status=None):
    try:
        answer = act()
        check(name, False, f"it was accepted: {answer}")
    except InferenceServerException as error:
        text = str(error)
        check(name, all(part in text for part in parts) and (status is None or status in str(error.status())), text)


def as_dict(answer):
    """The REST form of an answer, whichever client gave it."""
    return answer if isinstance(answer, (dict, list)) else json_format.MessageToDict(answer, preserving_proto_field_name=True)


def simple_inputs(module, first, second):
    inputs = [module.InferInput(name, [1, 16], "INT32") for name in ("INPUT0", "INPUT1")]
    inputs[0].set_data_from_numpy(first)
    inputs[1].set_data_from_numpy(second)
    return inputs


FIRST, SECOND = np.arange(16, dtype=np.int32).reshape(1, 16), np.ones((1, 16), dtype=np.int32)


def is_simple(answer):
    return np.array_equal(answer.as_numpy("OUTPUT0"), FIRST + SECOND) and np.array_equal(answer.as_numpy("OUTPUT1"), FIRST - SECOND)


def exercise(kind, module, address, is_http):
    client = module.InferenceServerClient(address)
    infer = lambda **options: client.infer("simple", simple_inputs(module, FIRST, SECOND), **options)

    check(f"{kind} live and ready", client.is_server_live() and client.is_server_ready() and client.is_model_ready("simple"))
    extensions = as_dict(client.get_server_metadata())["extensions"]
    check(f"{kind} extensions", {"binary_tensor_data", "model_configuration", "model_repository", "statistics"} <= set(extensions), extensions)
    metadata = as_dict(client.get_model_metadata("simple"))
    check(f"{kind} metadata has the protocol's platform", metadata["platform"] == "onnx_onnxv1", metadata)

    answer = as_dict(client.get_model_config("simple", "1"))
    config = answer if is_http else answer["config"]
    check(f"{kind} config: platform and backend", (config["platform"], config["backend"]) == ("onnxruntime_onnx", "onnxruntime"), config)
    tensors = [(tensor["name"], tensor["data_type"], [int(size) for size in tensor["dims"]]) for tensor in config["input"] + config["output"]]
    check(f"{kind} config: tensors", tensors[0] == ("INPUT0", "TYPE_INT32", [1, 16]) and len(tensors) == 4, config)
    refused(f"{kind} config of an unknown model", lambda: client.get_model_config("nobody"), "no deployment serves")

    def successes():
        stats = as_dict(client.get_inference_statistics("simple", "1"))["model_stats"]
        return int(stats[0]["inference_stats"]["success"].get("count", 0))

    before = successes()
    attempt(f"{kind} inference", infer, is_simple)
    check(f"{kind} statistics count it", successes() == before + 1)
    everything = as_dict(client.get_inference_statistics())["model_stats"]
    check(f"{kind} statistics of every model", len(everything) == 2, everything)
    refused(f"{kind} statistics of an unknown version", lambda: client.get_inference_statistics("simple", "7"), "does not serve version")

    index = as_dict(client.get_model_repository_index())
    entries = index if is_http else index["models"]
    check(f"{kind} repository index", [(entry["name"], entry["state"]) for entry in entries] == [("identity-bytes", "READY"), ("simple", "READY")], index)
    attempt(f"{kind} load of what is ready", lambda: client.load_model("simple"))
    refused(f"{kind} load of what nobody deployed", lambda: client.load_model("nobody"), "manifest in Git")
    refused(f"{kind} load with a configuration", lambda: client.load_model("simple", config="{}"), "config", "from the registry and from Git")
    refused(f"{kind} load with files", lambda: client.load_model("simple", config="{}", files={"file:1/model.onnx": b"x"}), "file:1/model.onnx")
    refused(f"{kind} unload", lambda: client.unload_model("simple"), "remove the manifest", status="409" if is_http else "FAILED_PRECONDITION")

    for shared in ("system", "cuda"):
        regions = as_dict(getattr(client, f"get_{shared}_shared_memory_status")())
        check(f"{kind} no {shared} shared memory", not (regions if is_http else regions.get("regions")), regions)
        attempt(f"{kind} unregister {shared} shared memory", getattr(client, f"unregister_{shared}_shared_memory"))
    unimplemented = "400" if is_http else "UNIMPLEMENTED"
    refused(f"{kind} register system shared memory", lambda: client.register_system_shared_memory("r", "/r", 64), "no system shared memory", status=unimplemented)
    refused(f"{kind} register cuda shared memory", lambda: client.register_cuda_shared_memory("r", b"aGFuZGxl", 0, 64), "no cuda shared memory", status=unimplemented)
    logging = as_dict(client.get_log_settings())
    check(f"{kind} log settings", "log_info" in (logging if is_http else logging["settings"]), logging)
    refused(f"{kind} change of log settings", lambda: client.update_log_settings({"log_verbose_level": 1}), "SLIPWAY_LOG_LEVEL", status=unimplemented)
    tracing = as_dict(client.get_trace_settings("simple"))
    check(f"{kind} trace settings", "OFF" in str(tracing), tracing)
    refused(f"{kind} change of trace settings", lambda: client.update_trace_settings("simple", {"trace_rate": "1"}), "does not trace", status=unimplemented)

    attempt(f"{kind} priority and timeout", lambda: infer(priority=2, timeout=5_000_000), is_simple)
    for sequence in (42, "session-1"):
        attempt(f"{kind} sequence {sequence}", lambda: infer(sequence_id=sequence, sequence_start=True, sequence_end=True), is_simple)
    refused(f"{kind} a timeout that has passed", lambda: infer(timeout=1), "did not answer within")
    wanted = [module.InferRequestedOutput("OUTPUT0", class_count=3)]
    refused(f"{kind} classification", lambda: infer(outputs=wanted), "no labels of classes", status=unimplemented)
    given = module.InferInput("INPUT0", [1, 16], "INT32")
    given.set_shared_memory("r", 64)
    refused(f"{kind} input in shared memory", lambda: client.infer("simple", [given]), "no shared memory", status=unimplemented)
    output = module.InferRequestedOutput("OUTPUT0")
    output.set_shared_memory("r", 64)
    refused(f"{kind} output in shared memory", lambda: infer(outputs=[output]), "no shared memory", status=unimplemented)

    if is_http:
        attempt(f"{kind} generate", lambda: json.loads(client._post("v2/models/simple/generate", json.dumps({"id": "g", "INPUT0": list(range(16)), "INPUT1": [1] * 16}), None, None).read()),
                lambda reply: reply["id"] == "g" and reply["OUTPUT0"] == (FIRST + SECOND).flatten().tolist())
    client.close()


exercise("http", httpclient, http_address, True)
exercise("grpc", grpcclient, grpc_address, False)


def text_input(texts):
    array = np.array([texts], dtype=object)
    tensor = grpcclient.InferInput("given", list(array.shape), "BYTES")
    tensor.set_data_from_numpy(array)
    return [tensor]


def exercise_stream(compression):
    answers = queue.Queue()
    with grpcclient.InferenceServerClient(grpc_address) as client:
        client.start_stream(callback=lambda result, error: answers.put((result, error)), compression_algorithm=compression)
        for number in range(200):
            client.async_stream_infer("identity-bytes", text_input([f"grün {number}", ""]), request_id=str(number))
        got = [answers.get(timeout=20) for _ in range(200)]
        order = [result.get_response().id for result, _ in got]
        check("stream: answers in the order of requests", order == [str(number) for number in range(200)], order[:10])
        texts = [result.as_numpy("same")[0][0].decode() for result, _ in got]
        check("stream: texts come back", texts == [f"grün {number}" for number in range(200)], texts[:3])
        final = got[0][0].get_response().parameters["triton_final_response"].bool_param
        check("stream: every answer is the final one", final is True, final)

        client.async_stream_infer("nobody", text_input(["x"]), request_id="bad")
        client.async_stream_infer("identity-bytes", text_input(["x"]), request_id="good", enable_empty_final_response=True)
        (_, error), (result, none) = answers.get(timeout=20), answers.get(timeout=20)
        check("stream: a failure is answered", error is not None and "no deployment serves" in str(error), error)
        check("stream: and the stream goes on", none is None and result.get_response().id == "good", none)
        client.stop_stream()


for compression in (None, "gzip"):
    exercise_stream(compression)


async def exercise_aio():
    async with grpcaio.InferenceServerClient(grpc_address) as client:
        check("grpc aio: ready", await client.is_server_ready() and await client.is_model_ready("simple"))
        config = await client.get_model_config("simple", as_json=True)
        check("grpc aio: config", config["config"]["name"] == "simple", config)
        index = await client.get_model_repository_index(as_json=True)
        check("grpc aio: repository index", len(index["models"]) == 2, index)

        async def requests():
            for number in range(50):
                yield {"model_name": "identity-bytes", "inputs": text_input([str(number)]), "request_id": str(number)}
            yield {"model_name": "nobody", "inputs": text_input(["x"]), "request_id": "bad"}

        got = [answer async for answer in client.stream_infer(requests())]
        order = [result.get_response().id for result, error in got if error is None]
        check("grpc aio: stream", order == [str(number) for number in range(50)] and got[-1][1] is not None, len(got))
    async with httpaio.InferenceServerClient(http_address) as client:
        check("http aio: ready", await client.is_server_ready() and await client.is_model_ready("simple"))
        config = await client.get_model_config("simple")
        check("http aio: config", config["name"] == "simple", config)
        statistics = await client.get_inference_statistics("simple")
        check("http aio: statistics", statistics["model_stats"][0]["name"] == "simple", statistics)
        answer = await client.infer("simple", simple_inputs(httpclient, FIRST, SECOND))
        check("http aio: inference", is_simple(answer))


asyncio.run(exercise_aio())
sys.exit(1 if failures else 0)
