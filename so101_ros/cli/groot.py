"""``so101 groot``: check, serve and imitate GR00T models."""

from so101_ros.cli import groot_check, groot_mock, groot_serve
from so101_ros.cli.command_group import CommandGroup

_DESCRIPTION = """\
Use a GR00T checkpoint as a policy. A profile says what the checkpoint was trained with: cameras,
joints, units, prompt.
"""

_EPILOG = """\
examples:
  so101 groot check --checkpoint ~/checkpoint           does the profile fit the checkpoint?
  so101 groot check --server tcp://127.0.0.1:5555       does it fit what this server runs?
  so101 groot serve --checkpoint ~/checkpoint           a server with the checkpoint
  so101 groot mock --delay-ms 192                       a server without a model, for trying out

exit codes: 0 done, 1 profile and model do not fit (check), 2 an input was refused (one line says
which and why)
"""

_GROUP = CommandGroup(
    name="groot",
    help="check whether a GR00T model fits, serve one, imitate one",
    description=_DESCRIPTION,
    epilog=_EPILOG,
    commands=(groot_check, groot_serve, groot_mock),
    silences_opencv=True,
)

add_parser = _GROUP.add_parser

run = _GROUP.run
