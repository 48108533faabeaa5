"""Make the environments known to Gymnasium."""

import gymnasium

STATE_ID = "so101_ros/PaperReturn-v0"
IMAGE_ID = "so101_ros/PaperReturnImage-v0"
RESIDUAL_ID = "so101_ros/PaperReturnResidual-v0"

ENTRY_POINTS = {
    STATE_ID: "so101_ros.envs.make:make_paper_return",
    IMAGE_ID: "so101_ros.envs.make:make_paper_return_image",
    RESIDUAL_ID: "so101_ros.envs.make:make_paper_return_residual",
}
"""What makes each environment; text, so that other processes can import it."""


def register_environments() -> None:
    """Register every environment that is not registered yet.

    The episode's limit belongs to the task, which tells it from success: there is no time-limit
    wrapper.
    """
    for name, entry_point in ENTRY_POINTS.items():
        if name not in gymnasium.registry:
            gymnasium.register(name, entry_point)
