"""From policies' chunks to the one command that the arm gets: blend, then guard."""

from dataclasses import dataclass

from so101_ros.blending import Blend, Blender
from so101_ros.control.guard import Guard, Guarded
from so101_ros.epoch import EpochTracker
from so101_ros.observation import JointState
from so101_ros.trajectory import JointTrajectory


@dataclass(frozen=True, slots=True, eq=False)
class Commanded:
    """One command with everything it was made of.

    Attributes:
        blend: What the policies want together.
        guarded: What the guard made of it.
    """

    blend: Blend
    guarded: Guarded

    @property
    def command(self) -> JointTrajectory:
        """What to send to the arm."""
        return self.guarded.command


class Commander:
    """Answer joint states with commands.

    Attributes:
        blender: Takes the policies' chunks.
        guard: Takes hold, stop and resume.
        epochs: Follows the joint states.
    """

    def __init__(self, blender: Blender, guard: Guard) -> None:
        """Put blender and guard in line.

        Args:
            blender: Takes the policies' chunks.
            guard: Limits what the blender makes of them.
        """
        self.blender = blender
        self.guard = guard
        self.epochs = EpochTracker()
        self._base_weights: tuple[float, float] | None = None

    def observe(self, stamp_ns: int) -> bool:
        """Take in the stamp of every joint state, also of those that get no command.

        Args:
            stamp_ns: Stamp of the joint state, in [ns].

        Returns:
            Whether a new epoch begins: older chunks are dropped, the arm starts over where it is.
        """
        begins = self.epochs.begins_at(stamp_ns)
        if begins:
            self.blender.begin_epoch(stamp_ns)
            self.guard.restart()
        return begins

    def command(self, joints: JointState) -> Commanded:
        """Make the command for a joint state that was observed.

        Args:
            joints: The arm now.

        Returns:
            The command, stamped with the joint state's stamp.
        """
        stamps_ns = self.guard.stamps_after(joints.stamp_ns)
        blend = self.blender.blend(joints.stamp_ns, stamps_ns)
        base_weights = (blend.weights["ik"], blend.weights["groot"])
        if base_weights != self._base_weights:
            # Another mixture may want another pose: get there slowly.
            self.guard.ramp()
            self._base_weights = base_weights
        return Commanded(blend, self.guard.command(joints, blend.total, blend.reason))
