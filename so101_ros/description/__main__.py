"""Write the arm's URDF."""

import argparse
import sys
from pathlib import Path

from so101_ros.assets import find_share_file
from so101_ros.description.urdf import build_urdf
from so101_ros.errors import So101Error


def main(args: list[str] | None = None) -> int:
    """Write the URDF beside the MJCF, or where the command line says.

    Args:
        args: Command line; None for the process's own.

    Returns:
        Exit code: 0, or 2 after an error.
    """
    parser = argparse.ArgumentParser(prog="python -m so101_ros.description", description=__doc__)
    parser.add_argument("output", nargs="?", type=Path, help="default: assets/so101.urdf")
    output = parser.parse_args(args).output
    try:
        path = output or find_share_file("assets/so101.xml").with_suffix(".urdf")
        path.write_text(build_urdf(), encoding="utf-8")
    except (So101Error, OSError) as err:
        sys.stderr.write(f"error: {err}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
