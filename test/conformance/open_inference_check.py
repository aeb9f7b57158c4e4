"""Checks a gateway with NVIDIA's client, over HTTP and gRPC. Prints a line of JSON per check; exits with 1 when one fails.

    python open_inference_check.py <http host:port> <grpc host:port> <folder of the digit models>
"""

import json
import pathlib
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

http_address, grpc_address, models = sys.argv[1:]
held = json.loads((pathlib.Path(models) / "heldout.json").read_text())
pixels = np.array(held["pixels"], dtype=np.float32)
labels = np.array(held["labels"])
wanted_accuracy = json.loads((pathlib.Path(models) / "metadata-2.json").read_text())["metrics"]["accuracy"]

failures = 0


def check(name, passed, detail=""):
    global failures
    failures += not passed
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(detail)}))


def refused(call, *parts):
    """Whether the server refuses the call with an error that names every part."""
    try:
        call()
    except InferenceServerException as error:
        text = str(error)
        return all(part in text for part in parts), text
    return False, "it was accepted"


def metadata_of(answer):
    return answer if isinstance(answer, dict) else {
        "name": answer.name,
        "versions": list(answer.versions),
        "inputs": [{"name": i.name, "datatype": i.datatype, "shape": list(i.shape)} for i in answer.inputs],
        "outputs": [{"name": o.name, "datatype": o.datatype, "shape": list(o.shape)} for o in answer.outputs],
    }


def exercise(kind, module, address, form):
    """form: what the client is told of inputs and outputs; its HTTP side sends and asks for binary data unless told otherwise."""
    client = module.InferenceServerClient(address)
    is_http = module is httpclient

    def tensor(array, shape=None):
        given = module.InferInput("pixels", shape or list(array.shape), "FP32")
        if shape is None:
            given.set_data_from_numpy(array, **form)
        return given

    def infer(array, version="", outputs=("label", "probabilities"), **options):
        wanted = outputs and [module.InferRequestedOutput(name, **form) for name in outputs]
        return client.infer("digits", [tensor(array)], model_version=version, outputs=wanted, **options)

    check(f"{kind} live", client.is_server_live())
    check(f"{kind} ready", client.is_server_ready())
    check(f"{kind} model ready", client.is_model_ready("digits"))
    check(f"{kind} model ready by version", client.is_model_ready("digits", "2"))
    check(f"{kind} unknown model is not ready", not client.is_model_ready("nobody"))
    server = client.get_server_metadata()
    check(f"{kind} server metadata", (server["name"] if is_http else server.name) == "slipway", server)
    model = metadata_of(client.get_model_metadata("digits"))
    expected = {"name": "pixels", "datatype": "FP32", "shape": [-1, 64]}
    check(f"{kind} model metadata", [dict(i) for i in model["inputs"]] == [expected], model)
    check(f"{kind} model versions", list(model["versions"]) == ["2"], model)

    answer = infer(pixels)
    accuracy = float(np.mean(answer.as_numpy("label") == labels))
    check(f"{kind} inference is correct", abs(accuracy - wanted_accuracy) < 1e-3, accuracy)
    probabilities = answer.as_numpy("probabilities")
    check(f"{kind} probabilities sum to 1", np.allclose(probabilities.sum(axis=1), 1, atol=1e-5), probabilities.shape)
    by_version = infer(pixels[:7], version="2")
    check(f"{kind} inference by version", np.array_equal(by_version.as_numpy("label"), answer.as_numpy("label")[:7]))
    single = infer(pixels[:1], outputs=("label",))
    check(f"{kind} one output alone", single.as_numpy("probabilities") is None and single.as_numpy("label").shape == (1,))

    everything = infer(pixels[:3], outputs=None)
    check(f"{kind} all outputs unasked", np.array_equal(everything.as_numpy("label"), answer.as_numpy("label")[:3]))
    check(f"{kind} id comes back", infer(pixels[:1], request_id="r-1").get_response()["id"] == "r-1" if is_http else
          infer(pixels[:1], request_id="r-1").get_response().id == "r-1")
    check(f"{kind} a timeout in time", infer(pixels[:1], timeout=5_000_000).as_numpy("label").shape == (1,))
    check(f"{kind} a timeout that has passed", *refused(lambda: infer(pixels, timeout=1), "did not answer within"))
    for encoding in ("gzip", "deflate"):
        asked = {"request_compression_algorithm": encoding, "response_compression_algorithm": encoding} if is_http else {"compression_algorithm": encoding}
        packed = infer(pixels[:9], **asked)
        check(f"{kind} {encoding}", np.array_equal(packed.as_numpy("label"), answer.as_numpy("label")[:9]))

    check(f"{kind} refuses a wrong shape", *refused(lambda: infer(pixels[:, :63]), "pixels", "[-1,64]", "[500,63]"))
    check(f"{kind} refuses an unknown version", *refused(lambda: infer(pixels[:1], version="9"), "does not serve version"))
    check(f"{kind} refuses an unknown output", *refused(lambda: infer(pixels[:1], outputs=("nothing",)), "nothing"))
    missing = lambda: client.infer("digits", [], outputs=None)
    if not is_http:
        check(f"{kind} refuses a missing input", *refused(missing, "pixels"))
    client.close()


exercise("http binary", httpclient, http_address, {})
exercise("http json", httpclient, http_address, {"binary_data": False})
exercise("grpc", grpcclient, grpc_address, {})
sys.exit(1 if failures else 0)
