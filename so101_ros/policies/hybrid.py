"""Two bases at once, mixed as the blender of the graph mixes them."""

import numpy as np

from so101_ros.blend_settings import Base, BlendSettings
from so101_ros.blending import Blender
from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.policies.base import Policy
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.trajectory import JointTrajectory

ROWS = 12
"""Rows of an answer: as many as the IK policy's."""


class HybridPolicy:
    """Ask both bases and answer with their weighted sum.

    A base that has no answer hands its weight to the other.
    """

    def __init__(self, ik: Policy, groot: Policy, groot_share: float, rates: Rates) -> None:
        """Put two policies together.

        Args:
            ik: The IK policy.
            groot: The GR00T policy.
            groot_share: Share of GR00T, in [0, 1].
            rates: Its policy rate is that of the rows.
        """
        self._policies = {Base.IK: ik, Base.GROOT: groot}
        self._blender = Blender(BlendSettings(groot_weight=groot_share))
        self._times_s = np.arange(ROWS) / rates.policy_hz
        self._begins = True

    def reset(self, seed: int) -> None:
        """Let both begin an episode."""
        self._begins = True
        for policy in self._policies.values():
            policy.reset(seed)

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer with what both want.

        Raises:
            PolicyUnavailable: If neither has an answer.
        """
        now_ns = observation.stamp_ns
        if self._begins:
            self._blender.begin_epoch(now_ns)
            self._begins = False
        for base, policy in self._policies.items():
            try:
                self._blender.accept(base, policy.act(observation))
            except PolicyUnavailable:
                continue  # told by the blender, if nobody else has an answer
        stamps_ns = now_ns + np.rint(self._times_s * NANOSECONDS).astype(np.int64)
        blend = self._blender.blend(now_ns, stamps_ns)
        if blend.total is None:
            raise PolicyUnavailable(blend.reason)
        return JointTrajectory(now_ns, self._times_s, blend.total)
