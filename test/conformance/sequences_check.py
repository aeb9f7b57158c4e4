"""Drives test/models/accumulator by the sequence extension of NVIDIA's clients. Prints a line of JSON per check.

    python sequences_check.py <http host:port> <grpc host:port>
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

http_address, grpc_address = sys.argv[1:]
MODEL = "accumulator"


def check(name, passed, detail=""):
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(detail)}))


def refused(name, act, *parts):
    try:
        check(name, False, f"it was accepted: {act()}")
    except InferenceServerException as error:
        check(name, all(part in str(error) for part in parts), error)


class Sender:
    def __init__(self, kind, module, client):
        self.kind, self.module, self.client = kind, module, client

    def send(self, sequence, values, start=False, end=False, outputs=None):
        tensor = self.module.InferInput("value", [len(values), 1], "INT32")
        tensor.set_data_from_numpy(np.array(values, dtype=np.int32).reshape(-1, 1))
        wanted = outputs and [self.module.InferRequestedOutput(name) for name in outputs]
        place = {} if sequence is None else {"sequence_id": sequence, "sequence_start": start, "sequence_end": end}
        return self.client.infer(MODEL, [tensor], outputs=wanted, **place)

    def sums(self, *args, **options):
        return self.send(*args, **options).as_numpy("sum").flatten().tolist()


senders = [
    Sender("http", httpclient, httpclient.InferenceServerClient(http_address)),
    Sender("grpc", grpcclient, grpcclient.InferenceServerClient(grpc_address)),
]

for number, sender in enumerate(senders, start=1):
    kind, first, second = sender.kind, number * 1000, f"{sender.kind}-text"

    # Two sequences, one named by a number and one by a text, each with its own sum.
    answers = [
        sender.sums(first, [1], start=True),
        sender.sums(second, [100], start=True),
        sender.sums(first, [2]),
        sender.sums(second, [200]),
        sender.sums(first, [3], end=True),
        sender.sums(second, [300], end=True),
    ]
    check(f"{kind}: sums of two sequences", answers == [[1], [100], [3], [300], [6], [600]], answers)

    steps = [(True, False), (False, False), (False, True)]
    flags = [sender.send(first, [0], start=start, end=end).as_numpy("flags").item() for start, end in steps]
    check(f"{kind}: the model is told of start and end", flags == [1, 0, 2], flags)
    both = sender.send(first, [0], start=True, end=True).as_numpy("flags").item()
    check(f"{kind}: a sequence of one request", both == 3, both)

    rows = [sender.sums(first, [1, 10], start=True), sender.sums(first, [2, 20], end=True)]
    check(f"{kind}: rows have a state each", rows == [[1, 10], [3, 30]], rows)

    sender.sums(first, [1], start=True)
    check(f"{kind}: a start begins anew", sender.sums(first, [5], start=True, end=True) == [5])

    answer = sender.send(first, [7], start=True, end=True)
    check(f"{kind}: state is not answered unasked", answer.as_numpy("state") is None)
    asked = sender.send(first, [7], start=True, end=True, outputs=["state"])
    check(f"{kind}: state is answered when asked for", asked.as_numpy("state").item() == 7 and asked.as_numpy("sum") is None)

    flag = f"inference request for sequence {first} to model 'accumulator' must specify the START flag on the first request of the sequence"
    refused(f"{kind}: a sequence that was not started", lambda: sender.sums(first, [1]), flag)
    refused(f"{kind}: no sequence at all", lambda: sender.sums(None, [1]), "must specify a sequence_id")
    sender.sums(first, [1], start=True)
    refused(f"{kind}: other rows than at the start", lambda: sender.sums(first, [1, 2]), "began with 1 rows")
    check(f"{kind}: a refused request takes nothing away", sender.sums(first, [2], end=True) == [3])

http_inputs = [tensor["name"] for tensor in senders[0].client.get_model_metadata(MODEL)["inputs"]]
check("http: metadata leaves states and controls out", http_inputs == ["value"], http_inputs)
grpc_inputs = [tensor.name for tensor in senders[1].client.get_model_metadata(MODEL).inputs]
check("grpc: metadata leaves states and controls out", grpc_inputs == ["value"], grpc_inputs)


def count_up(sequence):
    """A whole sequence, one request after the other, while others are on their way."""
    # The HTTP client is not for several threads.
    alone = Sender("http", httpclient, httpclient.InferenceServerClient(http_address))
    sender = alone if sequence % 2 == 0 else senders[1]
    values = [random.Random(sequence * 100 + step).randrange(1000) for step in range(20)]
    sums = [
        sender.sums(sequence, [value], start=step == 0, end=step == len(values) - 1)[0] for step, value in enumerate(values)
    ]
    return sums == np.cumsum(values).tolist()


with ThreadPoolExecutor(16) as pool:
    right = list(pool.map(count_up, range(10_000, 10_064)))
check("64 sequences at once, each with its own sums", all(right), right)

refused_ids = []
for sequence in range(20_000, 20_400):
    try:
        senders[1].sums(sequence, [1], start=True)
    except InferenceServerException as error:
        refused_ids.append(str(error))
        break
check("no more sequences than the manifest allows", len(refused_ids) == 1 and "keeps the state of 200 sequences" in refused_ids[0], refused_ids)
