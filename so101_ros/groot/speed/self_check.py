"""Whether a faster network still gives the stock network's numbers."""

# pyright: reportMissingImports=false

from collections.abc import Callable

import torch

from so101_ros.errors import GrootError
from so101_ros.groot.speed.optimize import Optimize

_BOUNDS = {
    Optimize.GRAPH: 0.0,
    # Both networks round to bfloat16, in other places: with random weights they are 0.8 % apart,
    # each up to 0.7 % from float32. What is computed wrongly is tens of percent away.
    Optimize.COMPILE: 0.03,
}


_SEED = 20_250_911  # any; both networks begin with what it gives


def answer_from_same_noise(
    shape: torch.Size, device: torch.device, stock: Callable[[], torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Find out what the stock network answers, and the noise that it drew for that.

    The generators go on afterwards as if nothing had been drawn.

    Args:
        shape: Shape of the noise.
        device: Where the stock network draws it.
        stock: The stock network's answer to some observation.

    Returns:
        The answer and the noise.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(_SEED)
        noise = torch.randn(shape, device=device)
        torch.manual_seed(_SEED)
        return stock(), noise


def relative_error(actions: torch.Tensor, right: torch.Tensor, noise: torch.Tensor) -> float:
    """Measure the error of what a network adds to the noise; the noise itself is never wrong.

    Args:
        actions: What is measured.
        right: What it should be. Same shape.
        noise: Where denoising began. Same shape.

    Returns:
        Norm of the difference, in units of the norm of what should be added.
    """
    moved = (right.double() - noise.double()).norm()
    return float((actions.double() - right.double()).norm() / moved)


def refuse_difference(
    optimize: Optimize, actions: torch.Tensor, stock: torch.Tensor, noise: torch.Tensor
) -> None:
    """Let only networks pass that agree with the stock one.

    Args:
        optimize: Which network it is, for its bound.
        actions: What it computed.
        stock: What the stock network computed from the same observation and noise.
        noise: The noise.

    Raises:
        GrootError: If they differ by more than the bound, or are not finite.
    """
    if not bool(torch.isfinite(actions).all()):
        raise GrootError(f"the network of optimize={optimize.value} computed no finite actions")
    bound, error = _BOUNDS[optimize], relative_error(actions, stock, noise)
    if not error <= bound:
        allowed = f"at most {bound:.1%} is allowed" if bound else "it must be bit-identical"
        raise GrootError(
            f"the actions of optimize={optimize.value} are {error:.2%} away from the stock "
            f"network's for the same noise; {allowed}"
        )


def refuse_state_difference(token: torch.Tensor, stock: torch.Tensor) -> None:
    """Check the joint state's way into the network by itself.

    What it changes in the actions can be too small to be seen there.

    Args:
        token: The state's embedding.
        stock: The stock network's.

    Raises:
        GrootError: If they differ by more than rounding.
    """
    bound = _BOUNDS[Optimize.COMPILE]
    error = float((token.double() - stock.double()).norm() / stock.double().norm())
    if not error <= bound:
        raise GrootError(
            f"the embedded state of optimize=compile is {error:.2%} away from the stock network's; "
            f"at most {bound:.1%} is allowed"
        )
