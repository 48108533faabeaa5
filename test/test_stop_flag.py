"""The user's wish to stop, and his insistence."""

import signal
import time

import pytest

from so101_ros.cli.stop_flag import TWICE_S, StopFlag


def test_without_an_offer_every_signal_is_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it comes, and however late."""
    with StopFlag() as stop:
        for later_s in (0.0, 10.0 * TWICE_S):
            _set_clock(monkeypatch, later_s)
            signal.raise_signal(signal.SIGINT)
    assert stop.requested


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_takes_the_offer_stops_at_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    """The offer is made once; the same signal twice in a moment is not taken for an answer."""
    _set_clock(monkeypatch, 100.0)
    with StopFlag("again to stop at once") as stop:
        signal.raise_signal(number)
        signal.raise_signal(number)
        assert stop.requested
        assert capfd.readouterr().err.count("again to stop at once\n") == 1
        _set_clock(monkeypatch, 100.0 + 1.1 * TWICE_S)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def _set_clock(monkeypatch: pytest.MonkeyPatch, now_s: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
