"""What the stock backbone computes and nobody reads."""

# pyright: reportMissingImports=false

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


@contextmanager
def without_pooling(vision_model: nn.Module) -> Iterator[None]:
    """Leave out the vision model's pooling head, whose output GR00T never uses.

    The other dead work is the language model's projection to its vocabulary; whoever calls the
    decoder by itself leaves it out.

    Args:
        vision_model: The backbone's vision model.
    """
    encoder: Any = getattr(vision_model, "vision_model", vision_model)
    had_head = encoder.use_head
    encoder.use_head = False
    try:
        yield
    finally:
        encoder.use_head = had_head
