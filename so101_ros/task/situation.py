"""What the judge knows of arm and sheet at one policy tick."""

from dataclasses import dataclass

import numpy as np

from so101_ros.pose import Pose


@dataclass(frozen=True, slots=True)
class Touch:
    """Who touches what.

    Attributes:
        tips_on_paper: How many of the two fingertips touch the sheet.
        arm_on_table: Whether any part of the arm touches the table beside the sheet.
    """

    tips_on_paper: int
    arm_on_table: bool


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """Arm and sheet as they are, not as a sensor may see them.

    Attributes:
        paper: Pose of the sheet.
        tool_position: Position of the tool frame, between the jaws, in [m]. Shape (3,).
        touch: Who touches what.
    """

    paper: Pose
    tool_position: np.ndarray
    touch: Touch
