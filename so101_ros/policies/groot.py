"""GR00T as a policy that is asked and waited for, in a loop without ROS.

The node ``groot_policy`` does the same beside a loop that does not wait.
"""

from so101_ros.errors import GrootError, PolicyUnavailable
from so101_ros.groot.chunk_plan import ChunkPlan, PlanSettings
from so101_ros.groot.eyes import Eyes
from so101_ros.groot.session import ContractMismatch, GrootSession
from so101_ros.observation import Observation
from so101_ros.trajectory import JointTrajectory


class GrootPolicy:
    """Execute a model's answers, and ask for the next one when most of the last is used."""

    def __init__(
        self,
        session: GrootSession,
        eyes: Eyes,
        fade_s: float = 0.1,
    ) -> None:
        """Get ready to ask.

        Args:
            session: The model; its contract is checked with the first question.
            eyes: Take the images; whoever made them closes them.
            fade_s: Length of the cross-fade between two answers, in [s].
        """
        profile = session.profile
        self._session = session
        self._eyes = eyes
        self._plan = ChunkPlan(
            PlanSettings(
                profile.rate_hz,
                profile.horizon,
                profile.execution_steps,
                profile.first_step,
                fade_s,
            )
        )

    def reset(self, seed: int) -> None:
        """Forget the answers before; a model without memory has nothing else to forget."""
        self._eyes.begin(seed)
        self._plan.begin_epoch()

    def act(self, observation: Observation) -> JointTrajectory:
        """Tell what is left of the answers, after the next one if it is due.

        Raises:
            PolicyUnavailable: If the model does not answer and nothing is left.
            ContractMismatch: If the model does not fit the profile.
        """
        now_ns = observation.stamp_ns
        reason = self._ask(observation) if self._plan.is_due(now_ns) else ""
        remainder = self._plan.remainder(now_ns)
        if remainder is None:
            raise PolicyUnavailable(reason or "the model's answer has ended")
        return remainder

    def _ask(self, observation: Observation) -> str:
        """Ask the model; returns why there is no answer, empty if there is one."""
        view = self._eyes.look()
        try:
            answer = self._session.ask(view.images, observation.joints.q)
        except ContractMismatch:
            raise
        except GrootError as err:
            return str(err)
        self._plan.take(answer.targets, view.stamp_ns, observation.stamp_ns)
        return ""
