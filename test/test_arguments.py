from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.bringup.arguments import (
    argument,
    arguments_of,
    check_choices,
    from_texts,
    to_text,
)
from so101_ros.errors import ConfigError


@dataclass(frozen=True, slots=True)
class _Settings:
    fast: bool = argument(False, "Hurry")
    count: int = argument(3, "How many")
    factor: float = argument(1.0, "How much")
    mode: str = argument("a", "Which", ["a", "b"])


@given(fast=st.booleans(), count=st.integers(), factor=st.floats(allow_nan=False, width=32))
def test_text_and_value_are_inverse(fast: bool, count: int, factor: float) -> None:
    """Whatever a setting writes as text, it reads back as the same value."""
    if factor in (float("inf"), float("-inf")):
        factor = 0.0
    settings = _Settings(fast, count, factor, "b")
    texts = {
        entry.name: to_text(getattr(settings, entry.name)) for entry in arguments_of(_Settings)
    }
    assert from_texts(_Settings, texts) == settings


def test_texts_of_others_are_left_alone() -> None:
    """Launch keeps the arguments of every file in one table; only one's own are read."""
    assert from_texts(_Settings, {"count": "5", "somebody_elses": "x"}) == _Settings(count=5)


@pytest.mark.parametrize("text", ["True", "true", "TRUE"])
def test_a_boolean_is_read_in_any_case(text: str) -> None:
    """ROS users write both true and True."""
    assert from_texts(_Settings, {"fast": text}).fast is True


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("fast", "yes", "true or false"),
        ("count", "2.5", "a whole number"),
        ("factor", "nan", "a number"),
        ("factor", "inf", "a number"),
        ("factor", "quick", "a number"),
    ],
)
def test_a_wrong_text_is_refused_with_what_is_allowed(name: str, text: str, allowed: str) -> None:
    """The message has the name, the text and the allowed kind."""
    with pytest.raises(ConfigError, match=f"^{name}='{text}' is not allowed: give {allowed}$"):
        from_texts(_Settings, {name: text})


def test_an_unknown_choice_is_refused_with_the_choices() -> None:
    """The message lists every choice."""
    with pytest.raises(ConfigError, match=r"^mode='c' is not known. Allowed: a, b$"):
        check_choices(_Settings(mode="c"))


def test_launch_learns_name_default_and_choices() -> None:
    """What a launch file declares is what the dataclass says."""
    fast, *_, mode = (entry.to_launch() for entry in arguments_of(_Settings))
    assert fast == {
        "name": "fast",
        "default_value": "false",
        "description": "Hurry (true or false)",
    }
    assert mode["choices"] == ["a", "b"]
