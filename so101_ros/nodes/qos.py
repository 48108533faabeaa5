"""Quality of service, named by purpose; our publisher and subscriber of a topic use the same."""

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


JOINT_STATE = _profile(30)
"""Joint states: every one counts, because a gap means a new epoch; 30 are a quarter of a second."""

COMMAND = _profile(10)
"""Commands to the arm."""

POLICY_ACTION = _profile(10)
"""Action chunks and offsets."""

POSE = _profile(10)
"""Poses of sheet and targets, and single numbers that go with them."""

STATUS = _profile(10)
"""Status, markers, breakdown and diagnostics."""

CLOCK = _profile(10)
"""Simulated time: reliable, for recorders; the time sources of nodes ask for less."""

STATE = _profile(10)
"""The simulator's full state, as it is published: evaluations must not miss one."""

NEWEST_STATE = _profile(3, ReliabilityPolicy.BEST_EFFORT)
"""The same for who renders: enough to ride out a busy moment, never more than 0.1 s old."""

SENSOR_IMAGE = _profile(5, ReliabilityPolicy.BEST_EFFORT)
"""Images and their camera info: a reader may be busy for five frames, older ones are worthless."""

LATCHED = _profile(1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Descriptions that late joiners need."""

EVERYTHING = _profile(5000)
"""Reliable streams, for a reader who may be busy for a while and must not miss a message."""
