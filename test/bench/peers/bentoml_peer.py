"""BentoML with ONNX Runtime: one service, workers as cores, adaptive batching by `batchable=True`.

    bentoml serve bentoml_peer:Models --port <port>

A batchable method takes one argument, so that the two inputs of a model travel as one array of [batch, 2, …]: the same numbers.
https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html
"""

from typing import Annotated

import bentoml
import numpy as np
from bentoml.validators import DType
from onnx_session import MAX_BATCH_SIZE, WORKERS, open_sessions

Floats = Annotated[np.ndarray, DType("float32")]
Integers = Annotated[np.ndarray, DType("int32")]
LongIntegers = Annotated[np.ndarray, DType("int64")]
BATCHED = {"batchable": True, "max_batch_size": MAX_BATCH_SIZE}


@bentoml.service(workers=WORKERS, logging={"access": {"enabled": False}})
class Models:
    def __init__(self):
        self.sessions = open_sessions()

    def run_pair(self, model, pairs, names):
        return self.sessions[model].run({name: pairs[:, index] for index, name in enumerate(names)})

    @bentoml.api(route="/simple", **BATCHED)
    def simple(self, input: Integers) -> Integers:
        outputs = self.run_pair("simple", input, ("INPUT0", "INPUT1"))
        return np.stack([outputs["OUTPUT0"], outputs["OUTPUT1"]], axis=1)

    @bentoml.api(route="/mlp-4", **BATCHED)
    def mlp_4(self, input: Floats) -> Floats:
        return self.sessions["mlp-4"].run({"input": input})["output"]

    @bentoml.api(route="/mlp-784", **BATCHED)
    def mlp_784(self, input: Floats) -> Floats:
        return self.sessions["mlp-784"].run({"input": input})["output"]

    @bentoml.api(route="/resnet50", **BATCHED)
    def resnet50(self, input: Floats) -> Floats:
        return self.sessions["resnet50"].run({"input": input})["logits"]

    @bentoml.api(route="/bert-base", **BATCHED)
    def bert_base(self, input: LongIntegers) -> Floats:
        return self.run_pair("bert-base", input, ("input_ids", "attention_mask"))["pooled"]
