"""Show how a demo comes along: one live line on a terminal, plain lines elsewhere."""

import time

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.text import Text

from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.progress import EpisodeProgress

_LIVE_PERIOD_S = 0.25
_PLAIN_PERIOD_S = 2.0  # a log file needs fewer lines than an eye


class DemoDisplay:
    """Progress for humans; it thins out what it is told."""

    def __init__(self, console: Console) -> None:
        """Show nothing yet.

        Args:
            console: Where to write.
        """
        self._console = console
        self._live: Live | None = None
        self._period_s = _LIVE_PERIOD_S if console.is_terminal else _PLAIN_PERIOD_S
        self._due_at_s = 0.0

    def __enter__(self) -> "DemoDisplay":
        """Open the live line, on a terminal."""
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the live line."""
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(text, highlight=False, markup=False)

    def show(self, progress: EpisodeProgress) -> None:
        """Show one moment of an episode, if the last one was long enough ago."""
        now_s = time.monotonic()
        if now_s < self._due_at_s:
            return
        self._due_at_s = now_s + self._period_s
        line = describe_progress(progress)
        if self._live is not None:
            self._live.update(Text(line), refresh=True)
        else:
            self.say(line)


def describe_progress(progress: EpisodeProgress) -> str:
    """Put one moment of an episode into a line of text.

    Args:
        progress: The moment.

    Returns:
        For example ``episode 1/3  seed 0  2.4 s  distance 87 mm  yaw error 41 deg  drag  x1.00``.
    """
    parts = [
        f"episode {progress.number}/{progress.total}",
        f"seed {progress.seed}",
        f"{progress.elapsed_s:4.1f} s",
    ]
    if progress.measures is None:
        parts.append("no pose of the sheet")
    else:
        parts.append(f"distance {1e3 * progress.measures.distance_to_goal:3.0f} mm")
        parts.append(f"yaw error {np.degrees(progress.measures.yaw_error):2.0f} deg")
    if progress.phase:
        parts.append(progress.phase)
    if progress.real_time_factor is not None:
        parts.append(f"x{progress.real_time_factor:.2f}")
    if progress.success:
        parts.append("success")
    return "  ".join(parts)


def describe_episode(episode: EpisodeRecord, total: int) -> str:
    """Put the end of an episode into a line of text.

    Args:
        episode: The episode.
        total: Episodes in all.

    Returns:
        For example ``episode 1/3  seed 0  success after 3.4 s  final distance 2.1 mm``.
    """
    if episode.time_to_success_s is None:
        end = f"no success in {episode.duration_s:.1f} s"
    else:
        end = f"success after {episode.time_to_success_s:.2f} s"
    distance_mm = 1e3 * episode.final.distance_to_goal
    return (
        f"episode {episode.number}/{total}  seed {episode.seed}  {end}  "
        f"final distance {distance_mm:.1f} mm"
    )
