"""``so101 camera``: calibrate a real camera."""

from so101_ros.cli import camera_board, camera_calibrate, camera_check
from so101_ros.cli.command_group import CommandGroup

_DESCRIPTION = """\
Calibrate a real camera: print a board, show it to the camera, check the result. The file is the one
that ROS's camera_info_manager reads.
"""

_EPILOG = """\
examples:
  so101 camera board --out board.pdf                    print it at 100 %, glue it on something flat
  so101 camera calibrate --device 0 --out camera.yaml   live, with hints where to hold the board
  so101 camera calibrate --images photos --out camera.yaml
  so101 camera check --calibration camera.yaml --images other_photos

exit codes: 0 done, 1 the calibration does not fit (check), 2 an input was refused (one line says
which and why), 130 stopped by Ctrl-C
"""

_GROUP = CommandGroup(
    name="camera",
    help="print a calibration board, calibrate a camera, check a calibration",
    description=_DESCRIPTION,
    epilog=_EPILOG,
    commands=(camera_board, camera_calibrate, camera_check),
    silences_opencv=True,
)

add_parser = _GROUP.add_parser

run = _GROUP.run
