"""Typed, described and validated parameters.

A node writes its parameters as one frozen dataclass, declares it once and reads it once::

    @dataclass(frozen=True)
    class Parameters:
        rate_hz: float = parameter(60.0, "Commands per second", minimum=1.0, maximum=1000.0)
        alpha: float = parameter(0.0, "Share of the residual", minimum=0.0, maximum=1.0, live=True)

    settings = declare(node, Parameters)
    on_change(node, settings, apply=self._apply)

What a range cannot say is said by the dataclass's ``__post_init__``, which raises a
:class:`~so101_ros.errors.ConfigError`: at start that ends the node, later it rejects the change.
"""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

from so101_ros.errors import ConfigError, So101Error

_KEY = "so101_parameter"

_Settings = TypeVar("_Settings")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of a parameter beside its name and default."""

    description: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    live: bool


def parameter(
    default: Any,
    description: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    live: bool = False,
) -> Any:
    """Describe one parameter: the default of a dataclass field.

    Args:
        default: Default; its type is the parameter's. Sequences are given as tuples.
        description: What it means, with its unit.
        minimum: Smallest allowed number (of every element of a sequence); None for no bound.
        maximum: Largest allowed number; None for no bound.
        choices: The allowed texts; empty for any.
        live: Whether it may be changed while the node runs.

    Returns:
        A dataclass field.
    """
    facts = _Facts(description, minimum, maximum, tuple(choices), live)
    return field(default=default, metadata={_KEY: facts})


def declare(node: Node, cls: type[_Settings]) -> _Settings:
    """Declare every field of a settings class on a node, and read the values.

    Args:
        node: The node that gets the parameters.
        cls: A dataclass whose fields come from :func:`parameter`.

    Returns:
        The settings that the node was started with.

    Raises:
        ConfigError: If a value has the wrong type or is not allowed, or a name is unknown.
    """
    values = {}
    for entry in fields(cls):  # type: ignore[arg-type]
        try:
            declared = node.declare_parameter(entry.name, _to_ros(entry.default), _describe(entry))
        except ParameterException as err:
            raise ConfigError(_explain(node, entry)) from err
        values[entry.name] = _from_ros(declared.value)
        _check(entry, values[entry.name])
    _refuse_unknown(node)
    return cls(**values)


def _refuse_unknown(node: Node) -> None:
    """Refuse parameters that were given but do not exist: a typing error must not go unnoticed."""
    given = node._parameter_overrides  # rclpy has no public name for them
    unknown = sorted(
        name for name in given if not node.has_parameter(name) and not name.startswith("qos_")
    )
    if unknown:
        raise ConfigError(
            f"{node.get_name()} has no parameter {', '.join(map(repr, unknown))}. "
            f"It has: {', '.join(sorted(node._parameters))}"
        )


def on_change(
    node: Node,
    settings: _Settings,
    apply: Callable[[_Settings], None],
    validate: Callable[[_Settings], None] | None = None,
) -> None:
    """Follow changes of the live parameters.

    A change that the settings class or ``validate`` refuses is rejected with the reason; nothing of
    it is applied.

    Args:
        node: The node that declared the parameters.
        settings: What :func:`declare` returned.
        apply: Called with the new settings after every accepted change.
        validate: Raises a :class:`~so101_ros.errors.So101Error` for what cannot be applied.
    """
    _LiveParameters(node, settings, apply, validate)


class _LiveParameters:
    """The current settings of a node, replaced as a whole."""

    def __init__(
        self,
        node: Node,
        settings: Any,
        apply: Callable[[Any], None],
        validate: Callable[[Any], None] | None,
    ) -> None:
        self._settings = settings
        self._entries = {entry.name: entry for entry in fields(settings)}
        self._apply = apply
        self._validate = validate
        node.add_on_set_parameters_callback(self._judge)
        node.add_post_set_parameters_callback(self._accept)

    def _judge(self, changes: list[Parameter]) -> SetParametersResult:
        try:
            settings = self._changed(changes)
            if self._validate is not None:
                self._validate(settings)
        except So101Error as err:
            return SetParametersResult(successful=False, reason=str(err))
        return SetParametersResult(successful=True)

    def _accept(self, changes: list[Parameter]) -> None:
        settings = self._changed(changes)
        if settings != self._settings:
            self._settings = settings
            self._apply(settings)

    def _changed(self, changes: list[Parameter]) -> Any:
        values = {
            change.name: _from_ros(change.value)
            for change in changes
            if change.name in self._entries
        }
        for name, value in values.items():
            _check(self._entries[name], value)
        return replace(self._settings, **values)


def _describe(entry: Field) -> ParameterDescriptor:
    facts: _Facts = entry.metadata[_KEY]
    descriptor = ParameterDescriptor(
        description=facts.description,
        read_only=not facts.live,
        additional_constraints=_allowed(entry),
    )
    if facts.minimum is None and facts.maximum is None:
        return descriptor
    if isinstance(entry.default, float):
        lowest, highest = -sys.float_info.max, sys.float_info.max
        low, high = _bounds(facts, lowest, highest)
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif isinstance(entry.default, int):
        low, high = _bounds(facts, -(2**63), 2**63 - 1)
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
    return descriptor


def _bounds(facts: _Facts, lowest: float, highest: float) -> tuple[float, float]:
    low = lowest if facts.minimum is None else facts.minimum
    high = highest if facts.maximum is None else facts.maximum
    return low, high


def _allowed(entry: Field) -> str:
    facts: _Facts = entry.metadata[_KEY]
    if facts.choices:
        return f"one of {list(facts.choices)}"
    kind = {
        bool: "true or false",
        int: "an integer",
        float: "a number with a decimal point",
        str: "a text",
    }
    first = entry.default[0] if isinstance(entry.default, tuple) else entry.default
    text = kind[type(first)]
    if isinstance(entry.default, tuple):
        text = f"a list, each element {text}"
    if facts.minimum is not None:
        text += f", at least {facts.minimum}"
    if facts.maximum is not None:
        text += f", at most {facts.maximum}"
    return text


def _check(entry: Field, value: Any) -> None:
    """Refuse what a descriptor cannot: NaN passes every range, and texts have none."""
    facts: _Facts = entry.metadata[_KEY]
    low, high = _bounds(facts, -math.inf, math.inf)
    for item in value if isinstance(value, tuple) else (value,):
        finite = not isinstance(item, float) or math.isfinite(item)
        inside = isinstance(item, str) or (finite and low <= item <= high)
        if not inside or (facts.choices and item not in facts.choices):
            raise ConfigError(_refusal(entry, value))


def _explain(node: Node, entry: Field) -> str:
    """Say what is wrong with the start value of a parameter that ROS refused."""
    override = node._parameter_overrides.get(entry.name)  # rclpy's error drops the value's type
    return _refusal(entry, _from_ros(override.value) if override is not None else None)


def _refusal(entry: Field, value: Any) -> str:
    shown = list(value) if isinstance(value, tuple) else value
    return f"parameter {entry.name}={shown!r} is not allowed: it must be {_allowed(entry)}"


def _to_ros(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _from_ros(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | None) else tuple(value)
