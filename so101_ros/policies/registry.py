"""Every base policy by the name that a user types."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from so101_ros.arm import ArmSpec
from so101_ros.errors import ConfigError, So101Error
from so101_ros.groot.settings import GrootSettings
from so101_ros.policies.base import Policy
from so101_ros.policies.foreign_error import describe_place
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.hybrid import HybridPolicy
from so101_ros.policies.names import (
    GROOT,
    HYBRID,
    HYBRID_GROOT_SHARE,
    IK,
    NOT_YET,
    ORACLE,
    POLICIES,
    ZERO,
)
from so101_ros.policies.oracle import OraclePolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.policies.random_targets import RandomPolicy
from so101_ros.policies.replay import ReplayPolicy
from so101_ros.pose import PlanarPose
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.simulator import Simulator


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What a policy may be made of.

    Attributes:
        config: The scene that it will act in.
        arm: The arm of that scene.
        place_paper: Moves the sheet, for the oracle alone.
        simulator: The simulation of this process, for policies that see images; None if there is
            none.
        groot: The GR00T model, for policies that ask one.
    """

    config: SceneConfig
    arm: ArmSpec
    place_paper: Callable[[PlanarPose], None]
    simulator: Simulator | None = None
    groot: GrootSettings = field(default_factory=GrootSettings)


def check_policy(text: str) -> None:
    """Refuse the name of a policy that does not exist, without making the policy.

    Args:
        text: What the user typed.

    Raises:
        ConfigError: If it is unknown, not available, or its file or module does not exist.
    """
    name, _, argument = text.partition(":")
    if name in NOT_YET:
        raise ConfigError(f"policy {text!r} is not available in this release. {_allowed()}")
    if name == "replay" and argument:
        ReplayPolicy(Path(argument))
    elif argument and name not in _MAKERS:
        _find_factory(name, argument)
    elif argument or name not in _MAKERS:
        raise ConfigError(f"policy {text!r} is unknown. {_allowed()}")


def make_policy(text: str, context: PolicyContext) -> Policy:
    """Make a policy.

    Args:
        text: What the user typed; see :data:`so101_ros.policies.names.POLICIES`.
        context: What it may be made of.

    Raises:
        ConfigError: If it is unknown, not available, its file or module does not exist, or the
            user's factory raises something.
    """
    check_policy(text)
    name, _, argument = text.partition(":")
    if name == "replay":
        return ReplayPolicy(Path(argument), context.config.rates)
    if argument:
        return _call_factory(text, _find_factory(name, argument), context.config)
    return _MAKERS[name](context)


def _find_factory(module: str, name: str) -> Callable[[SceneConfig], Any]:
    try:
        factory = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as err:
        raise ConfigError(
            f"policy '{module}:{name}' cannot be found: {err}. Give a module on PYTHONPATH and "
            f"a callable in it. {_allowed()}"
        ) from err
    except KeyboardInterrupt:
        raise
    except BaseException as err:  # Foreign code: also its sys.exit() is told, not followed.
        raise ConfigError(
            f"policy '{module}:{name}' cannot be imported: {describe_place(err)}"
        ) from err
    if not callable(factory):
        raise ConfigError(f"policy '{module}:{name}' is no callable. {_allowed()}")
    return factory


def _call_factory(text: str, factory: Callable[[SceneConfig], Any], config: SceneConfig) -> Policy:
    try:
        return factory(config)
    except (So101Error, KeyboardInterrupt):
        raise
    except BaseException as err:  # Foreign code: also its sys.exit() is told, not followed.
        raise ConfigError(f"policy {text!r} cannot be made: {describe_place(err)}") from err


def _allowed() -> str:
    return f"Allowed: {', '.join(POLICIES)}"


def _make_groot(context: PolicyContext) -> Policy:
    if context.simulator is None:
        raise ConfigError(
            "policy 'groot' sees images, which this process has not: start the node groot_policy"
        )
    # Imports OpenCV and what speaks to servers, for which the others should not wait.
    from so101_ros.groot.make_session import make_session
    from so101_ros.groot.simulated_eyes import SimulatedEyes
    from so101_ros.policies.groot import GrootPolicy

    session = make_session(context.groot)
    session.check()  # now: a model that is not there, or another one, is no result of an episode
    return GrootPolicy(session, SimulatedEyes(context.simulator, session.profile.cameras))


def _make_hybrid(context: PolicyContext) -> Policy:
    groot = _make_groot(context)
    ik = PressAndDragPolicy(context.config)
    return HybridPolicy(ik, groot, HYBRID_GROOT_SHARE, context.config.rates)


_MAKERS: dict[str, Callable[[PolicyContext], Policy]] = {
    IK: lambda context: PressAndDragPolicy(context.config),
    GROOT: _make_groot,
    HYBRID: _make_hybrid,
    ZERO: lambda context: HoldPolicy(),
    "random": lambda context: RandomPolicy(context.arm, context.config.rates),
    ORACLE: lambda context: OraclePolicy(context.place_paper),
}
