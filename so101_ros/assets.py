"""Locate the package's data files, wherever the package is installed."""

import os
import sys
from pathlib import Path

from so101_ros.errors import AssetError

_PACKAGE_NAME = "so101_ros"


def share_folders() -> list[Path]:
    """List the folders that may hold the package's data, nearest first.

    Returns:
        The source tree (also of an editable install), then ``share/so101_ros`` of every ament
        prefix on the path, then ``share/so101_ros`` under this interpreter's prefix (pip).
    """
    source_tree = Path(__file__).resolve().parent.parent
    return [source_tree, *_ament_shares(), Path(sys.prefix) / "share" / _PACKAGE_NAME]


def find_share_file(relative: str) -> Path:
    """Find one data file.

    Args:
        relative: Path below the share folder, for example ``"assets/so101.xml"``.

    Returns:
        Absolute path of the first match.

    Raises:
        AssetError: If no share folder holds the file.
    """
    folders = share_folders()
    for folder in folders:
        # A site-packages folder is no source tree: it must not lend us another project's `config/`.
        if (folder / relative).exists() and (folder / "package.xml").exists():
            return folder / relative
    searched = ", ".join(str(folder) for folder in folders)
    raise AssetError(
        f"{relative!r} was not found in any of: {searched}. "
        "Reinstall the package (pip install . or colcon build) and source the workspace."
    )


def _ament_shares() -> list[Path]:
    """List ``share/so101_ros`` of every sourced workspace; none without ROS."""
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    return [Path(prefix) / "share" / _PACKAGE_NAME for prefix in prefixes if prefix]
