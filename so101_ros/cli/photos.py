"""``so101 photos``: make simulated images look like real photos."""

from so101_ros.cli import photos_apply, photos_gap, photos_learn
from so101_ros.cli.command_group import CommandGroup

_DESCRIPTION = """\
Make simulated images look like real photos: learn what a folder of photos looks like, filter
images, and measure how far apart simulation and photos are, before and after.
"""

_EPILOG = """\
examples:
  so101 photos learn photos --out style.npz
  so101 photos apply simulated --filter colour:style.npz --out filtered
  so101 photos gap simulated photos --filter colour:style.npz+fourier:style.npz,beta=0.02

exit codes: 0 done, 2 an input was refused (one line says which and why), 130 stopped by Ctrl-C
"""

_GROUP = CommandGroup(
    name="photos",
    help="make simulated images look like real photos, measure the gap between them",
    description=_DESCRIPTION,
    epilog=_EPILOG,
    commands=(photos_learn, photos_apply, photos_gap),
    silences_opencv=True,
)

add_parser = _GROUP.add_parser

run = _GROUP.run
