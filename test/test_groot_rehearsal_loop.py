"""A stand-in for a model returns the sheet, seen only through images, by answers that come late."""

from dataclasses import dataclass

import numpy as np
import pytest

from so101_ros.blending import Base, BlendSettings
from so101_ros.groot.chunk_plan import ChunkPlan, PlanSettings
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.rehearsal.provider import RehearsalProvider
from so101_ros.policies.press_and_drag import PressAndDragPolicy
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
        led: Whether the IK policy leads the arm, with four times the weight.
    """

    lost: float = 0.0
    held_at: int | None = None
    led: bool = False


class _Table:
    """Arm and sheet under the answers of a provider, without ROS."""

    def __init__(self, profile: EmbodimentProfile) -> None:
        self.provider = RehearsalProvider(profile)
        self._profile = profile
        self._world = LockStepWorld.build()
        self._task = PaperReturnTask(self._world.simulator.rates)
        self._leader = PressAndDragPolicy()
        self._rig = CameraRig(self._world.simulator.backend.config, 320, 240)
        self._settings = PlanSettings(
            profile.rate_hz, profile.horizon, profile.execution_steps, profile.first_step
        )

    def run(self, seed: int, trouble: _Trouble) -> bool:
        """Run an episode; whether the sheet was returned in time."""
        rng = np.random.default_rng(seed)
        self._world.reset(seed)
        self._leader.reset(seed)
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
            self._step(self._choose(tick, plan, now_ns, trouble), trouble.led)
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

    def _step(self, action: JointTrajectory | None, led: bool) -> None:
        blender = self._world.commander.blender
        blender.settings = BlendSettings(groot_weight=0.2 if led else 0.0)
        if led:
            self._world.commander.observe(self._world.observation.stamp_ns)
            if action is not None:
                blender.accept(Base.GROOT, action)
            action = self._leader.act(self._world.observation)
        self._world.step(action)

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
        ("paper_return", _Trouble(led=True)),
        ("lerobot_so101", _Trouble()),
    ],
    ids=["late", "lost answers", "held for a second", "hybrid", "degrees"],
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
