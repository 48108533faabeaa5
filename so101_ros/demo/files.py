"""The files that a demo leaves, and what becomes of those of an earlier one."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from so101_ros.errors import ConfigError


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where everything goes.

    Attributes:
        folder: The folder of all files.
    """

    folder: Path

    @property
    def bag(self) -> Path:
        """Folder of the rosbag2 recording."""
        return self.folder / "bag"

    @property
    def video(self) -> Path:
        """Both cameras side by side."""
        return self.folder / "demo.mp4"

    @property
    def plot(self) -> Path:
        """Paths, errors and rates."""
        return self.folder / "demo.png"

    @property
    def summary(self) -> Path:
        """All figures."""
        return self.folder / "summary.json"

    @property
    def log(self) -> Path:
        """What the nodes wrote."""
        return self.folder / "graph.log"

    def prepare(self) -> None:
        """Make the folder and remove the files of an earlier demo, nothing else.

        Raises:
            ConfigError: If the folder cannot be made, or its ``bag`` is not a bag.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise ConfigError(f"--out {self.folder} exists and is no folder; give another path")
        if self.bag.exists() and not _is_bag(self.bag):
            raise ConfigError(
                f"{self.bag} exists and is no bag of an earlier demo; move it away or give "
                "another --out"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise ConfigError(f"--out {self.folder} cannot be made: {err.strerror}") from err
        if self.bag.exists():
            shutil.rmtree(self.bag)
        for path in (self.video, self.plot, self.summary, self.log):
            path.unlink(missing_ok=True)


def _is_bag(folder: Path) -> bool:
    """Whether a folder holds nothing but what a bag consists of."""
    return folder.is_dir() and all(
        path.suffix == ".mcap" or path.name.startswith("metadata.yaml") for path in folder.iterdir()
    )
