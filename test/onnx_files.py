"""Write tiny networks as ONNX files, which are Protocol Buffers of a few messages.

Field numbers are those of ``onnx.proto`` (Apache-2.0); only what the tests need is written.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

Field = tuple[int, "int | str | bytes | Message"]
Message = list[Field]

_FLOAT = 1  # TensorProto.DataType
_INTS = 7  # AttributeProto.AttributeType
_OPSET = 13


def write_network(
    path: Path,
    nodes: Sequence[Message],
    weights: Sequence[Message],
    inputs: Sequence[str] = ("image",),
) -> Path:
    """Write a network whose inputs are images of any size and whose answer is ``answer``."""
    graph: Message = [
        *[(1, node) for node in nodes],
        (2, "net"),
        *[(5, each) for each in weights],
        *[(11, _value(name, (1, 3, "height", "width"))) for name in inputs],
        (12, _value("answer", (1, 3, "height", "width"))),
    ]
    model: Message = [(1, 8), (8, [(1, ""), (2, _OPSET)]), (7, graph)]
    path.write_bytes(_encode(model))
    return path


def node(kind: str, inputs: Sequence[str], output: str, **ints: Sequence[int]) -> Message:
    """Describe an operation."""
    attributes: list[Message] = [
        [(1, name), *[(8, value) for value in values], (20, _INTS)] for name, values in ints.items()
    ]
    names: Message = [*[(1, each) for each in inputs], (2, output), (3, f"{kind}_{output}")]
    return [*names, (4, kind), *[(5, each) for each in attributes]]


def weight(name: str, values: np.ndarray) -> Message:
    """Describe a constant tensor."""
    sizes: Message = [(1, size) for size in values.shape]
    return [*sizes, (2, _FLOAT), (8, name), (9, values.astype("<f4").tobytes())]


def write_colour_matrix(path: Path, matrix: np.ndarray, offset: Sequence[float]) -> Path:
    """Write a network that multiplies every pixel by a matrix. Shape (n, 3); offset (n,)."""
    kernel = np.asarray(matrix, float)[:, :, np.newaxis, np.newaxis]
    return write_network(
        path,
        [node("Conv", ("image", "matrix", "offset"), "answer", kernel_shape=(1, 1))],
        [weight("matrix", kernel), weight("offset", np.array(offset))],
    )


def write_halving(path: Path) -> Path:
    """Write a network that answers with the image at half its size."""
    kernel = np.eye(3)[:, :, np.newaxis, np.newaxis]
    halve = node("Conv", ("image", "eye"), "answer", kernel_shape=(1, 1), strides=(2, 2))
    return write_network(path, [halve], [weight("eye", kernel)])


def write_mean_colour(path: Path) -> Path:
    """Write a network that answers with the mean of each channel, (1, 3, 1, 1)."""
    return write_network(path, [node("GlobalAveragePool", ("image",), "answer")], [])


def _value(name: str, shape: Sequence[int | str]) -> Message:
    sizes: list[Message] = [[(1 if isinstance(size, int) else 2, size)] for size in shape]
    tensor: Message = [(1, _FLOAT), (2, [(1, size) for size in sizes])]
    return [(1, name), (2, [(1, tensor)])]


def _encode(message: Message) -> bytes:
    return b"".join(_encode_field(number, value) for number, value in message)


def _encode_field(number: int, value: "int | str | bytes | Message") -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, list):
        value = _encode(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])
