"""How much of a local model's speed is asked for."""

from enum import Enum


class Optimize(str, Enum):
    """What runs in place of the stock network."""

    NONE = "none"
    """Nothing: GR00T's own policy, image transforms and tokeniser included."""
    GRAPH = "graph"
    """The stock modules as one CUDA graph: bit-identical for the same noise."""
    COMPILE = "compile"
    """Packed weights and hoisted constants, compiled, as one CUDA graph: fastest, and no further
    from float32 than the stock network is."""
