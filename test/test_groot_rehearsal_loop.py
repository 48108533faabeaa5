"""A stand-in for a model returns the sheet, seen only through images, by answers that come late."""

from dataclasses import dataclass

import numpy as np
import pytest

from so101_ros.groot.chunk_plan import ChunkPlan, PlanSettings
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.rehearsal import RehearsalProvider
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.task.paper_return import PaperReturnTask
from so101_ros.trajectory import JointTrajectory, hold

LATE_TICKS = 6  # 200 ms from an observation to its answer
HOLD_TICKS = 30  # one second


@dataclass(frozen=True)
class _Trouble:
    """What goes wrong in an episode.

    Attributes:
        lost: Share of the answers that never come.
        held_at: Policy tick at which somebody holds the arm for a second.
    """

    lost: float = 0.0
    held_at: int | None = None


class _Table:
    """Arm and sheet under the answers of a provider, without ROS."""

    def __init__(self, profile: EmbodimentProfile) -> None:
        self.provider = RehearsalProvider(profile)
        self._profile = profile
        self._world = LockStepWorld.build()
        self._task = PaperReturnTask(self._world.simulator.rates)
        self._rig = CameraRig(self._world.simulator.backend.config, 320, 240)
        self._settings = PlanSettings(
            profile.rate_hz, profile.horizon, profile.execution_steps, profile.first_step
        )

    def run(self, seed: int, trouble: _Trouble) -> bool:
        """Run an episode; whether the sheet was returned in time."""
        rng = np.random.default_rng(seed)
        self._world.reset(seed)
        self._task.reset(self._world.situation)
        plan = ChunkPlan(self._settings)
        under_way: tuple[int, np.ndarray, int] | None = None
        for tick in range(self._task.rates.episode_ticks):
            now_ns = self._world.observation.stamp_ns
            if under_way is not None and tick >= under_way[0]:
                if rng.uniform() >= trouble.lost:
                    plan.take(under_way[1], under_way[2], now_ns)
                under_way = None
            if under_way is None and plan.is_due(now_ns):
                under_way = tick + LATE_TICKS, self._ask(), now_ns
            self._world.step(self._choose(tick, plan, now_ns, trouble))
            if self._task.judge(self._world.situation).success:
                return True
        return False

    def _ask(self) -> np.ndarray:
        """Targets of the provider in [rad]. Shape (horizon, 6)."""
        self._rig.show(self._world.simulator.backend.state)
        q = self._world.observation.joints.q
        images = {camera: self._rig.render(camera, 0) for camera in self._profile.cameras}
        answer = self.provider.infer(self._profile.request(images, q))
        return self._profile.targets(answer, q)

    def _choose(
        self, tick: int, plan: ChunkPlan, now_ns: int, trouble: _Trouble
    ) -> JointTrajectory | None:
        if trouble.held_at is not None and 0 <= tick - trouble.held_at < HOLD_TICKS:
            return hold(now_ns, self._world.observation.joints.q)
        return plan.remainder(now_ns)


@pytest.mark.parametrize(
    ("profile", "trouble"),
    [
        ("paper_return", _Trouble()),
        ("paper_return", _Trouble(lost=0.25)),
        ("paper_return", _Trouble(held_at=80)),
        ("lerobot_so101", _Trouble()),
    ],
    ids=["late", "lost answers", "held for a second", "degrees"],
)
def test_the_sheet_is_returned(profile: str, trouble: _Trouble) -> None:
    """In episodes that follow each other, without a word that one has ended."""
    table = _Table(load_profile(profile))
    for seed in range(2):
        assert table.run(seed, trouble)


def test_a_quiet_episode_is_rehearsed_once() -> None:
    """Answers come from what was rehearsed at its beginning, and from nothing newer."""
    table = _Table(load_profile("paper_return"))
    for seed in range(2):
        assert table.run(seed, _Trouble())
    assert table.provider.rehearsals == 2
