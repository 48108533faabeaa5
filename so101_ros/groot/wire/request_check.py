"""Refuse requests that a model would refuse, or silently misunderstand."""

from collections.abc import Collection

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.request import GrootRequest


def check_request(request: GrootRequest, contract: ModelContract) -> None:
    """Compare a request with what the model insists on.

    Args:
        request: The request.
        contract: The model's; what it does not tell is not checked.

    Raises:
        GrootError: If a key is missing, or something has another size.
    """
    _check_keys("video", request.video, contract.video)
    _check_keys("state", request.state, contract.state)
    if contract.generation is Generation.N15:  # later releases resize whatever comes
        _check_sizes(request, contract)
    for key, dimension in contract.state.items():
        if dimension not in (None, request.state[key].size):
            raise GrootError(
                f"state.{key} has {request.state[key].size} numbers, the model has {dimension}"
            )


def _check_keys(part: str, given: Collection[str], needed: Collection[str]) -> None:
    missing = [key for key in needed if key not in given]
    if missing:
        raise GrootError(
            f"{part}.{missing[0]} is missing: the model needs {', '.join(needed)} as {part}, the "
            f"request has {', '.join(given) or 'none'}"
        )


def _check_sizes(request: GrootRequest, contract: ModelContract) -> None:
    for key, size in contract.video.items():
        height, width, _ = request.video[key].shape
        if size not in (None, (width, height)):
            raise GrootError(
                f"video.{key} has invalid resolution {(width, height)}, expected {size}"
            )
