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
_SHEET = ("paper", "paper_foot")
_TIPS = ("fixed_tip", "moving_tip")
_SURFACES = ("paper", "table")
_BETWEEN = "-"


def add_contacts(spec: mujoco.MjSpec, contact: ContactConfig) -> None:
    """Name every pair of geoms that may touch.

    Args:
        spec: A scene with table, paper, arm and fingertips; edited in place.
        contact: Friction of the pairs.
    """
    for geom in spec.geoms:
        geom.contype, geom.conaffinity = 0, 0
    for name in _SHEET:
        _add_pair(spec, name, "table", contact)
    for name in (*_TIPS, *_name_collision_geoms(spec)):
        for surface in _SURFACES:
            _add_pair(spec, name, surface, contact)


def friction_of(name: str, contact: ContactConfig) -> np.ndarray:
    """Find the friction of a geom on the sheet or on the table.

    Args:
        name: Of the geom; every one that is neither sheet nor fingertip is the arm's.
        contact: Friction of the pairs.

    Returns:
        Two of sliding, one of torsion in [m], two of rolling in [m]. Shape (5,).
    """
    sliding, torsion = contact.arm_friction, 0.0
    if name in _SHEET:
        sliding = contact.paper_table_friction
    elif name in _TIPS:
        sliding, torsion = contact.tip_friction, contact.tip_torsion
    return np.array([sliding, sliding, torsion, _ROLLING, _ROLLING])


def find_pairs(model: mujoco.MjModel) -> dict[int, str]:
    """Find the pairs that :func:`add_contacts` has named.

    Args:
        model: A compiled scene.

    Returns:
        The name of the geom that is not the surface, for :func:`friction_of`, by pair.
    """
    surfaces = {model.geom(name).id for name in _SURFACES}
    geoms = zip(model.pair_geom1.tolist(), model.pair_geom2.tolist(), strict=True)
    return {
        index: model.pair(index).name.rpartition(_BETWEEN)[0]
        for index, pair in enumerate(geoms)
        if surfaces & set(pair)  # else a pair of the robot model's own
    }


def _add_pair(spec: mujoco.MjSpec, name: str, surface: str, contact: ContactConfig) -> None:
    is_tip = name in _TIPS
    spec.add_pair(
        name=f"{name}{_BETWEEN}{surface}",
        geomname1=name,
        geomname2=surface,
        condim=4 if is_tip else 3,
        friction=friction_of(name, contact),
        **(_SOFT_PAD if is_tip else _HARD),
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
