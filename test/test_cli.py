import os
import re
import subprocess
import sys
from io import StringIO

import pytest

from so101_ros import __version__
from so101_ros.bringup.arguments import arguments_of
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import NodeExit
from so101_ros.cli import main, up
from so101_ros.cli.log_lines import LogLines


def _so101(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "so101_ros.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_teaches_every_command_with_examples() -> None:
    """The first page names each sub-command and shows how to use it."""
    shown = _so101("--help")
    assert shown.returncode == 0
    assert "examples:" in shown.stdout
    for command in main.COMMANDS:
        assert re.search(rf"^    {command}\s", shown.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", main.COMMANDS)
def test_each_command_has_help_with_examples(command: str) -> None:
    """Every sub-command explains itself."""
    shown = _so101(command, "--help")
    assert shown.returncode == 0
    assert "examples:" in shown.stdout


def test_up_has_the_arguments_of_the_launch_file() -> None:
    """One table, two front ends."""
    shown = _so101("up", "--help").stdout
    for entry in arguments_of(BringUp):
        assert f"--{entry.name.replace('_', '-')}" in shown


def test_version_is_the_packages() -> None:
    """``--version`` says which release this is."""
    assert _so101("--version").stdout == f"so101_ros {__version__}\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "so101: error: the following arguments are required: COMMAND"),
        (["dance"], "so101: error: argument COMMAND: invalid choice: 'dance'"),
        (["up", "--speed", "2"], "so101: error: unrecognized arguments: --speed 2"),
        (["up", "--seed", "x"], "so101 up: error: argument --seed: seed='x' is not allowed"),
        (["up", "--policy", "residual"], "so101 up: error: policy 'residual' is not available"),
        (["up", "--camera-width", "0"], "so101 up: error: camera_width=0 is not allowed"),
        (["up", "--backend", "real"], "so101 up: error: backend='real' is not available"),
        (["up", "--robot-model", "/no"], "so101 up: error: robot_model='/no' is not a file"),
        (["up", "--params-file", "/no"], "so101 up: error: params_file='/no' is not a file"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(words: list[str], complaint: str) -> None:
    """No usage, no traceback: one line that says what is wrong."""
    ended = _so101(*words)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(complaint)
    assert ended.stderr.count("\n") == 1


def test_up_says_how_to_get_ros(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rclpy nothing is started."""
    monkeypatch.setattr(up.importlib.util, "find_spec", lambda name: None)
    error = StringIO()
    monkeypatch.setattr(sys, "stderr", error)
    assert main.run(["up"]) == 2
    assert "rclpy) was not found" in error.getvalue()
    assert "pip install '.[ros]'" in error.getvalue()


@pytest.mark.parametrize(("code", "exit_code"), [(2, 2), (1, 1), (0, 1), (-11, 1)])
def test_the_end_of_a_node_decides_the_exit_code(code: int, exit_code: int) -> None:
    """Refused input stays 2; any other end of a node is a failure."""
    assert up.exit_code_of(NodeExit("mujoco_sim", code)) == exit_code


def _fail(reason: OSError) -> None:
    pytest.fail(f"lost: {reason}")


def test_lines_are_aligned_and_plain_in_a_file() -> None:
    """Without a terminal there are no colour codes."""
    stream = StringIO()
    lines = LogLines(stream, ["ab", "abcd"], _fail)
    lines.write("ab", "hello")
    lines.write("abcd", "world")
    assert stream.getvalue() == "ab   | hello\nabcd | world\n"


def test_a_terminal_gets_one_colour_for_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """The colour ends with the prefix; the line keeps its own."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    lines = LogLines(stream, ["a", "b"], _fail)
    lines.write("a", "x")
    lines.write("b", "x")
    first, second = stream.getvalue().splitlines()
    assert first != second
    assert first.startswith("\033[") and first.endswith("|\033[0m x")


def test_help_needs_no_heavy_import() -> None:
    """The command answers at once: neither OpenCV nor ROS nor a plot is loaded for its help."""
    code = (
        "import sys; from so101_ros.cli.main import build_parser; build_parser(); "
        "print(sorted({'cv2', 'rclpy', 'matplotlib', 'av'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert shown.stdout == "[]\n"


def test_a_reader_that_leaves_is_told_once() -> None:
    """After ``| head`` every further line goes nowhere, and closing the stream does not fail."""
    reading, writing = os.pipe()
    lost: list[OSError] = []
    with os.fdopen(writing, "w") as stream:
        lines = LogLines(stream, ["a"], lost.append)
        os.close(reading)
        for _ in range(3):
            lines.write("a", "hello")
    assert [type(reason) for reason in lost] == [BrokenPipeError]


def test_lines_without_standard_output_go_nowhere() -> None:
    """``>&-`` leaves Python without a stream."""
    LogLines(None, ["a"], _fail).write("a", "hello")


def test_ctrl_c_while_the_command_is_read_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's code for it, and no traceback."""

    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.importlib, "import_module", interrupt)
    assert main.run(["up"]) == main.EXIT_INTERRUPTED
