import ast
import importlib
import importlib.metadata
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_core_import import needs_torch

from so101_ros import __version__
from so101_ros.assets import find_share_file
from so101_ros.errors import AssetError

_ROOT = Path(__file__).parent.parent

# Distributions whose name on PyPI is not the name that is imported.
_DISTRIBUTIONS = {
    "cv2": "opencv-python-headless",
    "yaml": "PyYAML",
    "OpenGL": "PyOpenGL",
    "zmq": "pyzmq",
}

# Libraries of extras: the extra, and where alone they may be imported.
_OPTIONAL = {
    "ray": ("ray", ("so101_ros/evaluation/ray_engine.py",)),
    "torch": ("groot", ("so101_ros/groot", "so101_ros/benchmark/groot_variants.py")),
}


def _setup_call() -> dict[str, ast.expr]:
    tree = ast.parse((_ROOT / "setup.py").read_text(encoding="utf-8"))
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "setup"
    )
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def _manifest_depends() -> set[str]:
    root = ET.parse(_ROOT / "package.xml").getroot()
    return {entry.text or "" for entry in root.iter("exec_depend")}


def _required_distributions() -> set[str]:
    requirements = ast.literal_eval(_setup_call()["install_requires"])
    return {re.split(r"[<>=!\[;~ ]", requirement)[0] for requirement in requirements}


def _imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file below a folder with the top-level name of each of its imports."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield file, node.module.split(".")[0]


def _third_party(folder: Path) -> dict[str, set[Path]]:
    found: dict[str, set[Path]] = {}
    for file, name in _imports(folder):
        if name not in sys.stdlib_module_names and name != "so101_ros":
            found.setdefault(name, set()).add(file)
    return found


def test_the_readmes_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """What a newcomer copies works, and returns three sheets."""
    text = (_ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[str(seed), "True"] for seed in range(3)]


def test_one_version_everywhere() -> None:
    """Manifest, setup and package agree."""
    manifest = ET.parse(_ROOT / "package.xml").getroot().findtext("version")
    assert manifest == __version__
    assert ast.literal_eval(_setup_call()["version"]) == __version__


def test_the_changelog_knows_this_version_or_the_next() -> None:
    """A change is written down before it is released."""
    changelog = (_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in changelog or f"## {__version__}" in changelog


def test_every_library_that_the_core_imports_is_required() -> None:
    """What pip installs is enough for the core, and none of it is superfluous."""
    nodes = _ROOT / "so101_ros" / "nodes"
    core = {
        name
        for name, files in _third_party(_ROOT / "so101_ros").items()
        if any(nodes not in file.parents for file in files) and name not in _OPTIONAL
    }
    assert core, "no import was found: the reader is wrong"
    imported = {_DISTRIBUTIONS.get(name, name) for name in core}
    assert imported - _required_distributions() == set()
    # daqp is the solver that mink looks up by name.
    assert _required_distributions() - imported <= {"daqp"}


def test_optional_libraries_have_an_extra_and_a_room() -> None:
    """Nothing else needs them, and there is a way to install them."""
    extras = ast.unparse(_setup_call()["extras_require"])
    found = _third_party(_ROOT / "so101_ros")
    for name, (extra, places) in _OPTIONAL.items():
        for file in found[name]:
            assert any(file.is_relative_to(_ROOT / place) for place in places), file
        assert re.search(rf"'{extra}': \['{name}", extras), extras


def test_every_ros_package_is_in_the_manifest() -> None:
    """What nodes and launch files import, rosdep installs."""
    imported = {
        *_third_party(_ROOT / "so101_ros" / "nodes"),
        *_third_party(_ROOT / "launch"),
    }
    python = {"cv2", "mujoco", "numpy", "rich", "rosbags", "yaml", "av", "matplotlib", "mink"}
    ros = imported - python
    assert {"rclpy", "launch_ros"} <= ros
    assert ros - _manifest_depends() == set()


def test_no_requirement_pulls_torch() -> None:
    """The base install stays small; learning is an extra of its own."""
    assert not {"torch", "lerobot", "stable-baselines3"} & _required_distributions()


def test_every_entry_point_names_a_function() -> None:
    """Each console script's module is there and defines `main`."""
    scripts = ast.literal_eval(_setup_call()["entry_points"])["console_scripts"]
    assert len(scripts) == 9
    for script in scripts:
        module, function = script.split(" = ")[1].split(":")
        source = _ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        defined = {
            node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
        }
        assert function in defined, script


def test_every_module_below_the_core_imports() -> None:
    """No module is broken by what it imports at its top; test_core_import has those with torch."""
    nodes = _ROOT / "so101_ros" / "nodes"
    files = [
        file
        for file in (_ROOT / "so101_ros").rglob("*.py")
        if nodes not in file.parents and file.name != "__main__.py"
    ]
    assert len(files) > 20
    for file in files:
        parts = file.relative_to(_ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if not needs_torch(name):
            importlib.import_module(name)


@pytest.mark.parametrize(
    "relative",
    [
        "assets/so101.xml",
        "assets/so101.urdf",
        "config/fastdds.xml",
        "config/paper_return.rviz",
        "config/scenes/nominal.yaml",
        "launch/paper_return.launch.py",
        "launch/sim.launch.py",
    ],
)
def test_data_files_are_found(relative: str) -> None:
    """Every file that the package reads at run time is where it looks for it."""
    assert find_share_file(relative).is_file()


def test_a_missing_data_file_names_the_folders() -> None:
    """The message has the file, every folder and what to do."""
    with pytest.raises(AssetError, match=r"'assets/none.xml' was not found in any of: .*Reinstall"):
        find_share_file("assets/none.xml")


def test_a_sourced_workspace_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share folder of every ament prefix on the path is a place for data."""
    share = tmp_path / "share" / "so101_ros"
    (share / "config").mkdir(parents=True)
    (share / "package.xml").touch()
    (share / "config" / "only_here.yaml").touch()
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{tmp_path}")
    assert find_share_file("config/only_here.yaml") == share / "config" / "only_here.yaml"


def test_every_data_folder_is_installed() -> None:
    """`setup.py` lists each folder that holds data, and those below them."""
    setup = (_ROOT / "setup.py").read_text(encoding="utf-8")
    for folder in ("launch", "config", "assets", "hook"):
        assert f'"{folder}"' in setup
        below = [path for path in (_ROOT / folder).rglob("*") if path.is_dir()]
        for path in below:
            assert path.name == "__pycache__" or f'"{path.relative_to(_ROOT)}"' in setup
