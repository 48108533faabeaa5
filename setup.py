"""Package metadata; tool settings live in pyproject.toml."""

from collections.abc import Sequence
from pathlib import Path

from setuptools import find_packages, setup

package_name = "so101_ros"

# With --symlink-install colcon runs a link to this file from a folder that has no README.
readme = Path(__file__).resolve().parent / "README.md"


def data_files() -> list[tuple[str, Sequence[str]]]:
    """List what goes to the share folder: the ament marker, the manifest and every data folder."""
    share = Path("share") / package_name
    entries: list[tuple[str, Sequence[str]]] = [
        ("share/ament_index/resource_index/packages", [f"resource/{package_name}"]),
        (str(share), ["package.xml"]),
    ]
    for folder in ("launch", "config", "config/groot", "config/scenes", "assets", "hook"):
        names = sorted(str(path) for path in Path(folder).glob("[!_.]*") if path.is_file())
        entries.append((str(share / folder), names))
    return entries


ros_jazzy = ["ros-rclpy[fastrtps]==7.1.6", "ros-common-interfaces==5.3.6"]
ros_kilted = ["ros-rclpy[fastrtps]==9.1.2", "ros-common-interfaces==5.5.1"]

setup(
    name=package_name,
    version="0.1.0",
    description="Simulation and reality behind one ROS 2 graph for the SO-101 arm.",
    long_description=readme.read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    maintainer="so101_ros maintainers",
    maintainer_email="maintainers@users.noreply.b-seed-2743b333.example",
    license="Apache-2.0",
    packages=find_packages(include=[package_name, f"{package_name}.*"]),
    package_data={package_name: ["py.typed"]},
    data_files=data_files(),
    zip_safe=False,
    python_requires=">=3.10",
    install_requires=[
        "av",
        "daqp",
        "gymnasium>=1.0",
        "matplotlib",
        "mink>=1.3",
        "msgpack>=1.0",
        "mujoco>=3.3,<5",
        "numpy",
        "opencv-python-headless",
        "PyOpenGL",
        "PyYAML",
        "pyzmq>=22",
        "rich",
        "rosbags>=0.10",
        "scipy>=1.8",
    ],
    extras_require={
        # ROS 2's client library as wheels, for machines without an installed ROS (x86-64 Linux).
        "ros": ros_jazzy,
        "ros-kilted": ros_kilted,
        # Episodes of an evaluation on a cluster.
        "ray": ["ray>=2.40"],
        # A GR00T checkpoint in this process; NVIDIA's own package is not on PyPI (docs/groot.md).
        "groot": ["torch"],
        "test": ["hypothesis", "mcap", "pytest>=8", "pytest-timeout"],
        "dev": ["pre-commit", "pyright[nodejs]==1.1.414", "ruff==0.17.6"],
    },
    entry_points={
        "console_scripts": [
            "so101 = so101_ros.cli.main:main",
            "mujoco_sim = so101_ros.nodes.mujoco_sim:main",
            "sim_cameras = so101_ros.nodes.sim_cameras:main",
            "paper_tracker = so101_ros.nodes.paper_tracker:main",
            "ik_controller = so101_ros.nodes.ik_controller:main",
            "groot_policy = so101_ros.nodes.groot_policy:main",
            "base_policy = so101_ros.nodes.base_policy:main",
            "residual_blender = so101_ros.nodes.residual_blender:main",
            "task_monitor = so101_ros.nodes.task_monitor:main",
        ],
    },
)
