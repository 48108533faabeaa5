"""Small pieces of URDF: numbers, origins, shapes."""

import xml.etree.ElementTree as ET

import mujoco
import numpy as np

from so101_ros.errors import ModelError

_GIMBAL_LOCK = 1e-6  # cosine of the pitch below which roll and yaw are one rotation


def number(value: float) -> str:
    """Write a number with seven digits and without the noise of floating point."""
    return f"{round(float(value), 12) + 0.0:.7g}"


def vector(values: np.ndarray) -> str:
    """Write several numbers."""
    return " ".join(number(value) for value in values)


def matrix(quaternion: np.ndarray) -> np.ndarray:
    """Turn a quaternion w, x, y, z into a rotation matrix. Shape (3, 3)."""
    flat = np.empty(9)
    mujoco.mju_quat2Mat(flat, quaternion)
    return flat.reshape(3, 3)


def roll_pitch_yaw(rotation: np.ndarray) -> np.ndarray:
    """Find URDF's fixed-axis angles of a rotation: R = Rz(yaw) Ry(pitch) Rx(roll).

    Args:
        rotation: Rotation matrix. Shape (3, 3).

    Returns:
        Roll, pitch and yaw in [rad]; yaw is 0 where it cannot be told from roll. Shape (3,).
    """
    # A zero of either sign is the same rotation, but atan2 would make it pi or -pi.
    rotation = rotation.round(12) + 0.0
    cos_pitch = np.hypot(rotation[0, 0], rotation[1, 0])
    pitch = np.arctan2(-rotation[2, 0], cos_pitch)
    if cos_pitch < _GIMBAL_LOCK:
        return np.array([np.arctan2(-rotation[1, 2], rotation[1, 1]), pitch, 0.0])
    roll = np.arctan2(rotation[2, 1], rotation[2, 2])
    return np.array([roll, pitch, np.arctan2(rotation[1, 0], rotation[0, 0])])


def add_origin(parent: ET.Element, position: np.ndarray, rotation: np.ndarray) -> None:
    """Add an ``origin``.

    Args:
        parent: Element that it belongs to.
        position: In [m]. Shape (3,).
        rotation: Rotation matrix. Shape (3, 3).
    """
    angles = roll_pitch_yaw(rotation)
    ET.SubElement(parent, "origin", xyz=vector(position), rpy=vector(angles))


def add_material(robot: ET.Element, name: str, rgba: np.ndarray) -> None:
    """Add a material that visuals refer to by name."""
    material = ET.SubElement(robot, "material", name=name)
    ET.SubElement(material, "color", rgba=vector(rgba.round(4)))


def primitives(kind: int, size: np.ndarray) -> list[tuple[str, dict[str, str], np.ndarray]]:
    """Say a MuJoCo shape in URDF's words.

    Args:
        kind: One of MuJoCo's ``mjtGeom``: box, sphere, cylinder or capsule.
        size: MuJoCo's half sizes in [m]. Shape (3,).

    Returns:
        For each URDF shape its tag, its attributes, and its centre in the geom's frame in [m]. A
        capsule becomes a cylinder and two spheres, for URDF has none.

    Raises:
        ModelError: If it is another kind, such as a mesh.
    """
    centre = np.zeros(3)
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        return [("box", {"size": vector(2.0 * size)}, centre)]
    ball = ("sphere", {"radius": number(size[0])})
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return [(*ball, centre)]
    tube = ("cylinder", {"radius": number(size[0]), "length": number(2.0 * size[1])}, centre)
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        return [tube]
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        end = np.array([0.0, 0.0, size[1]])
        return [tube, (*ball, end), (*ball, -end)]
    raise ModelError(
        f"URDF has no shape for MuJoCo's {mujoco.mjtGeom(kind).name}; "
        "use boxes, spheres, cylinders and capsules"
    )
