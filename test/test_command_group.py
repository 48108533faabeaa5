"""A sub-command that has sub-commands of its own."""

import argparse
import os

import pytest

from so101_ros.cli.command_group import CommandGroup


class Dance:
    """A command that answers with its number of steps."""

    def add_parser(self, subparsers: "argparse._SubParsersAction") -> None:
        """Describe it."""
        parser = subparsers.add_parser("dance", help="move to music")
        parser.add_argument("steps", type=int)
        parser.set_defaults(run_command=lambda args: args.steps)


def _run(group: CommandGroup, *words: str) -> int:
    parser = argparse.ArgumentParser(prog="so101")
    group.add_parser(parser.add_subparsers())
    return group.run(parser.parse_args([group.name, *words]))


def _group(silences_opencv: bool = False) -> CommandGroup:
    return CommandGroup("party", "have fun", "About.", "examples:", (Dance(),), silences_opencv)


def test_the_chosen_command_runs() -> None:
    """With its own arguments; what it answers is the exit code."""
    assert _run(_group(), "dance", "7") == 7


@pytest.mark.parametrize("words", [(), ("sing",)])
def test_a_group_needs_one_of_its_commands(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """It does nothing by itself."""
    with pytest.raises(SystemExit):
        _run(_group(), *words)
    assert "so101 party: error: " in capsys.readouterr().err


def test_the_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Between what the group says of itself."""
    with pytest.raises(SystemExit):
        _run(_group(), "--help")
    shown = capsys.readouterr().out
    assert shown.index("About.") < shown.index("move to music") < shown.index("examples:")


@pytest.mark.parametrize(
    ("silences", "before", "after"),
    [(False, None, None), (True, None, "SILENT"), (True, "DEBUG", "DEBUG")],
)
def test_opencv_is_silenced_on_request_only(
    silences: bool, before: str | None, after: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not if its user wants to hear it."""
    monkeypatch.setenv("OPENCV_LOG_LEVEL", before or "")
    if before is None:
        monkeypatch.delenv("OPENCV_LOG_LEVEL")
    _run(_group(silences), "dance", "0")
    assert os.environ.get("OPENCV_LOG_LEVEL") == after
