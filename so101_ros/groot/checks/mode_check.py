"""Tell joint positions from offsets by what the training data's actions and states span."""

from collections.abc import Mapping

import numpy as np

from so101_ros.arm import JOINT_NAMES
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange
from so101_ros.groot.profile import ActionMode, EmbodimentProfile

_SUBJECT = "action mode"
_POSITIONS = "positions: actions span what states do"
_OFFSETS = "offsets: actions span little, about zero"
_LIKE_STATES = 0.5  # least share of what either spans that both do, for positions
_LIKE_OFFSETS = 0.5  # most width, relative to the states', for offsets within an answer
_LEAST_MOVED = 0.1  # [rad]; joints that move less tell nothing


def check_mode(profile: EmbodimentProfile, contract: ModelContract) -> Finding:
    """Compare what a profile takes the actions for with what they look like.

    Args:
        profile: Says positions or offsets.
        contract: Has what the training data span, or not.

    Returns:
        The finding.
    """
    given = profile.action_mode.value
    if contract.generation is not Generation.N15:
        return _judge(profile, "positions: its policy adds offsets up", ActionMode.ABSOLUTE)
    states, actions, offsets = _spans(profile, contract)
    if not len(states):
        return Finding(_SUBJECT, given, "not told by the model", Verdict.UNKNOWN)
    if float(np.median(_shared(actions, states))) > _LIKE_STATES:
        return _judge(profile, _POSITIONS, ActionMode.ABSOLUTE)
    about_zero = (offsets[:, 0] <= 0.0) & (offsets[:, 1] >= 0.0)
    narrow = np.ptp(offsets, axis=1) < _LIKE_OFFSETS * np.ptp(states, axis=1)
    if float((about_zero & narrow).mean()) > 0.5:
        return _judge(profile, _OFFSETS, ActionMode.RELATIVE)
    return Finding(_SUBJECT, given, "cannot be told from the training data", Verdict.UNKNOWN)


def _judge(profile: EmbodimentProfile, expected: str, mode: ActionMode) -> Finding:
    given = profile.action_mode
    if given is mode:
        return Finding(_SUBJECT, given.value, expected, Verdict.OK)
    fix = f"set action_mode: {mode.value} in the profile"
    return Finding(_SUBJECT, given.value, expected, Verdict.MISMATCH, fix)


def _spans(
    profile: EmbodimentProfile, contract: ModelContract
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Low and high in [rad] of states, actions as positions and actions as offsets.

    Returns:
        One row per joint whose states moved. Shape (n, 2) each.
    """
    state = _by_joint(profile.state, contract.state_range)
    action = _by_joint(profile.action, contract.action_range)
    rows: list[tuple[np.ndarray, ...]] = []
    for name in JOINT_NAMES:
        if name not in state or name not in action:
            continue
        joint = profile.joints[name]
        spans = (
            joint.to_rad(state[name]),
            joint.to_rad(action[name]),
            joint.rad_per_unit * action[name],
        )
        if float(np.ptp(spans[0])) > _LEAST_MOVED:
            rows.append(tuple(np.sort(each) for each in spans))
    states, actions, offsets = np.array(rows).reshape(-1, 3, 2).swapaxes(0, 1)
    return states, actions, offsets


def _by_joint(
    keys: Mapping[str, tuple[str, ...]], ranges: Mapping[str, ValueRange]
) -> dict[str, np.ndarray]:
    """Low and high in the model's units by joint, where both sides have as many."""
    return {
        name: np.array([ranges[key].low[place], ranges[key].high[place]])
        for key, names in keys.items()
        if key in ranges and len(ranges[key].low) == len(names)
        for place, name in enumerate(names)
    }


def _shared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Share that two intervals have in common of what either covers. Shape (n,)."""
    common = np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0])
    either = np.maximum(one[:, 1], other[:, 1]) - np.minimum(one[:, 0], other[:, 0])
    return np.clip(common, 0.0, None) / either
