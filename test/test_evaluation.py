"""What runs when, what is told meanwhile, and that nothing is missing in the end."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from episode_results import make_result, make_trace

from so101_ros.errors import EvaluationError
from so101_ros.evaluation.episode import Ending, EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask
from so101_ros.evaluation.evaluation import Evaluation, Progress
from so101_ros.evaluation.evaluation_store import EvaluationStore
from so101_ros.evaluation.settings import EvaluationSettings

SETTINGS = EvaluationSettings(("random",), episodes=3, seed=5)


class FakeEngine:
    """Answers at once: the oracle succeeds, nobody else does; some episodes get lost."""

    def __init__(self, loses: tuple[str, int] | None = None) -> None:
        """Lose one episode, by policy and seed, or none."""
        self.asked: list[list[tuple[str, int]]] = []
        self._loses = loses

    def run(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        """Yield results, the last first."""
        del check_stop  # Unused.
        names = [(task.policy, task.seed) for task in tasks]
        self.asked.append(names)
        for policy, seed in reversed(names):
            if (policy, seed) != self._loses:
                ending = Ending.SUCCESS if policy == "oracle" else Ending.TIME_LIMIT
                yield EvaluatedEpisode(make_result(seed, ending, policy), make_trace())


def _evaluate(folder: Path, engine: FakeEngine) -> list[Progress]:
    told: list[Progress] = []
    with EvaluationStore(folder, {}) as store:
        Evaluation(SETTINGS, store, engine, told.append, lambda: None).run()
    return told


def test_the_proof_comes_first_and_seeds_are_paired(tmp_path: Path) -> None:
    """Nobody who is judged runs before oracle and nobody have, all on the same seeds."""
    engine = FakeEngine()
    _evaluate(tmp_path, engine)
    assert engine.asked == [
        [(policy, seed) for seed in (5, 6, 7) for policy in ("oracle", "zero")],
        [("random", seed) for seed in (5, 6, 7)],
    ]


def test_progress_counts_what_is_finished(tmp_path: Path) -> None:
    """From zero to all, also of a run that goes on where another ended."""
    told = _evaluate(tmp_path, FakeEngine())
    assert [each for each in told if each.policy == "oracle"] == [
        Progress("oracle", count, count, 3) for count in range(4)
    ]
    assert told[-1] == Progress("random", 3, 0, 3)
    assert _evaluate(tmp_path, FakeEngine())[0] == Progress("oracle", 3, 3, 3)


@pytest.mark.parametrize("lost", [("oracle", 6), ("random", 7)])
def test_an_episode_that_does_not_come_back_is_missed(
    tmp_path: Path, lost: tuple[str, int]
) -> None:
    """Neither the proof nor a rate may rest on fewer episodes than were asked for."""
    with pytest.raises(EvaluationError, match=f"the first is seed {lost[1]} of '{lost[0]}'"):
        _evaluate(tmp_path, FakeEngine(lost))
