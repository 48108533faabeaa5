"""Compare a profile with what a model says of itself, before anything moves."""

import difflib
from collections.abc import Mapping

from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.checks.mode_check import check_mode
from so101_ros.groot.checks.range_check import check_actions, check_home
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.profile import ActionMode, EmbodimentProfile

_UNTOLD = "not told by the model"
_PREFIXED = "the source writes a prefix, {key!r}: its generation is probably another"
_Shape = int | tuple[int, int]


def check_contract(profile: EmbodimentProfile, contract: ModelContract) -> tuple[Finding, ...]:
    """Compare everything that both sides tell.

    Args:
        profile: What the arm's side assumes.
        contract: What the model says.

    Returns:
        What was found, mismatch or not.
    """
    sizes = {key: each.size for key, each in profile.video.items()}
    states = {key: len(names) for key, names in profile.state.items()}
    actions = {key: len(names) for key, names in profile.action.items()}
    return (
        _check_generation(profile, contract),
        _check_tag(profile, contract),
        _check_language(profile, contract),
        _tell_prompt(profile),
        _check_horizon(profile, contract),
        check_mode(profile, contract),
        *_check_part("video", sizes, contract.video),
        *_check_part("state", states, contract.state),
        *_check_part("action", actions, contract.action),
        *check_home(profile, contract.state_range),
        *_check_action_range(profile, contract),
    )


def _check_generation(profile: EmbodimentProfile, contract: ModelContract) -> Finding:
    given, expected = profile.generation.value, contract.generation.value
    fix = f"set generation: {expected} in the profile, and look at its keys anew"
    return _compare("generation", given, expected, fix)


def _check_tag(profile: EmbodimentProfile, contract: ModelContract) -> Finding:
    expected = contract.embodiment_tag
    fix = f"set embodiment_tag: {expected} in the profile"
    return _compare("embodiment tag", profile.embodiment_tag, expected, fix)


def _check_horizon(profile: EmbodimentProfile, contract: ModelContract) -> Finding:
    expected = None if contract.horizon is None else str(contract.horizon)
    return _compare("horizon", str(profile.horizon), expected, f"set horizon: {expected}")


def _check_language(profile: EmbodimentProfile, contract: ModelContract) -> Finding:
    keys = contract.language_keys
    given = profile.language_key
    expected = given if given in keys else ", ".join(keys) or None
    return _compare("language key", given, expected, f"set language_key: {expected}")


def _tell_prompt(profile: EmbodimentProfile) -> Finding:
    """No source tells the prompt, and a model that reads another does something else."""
    expected = "the task text of the training data"
    fix = "compare with meta/tasks.jsonl of the data set, letter by letter"
    return Finding("prompt", repr(profile.prompt), expected, Verdict.UNKNOWN, fix)


def _compare(subject: str, given: str, expected: str | None, fix: str) -> Finding:
    if expected is None:
        return Finding(subject, given, _UNTOLD, Verdict.UNKNOWN)
    if given == expected:
        return Finding(subject, given, expected, Verdict.OK)
    return Finding(subject, given, expected, Verdict.MISMATCH, fix)


def _check_part(
    part: str, given: Mapping[str, _Shape], expected: Mapping[str, _Shape | None]
) -> list[Finding]:
    """Compare keys and shapes of video, state or action."""
    if not expected:
        return [Finding(part, ", ".join(given), _UNTOLD, Verdict.UNKNOWN)]
    return [
        *(_check_key(part, key, given, expected) for key in given),
        *(_refuse_extra(part, key, given) for key in expected if key not in given),
    ]


def _check_key(
    part: str, key: str, given: Mapping[str, _Shape], expected: Mapping[str, _Shape | None]
) -> Finding:
    subject = f"{part}.{key}"
    if key not in expected:
        fix = _advise(part, key, [each for each in expected if each not in given])
        keys = f"one of {', '.join(expected)}"
        return Finding(subject, "in the profile", keys, Verdict.MISMATCH, fix)
    shape, model_shape = given[key], expected[key]
    if model_shape is None:
        return Finding(subject, _describe(shape), _UNTOLD, Verdict.UNKNOWN)
    fix = _explain_shape(part, key, given, expected)
    return _compare(subject, _describe(shape), _describe(model_shape), fix)


def _advise(part: str, key: str, others: list[str]) -> str:
    """What to do about a key of the profile that the model lacks, but for its other keys."""
    near = _nearest(key, others)
    if near is not None and "." in near:
        return _PREFIXED.format(key=near)
    if near is not None:
        return f"rename it to {near!r}"
    if others:
        return f"name the keys of {part} as the model does"
    return f"leave {key!r} out of the profile"


def _explain_shape(
    part: str, key: str, given: Mapping[str, _Shape], expected: Mapping[str, _Shape | None]
) -> str:
    shape, model_shape = given[key], expected[key]
    if isinstance(shape, tuple) and isinstance(model_shape, tuple):
        swapped = "width and height are swapped: " if shape == model_shape[::-1] else ""
        return f"{swapped}set size: {list(model_shape)}"
    others = [
        other
        for other in given
        if other != key and given[other] == model_shape and expected.get(other) == shape
    ]
    if others:
        return f"swapped with {part}.{others[0]}"
    return f"name {model_shape} joints for {part}.{key}"


def _refuse_extra(part: str, key: str, given: Mapping[str, _Shape]) -> Finding:
    near = _nearest(key, list(given))
    fix = f"is it {near!r} of the profile?" if near else f"add {key!r} to {part} of the profile"
    fix = _PREFIXED.format(key=key) if "." in key else fix
    return Finding(f"{part}.{key}", "not in the profile", "a key", Verdict.MISMATCH, fix)


def _nearest(key: str, others: list[str]) -> str | None:
    """The key that was probably meant, such as one whose prefix was forgotten."""
    ending = [each for each in others if each.endswith(key) or key.endswith(each)]
    return next(iter(ending or difflib.get_close_matches(key, others, n=1)), None)


def _check_action_range(profile: EmbodimentProfile, contract: ModelContract) -> list[Finding]:
    if profile.action_mode is ActionMode.RELATIVE or (
        # Statistics of these may be of offsets, which the model turns into positions by itself.
        profile.generation is not Generation.N15
    ):
        return []
    return check_actions(profile, contract.action_range)


def _describe(shape: _Shape) -> str:
    if isinstance(shape, tuple):
        return f"{shape[0]}x{shape[1]} px"
    return f"{shape} value" if shape == 1 else f"{shape} values"
