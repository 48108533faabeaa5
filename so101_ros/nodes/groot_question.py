"""What the GR00T node's worker is given to do."""

from dataclasses import dataclass

from so101_ros.nodes.synchronised_images import ImageSet
from so101_ros.observation import JointState


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """An observation on its way to the model; without one, the model is asked what it is.

    Attributes:
        epoch: When it was asked, as a count of epochs.
        images: What the cameras saw.
        joints: The arm at that moment.
        prompt: What the model is told to do.
    """

    epoch: int
    images: ImageSet | None = None
    joints: JointState | None = None
    prompt: str = ""
