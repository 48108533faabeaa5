"""GR00T as a policy that is asked and waited for, in a loop without ROS.

The node ``groot_policy`` does the same beside a loop that does not wait.
"""

from so101_ros.errors import GrootError, PolicyUnavailable
from so101_ros.groot.chunk_plan import ChunkPlan, PlanSettings
from so101_ros.groot.eyes import Eyes
from so101_ros.groot.joint_history import JointHistory
from so101_ros.groot.session import ContractMismatch, GrootSession
from so101_ros.observation import Observation
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointTrajectory

RETRY_S = 0.5
"""Time of the loop after which a model that did not answer is asked again: finding out that nobody
is there may take seconds of everybody's time."""

APART_S = 0.1
"""How far apart the images and the joint positions of one question may be, in [s]: as late as joint
states can be, and a policy tick."""


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
            eyes: Take the images.
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
        self._history = JointHistory()
        self._silence = ""
        self._retry_ns = 0

    def reset(self, seed: int) -> None:
        """Forget the answers before; a model without memory has nothing else to forget."""
        self._eyes.begin(seed)
        self._plan.begin_epoch()
        self._history.clear()
        self._silence, self._retry_ns = "", 0

    def act(self, observation: Observation) -> JointTrajectory:
        """Tell what is left of the answers, after the next one if it is due.

        Raises:
            PolicyUnavailable: If the model does not answer and nothing is left.
            ContractMismatch: If the model does not fit the profile.
        """
        now_ns = observation.stamp_ns
        self._history.add(observation.joints)
        if now_ns >= self._retry_ns and self._plan.is_due(now_ns):
            self._silence = self._ask(now_ns)
            if self._silence:
                self._retry_ns = now_ns + round(RETRY_S * NANOSECONDS)
        remainder = self._plan.remainder(now_ns)
        if remainder is None:
            raise PolicyUnavailable(self._silence or "the model's answer has ended")
        return remainder

    def _ask(self, now_ns: int) -> str:
        """Ask the model; returns why there is no answer, empty if there is one."""
        view = self._eyes.look()
        joints = self._history.near(view.stamp_ns, APART_S)
        if joints is None:
            return "no joint state of the time at which the images were taken"
        try:
            answer = self._session.ask(view.images, joints.q)
        except ContractMismatch:
            raise
        except GrootError as err:
            return str(err)
        if self._plan.take(answer.targets, view.stamp_ns, now_ns) is None:
            return "the images are older than the answer reaches: nothing of it is left"
        return ""
