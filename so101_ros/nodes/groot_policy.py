"""Node: GR00T as a base policy, beside a loop that never waits for it.

Subscribes to ``joint_states`` and the ``camera/<name>/image_raw`` of the profile's cameras.
Publishes ``policy/groot/action`` whenever the model has answered, ``policy/groot/status`` at every
policy tick, and ``diagnostics``. The model's contract is checked before its first answer; a model
that does not fit ends the node.

    ros2 run so101_ros groot_policy --ros-args -p provider:=tcp://127.0.0.1:5555
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMsg
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.control.tick_gate import TickGate
from so101_ros.epoch import EpochTracker
from so101_ros.errors import GrootError, ObservationError
from so101_ros.groot.checks.live_check import LiveCheck
from so101_ros.groot.chunk_plan import ChunkPlan, PlanSettings, Timing
from so101_ros.groot.joint_history import JointHistory
from so101_ros.groot.make_session import make_session
from so101_ros.groot.provider import ContractMismatch
from so101_ros.groot.session import SessionAnswer
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import (
    ERROR,
    OK,
    STALE,
    WARN,
    DiagnosticReporter,
    RateMeter,
    Report,
    judge_silence,
)
from so101_ros.nodes.groot_parameters import GrootParameters
from so101_ros.nodes.groot_question import Question
from so101_ros.nodes.groot_report import AnswerLog
from so101_ros.nodes.inference_worker import InferenceWorker, Outcome
from so101_ros.nodes.parameters import declare, on_change
from so101_ros.nodes.policy_status import GROOT_TOPIC, PolicyStatus, TickReport
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.runtime import run
from so101_ros.nodes.synchronised_images import SynchronisedImages
from so101_ros.rates import NANOSECONDS

RETRY_S = 0.5
"""Wall time after which a model that did not answer is asked again."""

_LOOK_S = 1.0  # wall time between two looks at live state and images


class GrootPolicyNode(Node):
    """Ask a model for chunks and publish them, joined to each other."""

    def __init__(self) -> None:
        """Read the parameters and ask the model what it is."""
        super().__init__("groot_policy")
        self._settings = declare(self, GrootParameters)
        self._session = make_session(self._settings.model, self.get_logger().info)
        self._profile = self._session.profile
        self._plan = ChunkPlan(self._plan_settings(self._settings))
        self._log = AnswerLog()
        self._live_check: LiveCheck | None = None
        self._looked_at_s = self._failed_at_s = float("-inf")
        self._silence = "the model has not said yet what it is"
        self._epochs, self._history = EpochTracker(), JointHistory()
        self._gate = TickGate(self._settings.rates)
        self._now_ns = 0
        self._refusals = Refusals(self)
        self._joint_rate = RateMeter()
        self._worker: InferenceWorker[Question, SessionAnswer | None] = InferenceWorker(
            self, self._work, self._on_done
        )
        self._connect()
        on_change(self, self._settings, self._apply, validate=self._check)
        self._worker.submit(Question(self._epochs.count))

    def close(self) -> None:
        """Let the model go; one that is thinking goes with the process."""
        if not self._worker.busy:  # what the thread waits at must not be closed under it
            self._session.close()

    def _connect(self) -> None:
        self._publisher = self.create_publisher(
            JointTrajectoryMsg, "policy/groot/action", qos.POLICY_ACTION
        )
        self._status = PolicyStatus(self, GROOT_TOPIC)
        # Messages that wait together are taken in this order: images before the joints.
        self._images = SynchronisedImages(self, sorted(self._profile.cameras))
        self.create_subscription(
            JointStateMsg, "joint_states", self._on_joint_states, qos.JOINT_STATE
        )
        self._reporter = DiagnosticReporter(self, self._report)

    def _plan_settings(self, settings: GrootParameters) -> PlanSettings:
        profile = self._profile
        return PlanSettings(
            profile.rate_hz,
            profile.horizon,
            settings.execution_steps or profile.execution_steps,
            profile.first_step,
            settings.fade_s,
            Timing(settings.timing),
        )

    def _check(self, settings: GrootParameters) -> None:
        """Refuse what only the profile shows to be wrong."""
        _ = self._plan_settings(settings)

    def _apply(self, settings: GrootParameters) -> None:
        self._settings = settings
        self._plan.settings = self._plan_settings(settings)

    # Observations.

    def _on_joint_states(self, msg: JointStateMsg) -> None:
        try:
            joints = convert.joint_state_from_ros(msg)
        except ObservationError as err:
            self._refusals.add("joint_states", err)
            return
        self._joint_rate.tick()
        self._now_ns = joints.stamp_ns
        if self._epochs.begins_at(joints.stamp_ns):
            self._plan.begin_epoch()
            self._history.clear()
        self._history.add(joints)
        if self._gate.opens_at(joints.stamp_ns):
            self._ask_if_due()
            self._tell_tick()

    def _ask_if_due(self) -> None:
        if self._worker.busy or not self._plan.is_due(self._now_ns) or not self._may_retry():
            return
        question = self._observe()
        if question is not None:
            self._worker.submit(question)

    def _may_retry(self) -> bool:
        return time.monotonic() - self._failed_at_s >= RETRY_S

    def _observe(self) -> Question | None:
        """Put together what belongs to one moment: the newest images, and the arm then."""
        if not self._session.is_checked:
            return Question(self._epochs.count)
        settings = self._settings
        oldest_ns = self._now_ns - round(settings.image_timeout_s * NANOSECONDS)
        oldest_ns = max(oldest_ns, self._epochs.start_ns or 0)
        images = self._images.newest(oldest_ns, settings.sync_tolerance_s)
        if images is None:
            self._silence = self._images.describe_lack(self._now_ns)
            return None
        joints = self._history.near(images.stamp_ns, settings.sync_tolerance_s)
        if joints is None:
            self._silence = "no joint state of the time at which the images were taken"
            return None
        prompt = settings.prompt or self._profile.prompt
        return Question(self._epochs.count, images, joints, prompt)

    # The model; _work runs in the worker's thread.

    def _work(self, question: Question) -> SessionAnswer | None:
        if question.images is None or question.joints is None:
            self._session.check()
            return None
        images = question.images.decode()
        return self._session.ask(images, question.joints.q, question.prompt)

    def _on_done(self, outcome: Outcome[Question, SessionAnswer | None]) -> None:
        if outcome.error is not None:
            self._note_failure(outcome.error)
            return
        answer, question = outcome.answer, outcome.job
        if answer is None:
            self._begin_live_check()
        elif question.images is not None and question.epoch == self._epochs.count:
            self._silence = ""
            self._look(answer)
            self._take(answer, question.images.stamp_ns)

    def _note_failure(self, error: Exception) -> None:
        first_contact = self._live_check is None
        if isinstance(error, ContractMismatch) and first_contact:
            raise error
        if not isinstance(error, GrootError | ObservationError):
            raise error
        self._log.failures += 1
        self._failed_at_s = time.monotonic()
        if str(error) != self._silence:
            self.get_logger().warning(f"no answer: {error}")
        self._silence = str(error)

    def _take(self, answer: SessionAnswer, observed_ns: int) -> None:
        plan = self._plan.take(answer.targets, observed_ns, self._now_ns)
        age_s = (self._now_ns - observed_ns) / NANOSECONDS
        self._log.note(self._plan, answer.inference_s, age_s, used=plan is not None)
        if plan is None:
            self._silence = (
                f"the answer took {answer.inference_s:.2f} s and reaches "
                f"{self._plan.settings.horizon_s:.2f} s: nothing of it is left; set "
                "timing:=stop_and_go, or use a faster model"
            )
            return
        self._publisher.publish(convert.trajectory_to_ros(plan))

    def _begin_live_check(self) -> None:
        for finding in self._session.mismatches:
            self.get_logger().warning(f"allowed all the same: {finding}")
        assert self._session.contract is not None  # it has just been checked
        if self._live_check is None:
            # Later the reason why there is no answer stays until there is one.
            self._silence = "the model has not answered yet"
        self._live_check = LiveCheck(self._profile, self._session.contract)

    def _look(self, answer: SessionAnswer) -> None:
        """Compare what the model sees with what it was trained with, now and then."""
        now_s = time.monotonic()
        if self._live_check is not None and now_s - self._looked_at_s >= _LOOK_S:
            self._looked_at_s = now_s
            self._log.findings = self._live_check.look(answer.request)

    # Reports.

    def _tell_tick(self) -> None:
        if not self._status.is_heard:
            return
        report = TickReport(
            self._now_ns,
            self._settings.seed,
            WARN,
            self._silence or "the model's answer has ended",
            self._log.last_inference_s,
        )
        plan = self._plan.current
        if plan is not None and plan.end_ns > self._now_ns:
            tick_ns = round(self._settings.rates.policy_period_s * NANOSECONDS)
            target = tuple(plan.sample(self._now_ns + tick_ns).tolist())
            report = replace(report, level=OK, message="", target=target)
        self._status.publish(report)

    def _report(self) -> Report:
        level, message = judge_silence(
            self._joint_rate, "joint states", *self._judge(self._refusals.read_latest())
        )
        contract = self._session.contract
        values: dict[str, object] = {
            "provider": self._settings.provider,
            "profile": self._profile.name,
            "contract": "not checked yet" if contract is None else contract.source,
            "joint_states_hz": self._joint_rate.read_hz(),
            **{f"images_{name}_hz": rate.read_hz() for name, rate in self._images.rates.items()},
            **self._log.values(self._plan, self._now_ns),
            **{f"does not fit: {each.subject}": str(each) for each in self._session.mismatches},
            **{f"unlike training: {each.subject}": str(each) for each in self._log.strange},
            **self._refusals.values(),
        }
        return Report(level, message, values)

    def _judge(self, refusal: str) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if self._live_check is None and self._log.failures:
            return ERROR, self._silence
        if self._joint_rate.count == 0:
            return STALE, "no joint states"
        if self._silence:
            return WARN, f"no action: {self._silence}"
        if refusal:
            return WARN, refusal
        if self._log.strange:
            return WARN, f"unlike the training data: {self._log.strange[0]}"
        return OK, f"following {self._settings.provider}"


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(GrootPolicyNode, args)


if __name__ == "__main__":
    sys.exit(main())
