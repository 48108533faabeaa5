"""How a scene is drawn, and what it has in store so that its look can change in place."""

from math import cos, sin

import mujoco
import numpy as np

from so101_ros.pose import yaw_to_quaternion
from so101_ros.simulation.look_config import (
    DISTRACTORS,
    LAMPS,
    SHAPES,
    TEXTURES,
    LookConfig,
)
from so101_ros.simulation.textures import SIZE, draw_texture
from so101_ros.task.geometry import BASE_POSE

PAPER = "paper"
TABLE = "table"
TAPES = ("tape_left", "tape_right", "tape_far", "tape_near")
OWN_LIGHT = "lamp"
"""The scene's light from above, when there are no lamps."""
TABLE_HALF_SIZE = 0.8  # [m]

_DARK = [0.0, 0.0, 0.0]
_GEOM_TYPES = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "ball": mujoco.mjtGeom.mjGEOM_SPHERE,
}


def lamp_name(index: int) -> str:
    """Name of a spare lamp."""
    return f"lamp_{index}"


def distractor_name(index: int) -> str:
    """Name of the geom of a spare object."""
    return f"distractor_{index}"


def texture_name(texture: str) -> str:
    """Name of a texture and of its material."""
    return f"table_{texture}"


def set_looks(spec: mujoco.MjSpec) -> None:
    """Choose light without shadows and shapes with few facets: made to be drawn by a CPU.

    Args:
        spec: A scene; edited in place.
    """
    look = LookConfig()  # any other is tuned into the compiled model
    spec.visual.global_.offwidth = 1280
    spec.visual.global_.offheight = 960
    spec.visual.map.znear = 0.005
    spec.visual.headlight.ambient = look.ambient
    spec.visual.headlight.diffuse = look.headlight
    spec.visual.headlight.specular = _DARK
    spec.visual.quality.offsamples = 0
    spec.visual.quality.numslices = 16
    spec.visual.quality.numstacks = 8
    spec.visual.quality.numquads = 1
    spec.stat.extent = 1.0
    spec.stat.center = np.array([0.2, 0.1, 0.1])


def add_spare_looks(spec: mujoco.MjSpec) -> None:
    """Add lamps that are off, objects that are not seen and textures that nothing wears.

    Args:
        spec: A scene; edited in place.
    """
    for index in range(LAMPS):
        spec.worldbody.add_light(
            name=lamp_name(index),
            pos=[0.0, 0.0, 1.5],
            type=mujoco.mjtLightType.mjLIGHT_SPOT,  # point lights are not drawn
            cutoff=90.0,
            exponent=1.0,
            active=False,
            castshadow=False,
            specular=_DARK,
        )
    for index in range(DISTRACTORS):
        spec.worldbody.add_geom(
            name=distractor_name(index),
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[0.01, 0.01, 0.01],
            rgba=[0.0, 0.0, 0.0, 0.0],
            contype=0,
            conaffinity=0,
        )
    for texture in TEXTURES[1:]:
        _add_texture(spec, texture)


def _add_texture(spec: mujoco.MjSpec, name: str) -> None:
    texture = spec.add_texture(
        name=texture_name(name),
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=SIZE,
        height=SIZE,
        nchannel=3,
    )
    texture.data = draw_texture(name).tobytes()
    material = spec.add_material(name=texture_name(name))
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = texture_name(name)


def place_distractor(model: mujoco.MjModel, index: int, look: LookConfig) -> None:
    """Put an object where it stands, or hide it.

    Args:
        model: A compiled scene; edited in place.
        index: Which one.
        look: What the scene looks like.
    """
    geom = model.geom(distractor_name(index))
    colour = look.distractor_colours[3 * index : 3 * index + 3]
    geom.rgba[:] = [*colour, 1.0 if index < look.distractors else 0.0]
    size, height = look.distractor_sizes[index], look.distractor_heights[index]
    shape = _shape_of(index, look)
    height = size if shape == "ball" else height
    geom.type[:] = _GEOM_TYPES[shape]
    geom.size[:] = {
        "box": (0.5 * size, 0.5 * size, 0.5 * height),
        "cylinder": (0.5 * size, 0.5 * height, 0.0),
        "ball": (0.5 * size, 0.0, 0.0),
    }[shape]
    bearing, distance = look.distractor_bearings[index], look.distractor_distances[index]
    x, y = BASE_POSE.x + distance * cos(bearing), BASE_POSE.y + distance * sin(bearing)
    geom.pos[:] = [x, y, 0.5 * height]
    geom.quat[:] = yaw_to_quaternion(bearing)
    # The compiler noted that it stands where its body is; forward kinematics would believe that.
    geom.sameframe = mujoco.mjtSameFrame.mjSAMEFRAME_NONE


def _shape_of(index: int, look: LookConfig) -> str:
    """One of each, if they are mixed."""
    return SHAPES[index] if look.distractor_shape == "mixed" else look.distractor_shape
