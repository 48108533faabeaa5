"""Which surfaces touch, and how.

Nothing collides unless it is named here. That keeps collision cheap and gives every pair its own
friction and softness, instead of MuJoCo's mix of the two geoms' properties.
"""

import mujoco
import numpy as np

from so101_ros.arm import JOINT_NAMES
from so101_ros.simulation.physics_config import ContactConfig

_HARD = {"solref": [0.004, 1.0], "solimp": [0.95, 0.999, 0.001, 0.5, 2.0]}
# Softer than the table, but not so soft that a tip sinks through the light sheet and stands on the
# table: stiffness grows with the mass that is pressed on, and the sheet has 5 g.
_SOFT_PAD = {"solref": [0.006, 1.0], "solimp": [0.99, 0.99, 0.001, 0.5, 2.0]}
_ROLLING = 0.0001  # [m], MuJoCo's default


def add_contacts(spec: mujoco.MjSpec, contact: ContactConfig) -> None:
    """Name every pair of geoms that may touch.

    Args:
        spec: A scene with table, paper, arm and fingertips; edited in place.
        contact: Friction of the pairs.
    """
    for geom in spec.geoms:
        geom.contype, geom.conaffinity = 0, 0
    _add_pair(spec, "paper", "table", contact.paper_table_friction, 0.0, _HARD)
    for tip in ("fixed_tip", "moving_tip"):
        for surface in ("paper", "table"):
            _add_pair(spec, tip, surface, contact.tip_friction, contact.tip_torsion, _SOFT_PAD)
    for name in _name_collision_geoms(spec):
        for surface in ("paper", "table"):
            _add_pair(spec, name, surface, contact.arm_friction, 0.0, _HARD)


def _add_pair(
    spec: mujoco.MjSpec, first: str, second: str, friction: float, torsion: float, softness: dict
) -> None:
    spec.add_pair(
        name=f"{first}-{second}",
        geomname1=first,
        geomname2=second,
        condim=4 if torsion > 0.0 else 3,
        friction=np.array([friction, friction, torsion, _ROLLING, _ROLLING]),
        **softness,
    )


def _name_collision_geoms(spec: mujoco.MjSpec) -> list[str]:
    """Name the collision geoms (group 3) of the links beyond the shoulder."""
    names = []
    for joint_name in JOINT_NAMES[1:]:
        for index, geom in enumerate(spec.joint(joint_name).parent.geoms):
            if geom.group == 3:
                geom.name = geom.name or f"{joint_name}_collision_{index}"
                names.append(geom.name)
    return names
