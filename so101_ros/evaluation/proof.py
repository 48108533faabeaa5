"""The harness proves itself before it judges: it must be able to say both yes and no."""

from collections.abc import Sequence

from so101_ros.errors import EvaluationError
from so101_ros.evaluation.episode import Ending, EpisodeResult
from so101_ros.policies.names import ORACLE, ZERO

PROOF_POLICIES = (ORACLE, ZERO)
"""Who runs before anybody is judged."""

_MOST_NAMED = 5


def check_proof(oracle: Sequence[EpisodeResult], zero: Sequence[EpisodeResult]) -> None:
    """Refuse to judge with a harness that cannot tell success from failure.

    Args:
        oracle: Episodes of the oracle.
        zero: Episodes of the policy that does nothing, with the same seeds.

    Raises:
        EvaluationError: If the physics became unstable, the oracle did not always succeed, or doing
            nothing did, or did not even fail properly.
    """
    unstable = [each for each in (*oracle, *zero) if each.ending is Ending.SIMULATION_UNSTABLE]
    if unstable:
        raise EvaluationError(
            f"the harness cannot be trusted, nobody is judged: it was proved in a scene whose "
            f"physics is unstable, in {_name(unstable, (*oracle, *zero))}"
        )
    failed = [result for result in oracle if not result.success]
    if failed:
        raise EvaluationError(
            f"the harness cannot be trusted, nobody is judged: the oracle, which moves the sheet "
            f"itself, failed in {_name(failed, oracle)}; a success would not be seen"
        )
    solved = [result for result in zero if result.success]
    if solved:
        raise EvaluationError(
            f"the harness cannot be trusted, nobody is judged: doing nothing succeeded in "
            f"{_name(solved, zero)}; a failure would not be seen"
        )
    broken = [result for result in zero if result.ending is not Ending.TIME_LIMIT]
    if broken:
        raise EvaluationError(
            f"the harness cannot be trusted, nobody is judged: doing nothing did not reach the "
            f"time limit in {_name(broken, zero)}"
        )


def _name(results: Sequence[EpisodeResult], everyone: Sequence[EpisodeResult]) -> str:
    named = ", ".join(
        f"seed {result.seed}: {result.message or result.ending.value}"
        for result in results[:_MOST_NAMED]
    )
    more = ", ..." if len(results) > _MOST_NAMED else ""
    return f"{len(results)} of {len(everyone)} episodes ({named}{more})"
