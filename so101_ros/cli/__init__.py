"""The ``so101`` command: one module for each sub-command.

A sub-command module has ``add_parser(subparsers)``, which describes its options and must import
nothing heavy, and ``run(args) -> int``, which returns the exit code. It is named in
:data:`so101_ros.cli.main.COMMANDS`.
"""
