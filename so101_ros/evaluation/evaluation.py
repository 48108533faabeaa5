"""Run an evaluation: prove the harness, then try every policy on the same seeds."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from so101_ros.errors import EvaluationError
from so101_ros.evaluation.episode import EpisodeResult, EvaluatedEpisode
from so101_ros.evaluation.episode_task import TRUTH, EpisodeTask
from so101_ros.evaluation.evaluation_store import EvaluationStore
from so101_ros.evaluation.proof import PROOF_POLICIES, check_proof
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.policies.names import ORACLE, ZERO


class Engine(Protocol):
    """Somebody who runs episodes."""

    def run(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        """Run episodes.

        Args:
            tasks: The episodes.
            check_stop: Called often; raises what must end the run.

        Yields:
            Each episode when it is over, in any order.
        """
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one policy has come.

    Attributes:
        policy: Who is tried.
        done: How many of its episodes are finished.
        successes: How many of those succeeded.
        total: How many there will be.
    """

    policy: str
    done: int
    successes: int
    total: int


class Evaluation:
    """Run what is not finished yet, and judge nobody before the harness is proved."""

    def __init__(
        self,
        settings: EvaluationSettings,
        store: EvaluationStore,
        engine: Engine,
        on_progress: Callable[[Progress], None],
        check_stop: Callable[[], None],
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            settings: What to run.
            store: Keeps the episodes, and knows those that are finished.
            engine: Who runs them.
            on_progress: Told before and after every episode.
            check_stop: Called often; raises what must end the run.
        """
        self._settings = settings
        self._store = store
        self._engine = engine
        self._on_progress = on_progress
        self._check_stop = check_stop
        self._done: Counter[str] = Counter()
        self._successes: Counter[str] = Counter()

    @property
    def policies(self) -> tuple[str, ...]:
        """Everybody who runs: the proof, then those who are tried."""
        others = (each for each in self._settings.policies if each not in PROOF_POLICIES)
        return (*PROOF_POLICIES, *others)

    @property
    def unfinished(self) -> int:
        """Episodes that are still to run."""
        return len(self._missing(self.policies))

    def run(self) -> None:
        """Run every episode that is not finished.

        Raises:
            EvaluationError: If the harness does not prove itself; nobody else has run then. Or if
                an episode was lost.
            So101Error: If the episodes cannot be run.
            OSError: If one cannot be kept.
        """
        for policy in self.policies:
            self._count(policy, self._store.results(policy, self._settings.seeds))
        self._run(PROOF_POLICIES)
        seeds = self._settings.seeds
        check_proof(self._store.results(ORACLE, seeds), self._store.results(ZERO, seeds))
        self._run(self.policies)

    def _run(self, policies: Sequence[str]) -> None:
        if tasks := self._missing(policies):
            for episode in self._engine.run(tasks, self._check_stop):
                self._store.add(episode)
                self._count(episode.result.policy, [episode.result])
        if lost := self._missing(policies):
            raise EvaluationError(
                f"{len(lost)} of {len(tasks)} episodes have not come back, the first is seed "
                f"{lost[0].seed} of {lost[0].policy!r}; run the same command again to go on"
            )

    def _missing(self, policies: Sequence[str]) -> list[EpisodeTask]:
        """Seed by seed, so that a run that is stopped leaves pairs."""
        return [
            EpisodeTask(
                policy,
                seed,
                self._settings.tier,
                self._perception_of(policy),
                self._settings.groot,
            )
            for seed in self._settings.seeds
            for policy in policies
            if not self._store.has(policy, seed)
        ]

    def _perception_of(self, policy: str) -> str:
        """The proof is of the judge, who knows the truth; it must not depend on who looks."""
        return TRUTH if policy in PROOF_POLICIES else self._settings.perception

    def _count(self, policy: str, results: Sequence[EpisodeResult]) -> None:
        """Take in finished episodes, and tell how far the policy has come."""
        self._done[policy] += len(results)
        self._successes[policy] += sum(result.success for result in results)
        total = self._settings.episodes
        self._on_progress(Progress(policy, self._done[policy], self._successes[policy], total))
