"""Quality of service, named by purpose; publisher and subscriber of a topic use the same one."""

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _profile(
    depth: int,
    reliability: ReliabilityPolicy = ReliabilityPolicy.RELIABLE,
    durability: DurabilityPolicy = DurabilityPolicy.VOLATILE,
) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=reliability,
        durability=durability,
    )


JOINT_STATE = _profile(10)
"""Joint states: every one counts, because a gap means a new epoch."""

COMMAND = _profile(10)
"""Commands to the arm."""

POLICY_ACTION = _profile(10)
"""Action chunks and offsets."""

POSE = _profile(10)
"""Poses of sheet and targets, and single numbers that go with them."""

STATUS = _profile(10)
"""Status, markers, breakdown and diagnostics."""

CLOCK_SOURCE = _profile(10)
"""Publisher of simulated time: reliable, for recorders; time sources ask for less."""

CLOCK = _profile(1, ReliabilityPolicy.BEST_EFFORT)
"""Subscriber of simulated time: only the newest matters."""

STATE = _profile(3, ReliabilityPolicy.BEST_EFFORT)
"""The simulator's full state: enough to ride out a busy moment, never more than 0.1 s old."""

SENSOR_IMAGE = _profile(5, ReliabilityPolicy.BEST_EFFORT)
"""Images and their camera info: a reader may be busy for five frames, older ones are worthless."""

LATCHED = _profile(1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Descriptions that late joiners need."""
