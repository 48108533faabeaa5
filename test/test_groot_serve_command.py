import sys

import pytest
from groot_checkpoints import write_n15

from so101_ros.cli.main import run


def refuse(capsys, *arguments: str) -> str:
    """Run the command; it must end with one line and exit code 2."""
    try:
        code = run(["groot", "serve", *arguments])
    except SystemExit as left:
        code = left.code
    assert code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_without_groot_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    """After it looked at the checkpoint, before it listens."""
    monkeypatch.setitem(sys.modules, "gr00t", None)
    folder = str(write_n15(tmp_path / "checkpoint"))
    assert "n1.5-release" in refuse(capsys, "--checkpoint", folder, "--device", "cpu")


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--port", "70000"], "--port must be 0 to 65535"),
        (["--denoising-steps", "0"], "--denoising-steps must be 1 to 1000, got 0"),
        (["--token-env", "SO101_NO_SUCH"], "no such variable"),
        (["--profile", "unknown"], "unknown"),
        (["--optimize", "fast"], "invalid choice: 'fast'"),
        ([], "has neither"),
    ],
)
def test_bad_input_is_refused_at_once(tmp_path, capsys, monkeypatch, arguments, text):
    """In one line, with what is allowed."""
    monkeypatch.delenv("SO101_NO_SUCH", raising=False)
    assert text in refuse(capsys, "--checkpoint", str(tmp_path), *arguments)


def test_the_checkpoint_must_be_named(capsys):
    """There is no default to load by mistake."""
    assert "--checkpoint" in refuse(capsys)
