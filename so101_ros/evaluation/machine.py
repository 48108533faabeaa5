"""Facts about the machine that every measured figure belongs to."""

import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from so101_ros import __version__

_DEFAULT_MIDDLEWARE = "rmw_fastrtps_cpp"
_DISTRIBUTIONS = (
    "mujoco",
    "numpy",
    "scipy",
    "mink",
    "daqp",
    "opencv-python-headless",
    "rosbags",
    "av",
    "gymnasium",
    "stable-baselines3",
    "ray",
    "rclpy",
    "ros-rclpy",
)


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Where something was measured.

    Attributes:
        cpu: Model name of the processor.
        cores: Processors that this process may use.
        load: Load average over the last minute.
        system: Operating system and kernel.
        python: Version of the interpreter.
        middleware: ROS middleware that the environment selects.
        versions: Versions of the packages that matter, without those that are not installed.
    """

    cpu: str
    cores: int
    load: float
    system: str
    python: str
    middleware: str
    versions: dict[str, str]

    @classmethod
    def collect(cls) -> "MachineFacts":
        """Look at this machine now."""
        found = {name: _version(name) for name in _DISTRIBUTIONS}
        return cls(
            cpu=_cpu_model(Path("/proc/cpuinfo")),
            cores=len(os.sched_getaffinity(0)),
            load=os.getloadavg()[0],
            system=platform.platform(),
            python=platform.python_version(),
            middleware=os.environ.get("RMW_IMPLEMENTATION", _DEFAULT_MIDDLEWARE),
            versions={"so101_ros": __version__}
            | {name: number for name, number in found.items() if number is not None},
        )

    def to_dict(self) -> dict:
        """Plain data for a JSON file."""
        return asdict(self)

    def describe(self) -> str:
        """One line for a report."""
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return (
            f"{self.cpu}, {self.cores} cores, load {self.load:.2f}; {self.system}; "
            f"Python {self.python}; {self.middleware}; {packages}"
        )


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _cpu_model(cpuinfo: Path) -> str:
    if cpuinfo.is_file():
        match = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE)
        if match:
            return match.group(1)
    return platform.processor() or platform.machine()
