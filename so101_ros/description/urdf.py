"""Write the arm, where it stands in the world, and its cameras as URDF."""

import xml.etree.ElementTree as ET

import mujoco
import numpy as np

from so101_ros.arm import MAX_JOINT_SPEED
from so101_ros.description.elements import (
    add_material,
    add_origin,
    matrix,
    number,
    primitives,
    vector,
)
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.pinhole import OPTICAL_FROM_MUJOCO, optical_frame
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, build_model

ROOT = "world"
BASE = "base_link"
TOOL_SITE = "gripper_frame"
TOOL_LINK = "gripper_frame_link"

_VISUAL_GROUP = 2
_COLLISION_GROUP = 3
_TIPS = (FIXED_TIP, MOVING_TIP)  # seen and touched
_TIP_MATERIAL = "fingertip"
_INERTIA_ENTRIES = ("xx", "xy", "xz", "yy", "yz", "zz")


def build_urdf() -> str:
    """Describe the built-in arm.

    Returns:
        The URDF; the same text for the same MJCF.
    """
    config = SceneConfig()
    model = build_model(config)
    robot = ET.Element("robot", name="so101")
    robot.append(ET.Comment(" Written by `python -m so101_ros.description`; edit so101.xml. "))
    _add_materials(robot, model)
    ET.SubElement(robot, "link", name=ROOT)
    for body in _arm_bodies(model):
        _add_link(robot, model, body)
        _add_joint(robot, model, body, config.servo.max_torque)
    _add_tool_frame(robot, model)
    for camera in range(model.ncam):
        _add_optical_frame(robot, model, camera)
    ET.indent(robot)
    return f'<?xml version="1.0"?>\n{ET.tostring(robot, encoding="unicode")}\n'


def _arm_bodies(model: mujoco.MjModel) -> list[int]:
    """List the base and everything that hangs on it, parents first."""
    bodies = [model.body(BASE).id]
    for body in range(bodies[0] + 1, model.nbody):
        if model.body_parentid[body] in bodies:
            bodies.append(body)
    return bodies


def _add_materials(robot: ET.Element, model: mujoco.MjModel) -> None:
    worn = set(model.geom_matid[model.geom_matid >= 0].tolist())  # the others are the table's
    for index in sorted(worn):
        add_material(robot, model.material(index).name, model.mat_rgba[index])
    add_material(robot, _TIP_MATERIAL, model.geom(FIXED_TIP).rgba)


def _add_link(robot: ET.Element, model: mujoco.MjModel, body: int) -> None:
    link = ET.SubElement(robot, "link", name=model.body(body).name)
    _add_inertial(link, model, body)
    first = model.body_geomadr[body]
    for index in range(first, first + model.body_geomnum[body]):
        geom = model.geom(index)
        if geom.group[0] == _VISUAL_GROUP or geom.name in _TIPS:
            material = model.mat(geom.matid[0]).name if geom.matid[0] >= 0 else _TIP_MATERIAL
            _add_shapes(link, "visual", model, index, material)
        if geom.group[0] == _COLLISION_GROUP or geom.name in _TIPS:
            _add_shapes(link, "collision", model, index)


def _add_inertial(link: ET.Element, model: mujoco.MjModel, body: int) -> None:
    """Write the inertia about the link's axes, as the published numbers are."""
    inertial = ET.SubElement(link, "inertial")
    add_origin(inertial, model.body_ipos[body], np.eye(3))
    ET.SubElement(inertial, "mass", value=number(model.body_mass[body]))
    rotation = matrix(model.body_iquat[body])
    tensor = rotation @ np.diag(model.body_inertia[body]) @ rotation.T
    entries = {f"i{a}{b}": tensor["xyz".index(a), "xyz".index(b)] for a, b in _INERTIA_ENTRIES}
    ET.SubElement(inertial, "inertia", {key: number(value) for key, value in entries.items()})


def _add_shapes(
    link: ET.Element, role: str, model: mujoco.MjModel, geom: int, material: str = ""
) -> None:
    rotation = matrix(model.geom_quat[geom])
    for tag, size, centre in primitives(model.geom_type[geom], model.geom_size[geom]):
        element = ET.SubElement(link, role)
        add_origin(element, model.geom_pos[geom] + rotation @ centre, rotation)
        ET.SubElement(ET.SubElement(element, "geometry"), tag, size)
        if material:
            ET.SubElement(element, "material", name=material)


def _add_joint(robot: ET.Element, model: mujoco.MjModel, body: int, max_torque: float) -> None:
    """Connect a body to its parent: by its hinge, or rigidly when it has none."""
    name, parent = model.body(body).name, model.body(model.body_parentid[body]).name
    rotation = matrix(model.body_quat[body])
    if not model.body_jntnum[body]:
        _add_fixed(robot, parent, name, model.body_pos[body], rotation)
        return
    hinge = model.joint(model.body_jntadr[body])
    joint = _add_connection(robot, hinge.name, "revolute", parent, name)
    add_origin(joint, model.body_pos[body], rotation)
    ET.SubElement(joint, "axis", xyz=vector(hinge.axis))
    limit = {"lower": hinge.range[0], "upper": hinge.range[1]}
    limit |= {"effort": max_torque, "velocity": MAX_JOINT_SPEED}
    ET.SubElement(joint, "limit", {key: number(value) for key, value in limit.items()})
    dynamics = {"damping": hinge.damping[0], "friction": hinge.frictionloss[0]}
    ET.SubElement(joint, "dynamics", {key: number(value) for key, value in dynamics.items()})


def _add_fixed(
    robot: ET.Element, parent: str, child: str, position: np.ndarray, rotation: np.ndarray
) -> None:
    joint = _add_connection(robot, f"{parent}_to_{child}", "fixed", parent, child)
    add_origin(joint, position, rotation)


def _add_connection(robot: ET.Element, name: str, kind: str, parent: str, child: str) -> ET.Element:
    joint = ET.SubElement(robot, "joint", name=name, type=kind)
    ET.SubElement(joint, "parent", link=parent)
    ET.SubElement(joint, "child", link=child)
    return joint


def _add_tool_frame(robot: ET.Element, model: mujoco.MjModel) -> None:
    site = model.site(TOOL_SITE)
    ET.SubElement(robot, "link", name=TOOL_LINK)
    parent = model.body(site.bodyid[0]).name
    _add_fixed(robot, parent, TOOL_LINK, site.pos, matrix(site.quat))


def _add_optical_frame(robot: ET.Element, model: mujoco.MjModel, camera: int) -> None:
    name = optical_frame(model.camera(camera).name)
    ET.SubElement(robot, "link", name=name)
    parent = model.body(model.cam_bodyid[camera]).name
    rotation = matrix(model.cam_quat[camera]) @ OPTICAL_FROM_MUJOCO
    _add_fixed(robot, parent, name, model.cam_pos[camera], rotation)
