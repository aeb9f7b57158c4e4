"""Writes a Triton model repository: its configurations with Triton's own messages, by Protocol Buffers' own printer of text."""

import shutil
import sys
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

model_file, repository = Path(sys.argv[1]), Path(sys.argv[2])


def write(config, *versions):
    folder = repository / config.name
    for version in versions:
        (folder / str(version)).mkdir(parents=True)
        shutil.copy(model_file, folder / str(version) / (config.default_model_filename or "model.onnx"))
    (folder / "config.pbtxt").write_text(text_format.MessageToString(config))


write(
    triton.ModelConfig(
        name="digits-onnx",
        backend="onnxruntime",
        max_batch_size=8,
        input=[triton.ModelInput(name="pixels", data_type=triton.TYPE_FP32, dims=[64])],
        output=[triton.ModelOutput(name="label", data_type=triton.TYPE_INT64, dims=[1], label_filename='"labels".txt')],
        instance_group=[triton.ModelInstanceGroup(kind=triton.ModelInstanceGroup.KIND_CPU, count=2)],
        parameters={"note": triton.ModelParameter(string_value="line one\nline 'two' \u00e4")},
    ),
    1,
    3,
)
write(
    triton.ModelConfig(
        name="digits-torch",
        platform="pytorch_libtorch",
        default_model_filename="digits.pt",
        input=[triton.ModelInput(name="pixels", data_type=triton.TYPE_FP16, dims=[-1, 64])],
        output=[triton.ModelOutput(name="text", data_type=triton.TYPE_STRING, dims=[-1])],
        instance_group=[triton.ModelInstanceGroup(kind=triton.ModelInstanceGroup.KIND_GPU, gpus=[0, 1])],
        dynamic_batching=triton.ModelDynamicBatching(preferred_batch_size=[4, 8], max_queue_delay_microseconds=100),
    ),
    7,
)
