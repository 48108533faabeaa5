"""One calibration from start to end: views, lens, file."""

import argparse
import sys
import time
from collections.abc import Callable

from rich.console import Console

from so101_ros.cameras.board import CalibrationBoard
from so101_ros.cameras.device import CameraDevice
from so101_ros.cameras.fit import MIN_VIEWS, CameraFit, fit_camera
from so101_ros.cameras.live_session import LiveProgress, LiveSession, free_folder
from so101_ros.cameras.pictures import Sighting, find_boards
from so101_ros.cli.camera_options import read_pictures
from so101_ros.cli.camera_tables import error_table, lens_table
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.errors import CalibrationError

EXIT_OK = 0
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_LINE_PERIOD_S = 2.0  # between lines that say the same; a hand needs that long


class CalibrateRun:
    """Collect views, fit the lens, write the file."""

    def __init__(
        self,
        args: argparse.Namespace,
        board: CalibrationBoard,
        size: tuple[int, int] | None,
        max_rms: float,
        console: Console,
    ) -> None:
        """Prepare.

        Args:
            args: The parsed command line.
            board: What the camera is shown.
            size: Image size to ask a device for, in [px].
            max_rms: Largest error that is accepted, in [px].
            console: Where to show it.
        """
        self._args = args
        self._board = board
        self._size = size
        self._max_rms = max_rms
        self._console = console

    def run(self) -> int:
        """Calibrate.

        Returns:
            0 if the file was written, 130 after a Ctrl-C with too few views.

        Raises:
            So101Error: If an input is refused.
        """
        if self._args.device is not None:
            return self._run_live()
        pictures, source = read_pictures(self._args.images, self._args.video)
        self._finish(find_boards(pictures, self._board, source))
        return EXIT_OK

    def _run_live(self) -> int:
        out = self._args.out
        camera = CameraDevice(self._args.device, self._size)
        try:
            folder = free_folder(out.with_name(f"{out.stem}_views"))
            session = LiveSession(camera, self._board, folder)
            self._say(f"views are kept in {folder}; Ctrl-C ends with what there is")
            return self._finish_live(session)
        finally:
            camera.close()

    def _finish_live(self, session: LiveSession) -> int:
        try:
            collect_views(session, self._say)
            if len(session.sighting.views) < MIN_VIEWS:
                self._complain(f"stopped too early: {_where(session)}")
                return EXIT_INTERRUPTED
            self._finish(session.sighting)
        except CalibrationError as err:
            raise CalibrationError(f"{err}; {_where(session)}") from err
        return EXIT_OK

    def _finish(self, sighting: Sighting) -> None:
        fit = fit_camera(sighting, self._args.name, self._max_rms)
        fit.calibration.save(self._args.out, overwrite=self._args.force)
        self._console.print(error_table(fit.errors, fit.dropped))
        self._console.print(lens_table(fit))
        for line in _summary(fit, sighting):
            self._say(line)
        for doubt in fit.doubts():
            self._say(f"note: {doubt}")
        self._say(f"{self._args.out} is written, for {'x'.join(map(str, sighting.size))} px only")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _complain(self, text: str) -> None:
        sys.stderr.write(f"so101 camera: {text}\n")


def collect_views(session: LiveSession, say: Callable[[str], None]) -> None:
    """Guide somebody until enough was shown or Ctrl-C is pressed.

    Args:
        session: Looks at the camera.
        say: Gets lines of text; the same one at most every two seconds.

    Raises:
        CalibrationError: If the camera fails.
    """
    last_line, due_at_s = "", 0.0
    with StopFlag() as stop:
        while not (stop.requested or session.done):
            progress = session.step()
            line = describe_progress(progress)
            now_s = time.monotonic()
            if progress.kept or (now_s >= due_at_s and line != last_line):
                say(line)
                last_line, due_at_s = line, now_s + _LINE_PERIOD_S


def describe_progress(progress: LiveProgress) -> str:
    """Put a moment of a live session into a line of text.

    Args:
        progress: The moment.

    Returns:
        For example ``3 views  coverage  42 %  move the board to the upper left of the image``.
    """
    state = f"{progress.views} views  coverage {100 * progress.coverage:3.0f} %"
    if not progress.seen:
        return f"{state}  no board in the image"
    if progress.hint is None:
        return f"{state}  that is enough"
    if not progress.still:
        return f"{state}  hold still"
    return f"{state}  {progress.hint}"


def _summary(fit: CameraFit, sighting: Sighting) -> list[str]:
    alike = f", {fit.alike} alike were left out" if fit.alike else ""
    return [
        f"the board is in {len(sighting.views)} of {sighting.pictures} pictures; "
        f"{len(fit.errors)} views were used, {len(fit.dropped)} dropped{alike}",
        f"error {fit.rms:.2f} px RMS; {100 * fit.coverage.share:.0f} % of the image was covered",
    ]


def _where(session: LiveSession) -> str:
    count = len(session.sighting.views)
    return f"{count} pictures are kept in {session.folder}; add more and use --images"
