"""``so101 scenes``: the scenes that episodes are drawn from."""

from so101_ros.cli import scenes_check, scenes_fields, scenes_list, scenes_preview, scenes_show
from so101_ros.cli.command_group import CommandGroup

_DESCRIPTION = """\
Look at the scenes that episodes are drawn from, and check one of your own. A scene is a YAML file
of values and distributions; docs/scenes.md has every entry.
"""

_EPILOG = """\
examples:
  so101 scenes list
  so101 scenes show physics                       every range
  so101 scenes show hard --seed 7 > seven.yaml    what seed 7 draws, as a scene of its own
  so101 scenes fields                             every entry that a scene can have
  so101 scenes check my_scene.yaml
  so101 scenes preview visual --seeds 12 --out visual.png

exit codes: 0 done, 2 an input was refused (one line says which, with file and line), 130 stopped by
Ctrl-C
"""

_GROUP = CommandGroup(
    name="scenes",
    help="list, show, check and preview the scenes that episodes are drawn from",
    description=_DESCRIPTION,
    epilog=_EPILOG,
    commands=(scenes_list, scenes_show, scenes_fields, scenes_check, scenes_preview),
)

add_parser = _GROUP.add_parser

run = _GROUP.run
