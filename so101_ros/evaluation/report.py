"""Turn the finished episodes of an evaluation into figures, pictures and videos."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from so101_ros.evaluation.comparison import compare
from so101_ros.evaluation.episode import EpisodeResult
from so101_ros.evaluation.episode_video import pick_episodes, write_episode_video
from so101_ros.evaluation.evaluation_store import EvaluationStore, folder_name
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.plots import write_plots
from so101_ros.evaluation.policy_summary import PolicySummary, summarise
from so101_ros.evaluation.proof import PROOF_POLICIES
from so101_ros.evaluation.results_file import EvaluationResults, write_results
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.evaluation.sheet_path import SheetPath


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """One policy with all its episodes."""

    summary: PolicySummary
    results: list[EpisodeResult]
    paths: list[SheetPath]


class Report:
    """What an evaluation found.

    Attributes:
        results: All figures.
    """

    def __init__(
        self,
        settings: EvaluationSettings,
        store: EvaluationStore,
        machine: MachineFacts,
        started: str,
    ) -> None:
        """Sum up what is finished.

        Args:
            settings: What was asked for.
            store: The episodes; all of them are finished.
            machine: Where they ran.
            started: When, as ISO 8601 with its time zone.

        Raises:
            RecordingError: If an episode cannot be read.
        """
        self._settings = settings
        self._store = store
        self._tried = {policy: self._read(policy) for policy in settings.policies}
        proof = [self._tried.get(policy) or self._read(policy) for policy in PROOF_POLICIES]
        self.results = EvaluationResults(
            started=started,
            settings=settings.to_dict(),
            machine=machine,
            summaries=[tried.summary for tried in self._tried.values()],
            comparisons=[
                compare(first.results, second.results)
                for first, second in combinations(self._tried.values(), 2)
            ],
            proof=[tried.summary for tried in proof],
        )

    @property
    def episodes(self) -> list[EpisodeResult]:
        """Every episode of the policies that were tried."""
        return [result for tried in self._tried.values() for result in tried.results]

    @property
    def errors(self) -> int:
        """How many of them say nothing about their policy, since that or the physics broke."""
        return sum(summary.broken for summary in self.results.summaries)

    def write_figures(self) -> None:
        """Write ``results.json`` and the pictures.

        Raises:
            RecordingError: If the figures cannot be written.
            OSError: If the pictures cannot be written.
        """
        folder = self._store.folder
        write_results(folder / "results.json", self.results)
        paths = {policy: tried.paths for policy, tried in self._tried.items()}
        write_plots(folder / "plots", self.results.summaries, paths)

    def write_videos(self) -> None:
        """Write the worst and the median episode of each policy.

        Raises:
            RenderError: If this machine cannot render.
            RecordingError: If an episode cannot be read.
            OSError: If a video cannot be written.
        """
        folder = self._store.folder / "videos"
        folder.mkdir(exist_ok=True)
        for earlier in folder.glob("*.mp4"):  # of other policies or seeds
            earlier.unlink()
        for policy, tried in self._tried.items():
            for what, result in pick_episodes(tried.results).items():
                name = f"{folder_name(policy)}_{what}.mp4"
                caption = f"{policy} {what}, seed {result.seed}: {result.ending.value}"
                trace = self._store.trace(policy, result.seed)
                scene = self._settings.tier.sample(result.seed)
                write_episode_video(folder / name, trace, scene, caption)

    def _read(self, policy: str) -> _Tried:
        results = self._store.results(policy, self._settings.seeds)
        paths, inference_s = [], []
        for result in results:
            trace = self._store.trace(policy, result.seed)
            paths.append(SheetPath.of(result, trace))
            inference_s.append(trace.answer_times_s)
        return _Tried(summarise(policy, results, np.concatenate(inference_s)), results, paths)
