import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from node_parameters import declared_parameters

from so101_ros.assets import find_share_file
from so101_ros.bringup.arguments import arguments_of
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.display import Display, build_display
from so101_ros.bringup.executables import EXECUTABLES, PACKAGE
from so101_ros.errors import ConfigError
from so101_ros.graph import SIM_ARGUMENTS, build_graph

_FILES = ("launch/sim.launch.py", "launch/paper_return.launch.py")


def _tree(relative: str) -> ast.Module:
    return ast.parse(find_share_file(relative).read_text(encoding="utf-8"))


@pytest.mark.parametrize("relative", _FILES)
def test_a_launch_file_is_short_and_documented(relative: str) -> None:
    """A launch file composes; what decides anything is tested elsewhere."""
    text = find_share_file(relative).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    tree = _tree(relative)
    assert f"ros2 launch {PACKAGE} {Path(relative).name}" in (ast.get_docstring(tree) or "")
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If)]


@pytest.mark.parametrize("relative", _FILES)
def test_what_a_launch_file_imports_from_this_package_exists(relative: str) -> None:
    """Names are checked here, where launch itself may be missing."""
    imports = [
        (node.module, alias.name)
        for node in ast.walk(_tree(relative))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE)
        for alias in node.names
    ]
    assert imports
    for module, name in imports:
        assert hasattr(__import__(str(module), fromlist=[name]), name), f"{module}.{name}"


def test_the_included_file_lies_beside_the_one_that_includes_it() -> None:
    """`paper_return` finds `sim` in the source tree and in a share folder alike."""
    text = find_share_file("launch/paper_return.launch.py").read_text(encoding="utf-8")
    assert 'Path(__file__).with_name("sim.launch.py")' in text
    assert find_share_file("launch/paper_return.launch.py").with_name("sim.launch.py").is_file()


def test_sim_arguments_are_arguments() -> None:
    """The part that the simulated end declares is a part of the whole."""
    assert set(SIM_ARGUMENTS) < {entry.name for entry in arguments_of(BringUp)}


def test_every_executable_is_a_node_module_and_an_entry_point() -> None:
    """What the graph starts is there, and `setup.py` installs it."""
    setup = find_share_file("setup.py").read_text(encoding="utf-8")
    nodes = Path(__file__).parent.parent / PACKAGE / "nodes"
    for executable in EXECUTABLES:
        assert (nodes / f"{executable}.py").is_file()
        assert f'"{executable} = {PACKAGE}.nodes.{executable}:main"' in setup


@pytest.mark.parametrize("executable", EXECUTABLES)
def test_every_parameter_is_declared_by_its_node(executable: str, tmp_path: Path) -> None:
    """ROS ignores a parameter that no node declares; this would hide a mistake."""
    model = tmp_path / "arm.xml"
    model.write_text("<mujoco/>")
    policy = "oracle" if executable in ("base_policy", "mujoco_sim") else "hybrid"
    bring_up = BringUp(robot_model=str(model), policy=policy, perception="camera")
    (entry,) = (entry for entry in build_graph(bring_up) if entry.executable == executable)
    assert set(entry.parameters) - declared_parameters(executable) == set()


def test_ros_own_nodes_are_declared_dependencies() -> None:
    """`package.xml` makes rosdep install what the launch files start."""
    manifest = find_share_file("package.xml").read_text(encoding="utf-8")
    entries = build_display(BringUp(), Display())
    assert entries
    for entry in entries:
        assert f"<exec_depend>{entry.package}</exec_depend>" in manifest


@pytest.mark.parametrize("relative", _FILES)
def test_launch_declares_every_argument(relative: str) -> None:
    """With the real launch: arguments have the descriptions and defaults of the dataclasses."""
    pytest.importorskip("launch_ros")
    offered = {entry.name: entry for entry in (*arguments_of(BringUp), *arguments_of(Display))}
    if relative == "launch/sim.launch.py":
        left_out = {entry.name for entry in arguments_of(BringUp)} - set(SIM_ARGUMENTS)
        offered = {name: entry for name, entry in offered.items() if name not in left_out}
    declared = _load(relative).generate_launch_description().get_launch_arguments()
    assert {argument.name for argument in declared} == set(offered)
    for argument in declared:
        default = "".join(part.text for part in argument.default_value)
        assert default == offered[argument.name].to_launch()["default_value"]
        assert argument.description.startswith(offered[argument.name].description)


def test_launch_starts_every_node() -> None:
    """With the real launch: the two files together start the nodes of the graph, once each."""
    launch = pytest.importorskip("launch")
    pytest.importorskip("launch_ros")
    context = launch.LaunchContext()
    context.launch_configurations.update({"rviz": "False", "robot_state_publisher": "false"})
    actions = [action for relative in _FILES for action in _load(relative).start(context)]
    expected = [entry.executable for entry in build_graph(BringUp())]
    assert {action.node_package for action in actions} == {PACKAGE}
    assert [action.node_executable for action in actions] == expected


def test_launch_refuses_what_the_graph_refuses() -> None:
    """With the real launch: a wrong argument stops it before any node starts."""
    launch = pytest.importorskip("launch")
    pytest.importorskip("launch_ros")
    context = launch.LaunchContext()
    context.launch_configurations["camera_width"] = "0"
    with pytest.raises(ConfigError, match="camera_width=0 is not allowed"):
        _load("launch/sim.launch.py").start(context)


def _load(relative: str) -> ModuleType:
    """Import a launch file by its path, as launch does."""
    path = find_share_file(relative)
    spec = importlib.util.spec_from_file_location(path.name.replace(".", "_"), path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
