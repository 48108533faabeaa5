from pathlib import Path

import pytest

from so101_ros.bringup.params_file import read_parameters
from so101_ros.errors import AssetError, ConfigError

_NODES = ("one", "two")


def _write(folder: Path, text: str) -> str:
    file = folder / "params.yaml"
    file.write_text(text)
    return str(file)


def test_one_node_wins_over_all_and_nesting_becomes_dots(tmp_path: Path) -> None:
    """Common values reach every node, a node's own values replace them."""
    path = _write(
        tmp_path,
        """
/**:
  ros__parameters: {rate: 1, shared: true}
/left/one:
  ros__parameters: {rate: 2, inner: {gain: 0.5}}
""",
    )
    assert read_parameters(path, _NODES) == {
        "one": {"rate": 2, "shared": True, "inner.gain": 0.5},
        "two": {"rate": 1, "shared": True},
    }


def test_an_unknown_node_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """A mistyped node name would otherwise be ignored in silence."""
    path = _write(tmp_path, "onw:\n  ros__parameters: {rate: 1}\n")
    with pytest.raises(
        ConfigError, match=r"speaks to the node 'onw'.*Allowed: one, two and '/\*\*'"
    ):
        read_parameters(path, _NODES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must map node names to 'ros__parameters'"),
        ("- a\n- b\n", "must map node names to 'ros__parameters'"),
        ("one: {rate: 1}\n", "'one' must hold a mapping named 'ros__parameters'"),
        ("one: 3\n", "'one' must hold a mapping named 'ros__parameters'"),
        ("one: {rate: [\n", "is no YAML"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """Each malformation is named, in one line."""
    with pytest.raises(ConfigError, match=complaint.replace("*", r"\*")) as caught:
        read_parameters(_write(tmp_path, text), _NODES)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused() -> None:
    """The message has the path and what to do."""
    with pytest.raises(AssetError, match=r"params_file='/no/such.yaml' is not a file"):
        read_parameters("/no/such.yaml", _NODES)
