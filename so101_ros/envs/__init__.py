"""Gymnasium environments; importing this package registers them.

``gymnasium.make("so101_ros.envs:so101_ros/PaperReturn-v0")`` imports it by itself.
"""

from so101_ros.envs.images import ImageSettings
from so101_ros.envs.info import ResidualInfo, StepInfo
from so101_ros.envs.paper_return import PaperReturnEnv
from so101_ros.envs.registration import (
    IMAGE_ID,
    RESIDUAL_ID,
    STATE_ID,
    register_environments,
)
from so101_ros.envs.residual import ResidualWrapper

__all__ = [
    "IMAGE_ID",
    "RESIDUAL_ID",
    "STATE_ID",
    "ImageSettings",
    "PaperReturnEnv",
    "ResidualInfo",
    "ResidualWrapper",
    "StepInfo",
    "register_environments",
]

register_environments()
