import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from so101_ros.assets import find_share_file
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.display import Display, build_display
from so101_ros.bringup.executables import EXECUTABLES
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.errors import AssetError, ConfigError
from so101_ros.graph import build_control, build_graph, build_sim
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import CAMERA_NAMES, build_model


def _by_name(entries: tuple[NodeEntry, ...]) -> dict[str, NodeEntry]:
    return {entry.executable: entry for entry in entries}


@pytest.mark.parametrize(
    ("policy", "hosts"),
    [
        ("ik", ("ik_controller",)),
        ("zero", ("base_policy",)),
        ("groot", ("groot_policy",)),
        ("hybrid", ("ik_controller", "groot_policy")),
    ],
)
def test_the_whole_graph_is_every_node_once(policy: str, hosts: tuple[str, ...]) -> None:
    """Simulated end and control together are all executables, with those that host the policy."""
    bring_up = BringUp(policy=policy, perception="camera")
    entries = build_graph(bring_up)
    others = {"ik_controller", "base_policy", "groot_policy"} - set(hosts)
    expected = tuple(name for name in EXECUTABLES if name not in others)
    assert tuple(entry.executable for entry in entries) == expected
    assert entries == build_sim(bring_up) + build_control(bring_up)
    assert bring_up.policy_nodes == hosts and bring_up.policy_node == hosts[-1]


@pytest.mark.parametrize(
    ("policy", "weights"), [("ik", (1.0, 0.0)), ("groot", (0.0, 1.0)), ("hybrid", (0.8, 0.2))]
)
def test_the_blender_gets_the_weights_of_the_policy(
    policy: str, weights: tuple[float, float]
) -> None:
    """Who has no weight need not run."""
    parameters = _by_name(build_graph(BringUp(policy=policy)))["residual_blender"].parameters
    assert (parameters["w_ik"], parameters["w_groot"]) == weights


def test_groot_is_told_what_to_ask_and_through_what(tmp_path: Path) -> None:
    """A profile's file is given as an absolute path: nodes may start elsewhere."""
    profile = tmp_path / "mine.yaml"
    profile.write_text(find_share_file("config/groot/paper_return.yaml").read_text())
    bring_up = BringUp(
        policy="groot",
        groot_provider="tcp://10.0.0.7:6000",
        groot_profile=os.path.relpath(profile),
        groot_timing="stop_and_go",
        seed=3,
    )
    assert _by_name(build_graph(bring_up))["groot_policy"].parameters == {
        "use_sim_time": True,
        "provider": "tcp://10.0.0.7:6000",
        "profile": str(profile),
        "timing": "stop_and_go",
        "seed": 3,
    }


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"cameras": "top"}, "needs the cameras wrist, got cameras='top'"),
        ({"lock_step": True}, "not possible in lock-step"),
        ({"groot_provider": "10.0.0.7"}, "provider '10.0.0.7' is unknown. Allowed: tcp://"),
        ({"groot_provider": "local:/nowhere"}, "there is no /nowhere"),
        ({"groot_profile": "mine"}, "mine"),
        ({"groot_timing": "late"}, "groot_timing='late' is not known"),
        ({"mode": "cartesian"}, "needs policy='ik'"),
    ],
)
@pytest.mark.parametrize("policy", ["groot", "hybrid"])
def test_a_groot_that_cannot_run_is_refused(policy: str, settings: dict, text: str) -> None:
    """Before anything starts, with what to set instead."""
    with pytest.raises(ConfigError, match=re.escape(text)):
        BringUp(policy=policy, **settings)


def test_any_policy_by_its_name_gets_a_node_that_hosts_it() -> None:
    """The node is told which one; seed, pace and remapping are those of the IK policy's node."""
    bring_up = BringUp(policy="random", seed=4, lock_step=True)
    host = _by_name(build_graph(bring_up))["base_policy"]
    ik = _by_name(build_graph(replace(bring_up, policy="ik")))["ik_controller"]
    assert host.remappings == ik.remappings
    assert host.parameters == {"policy": "random"} | {
        name: value for name, value in ik.parameters.items() if name != "mode"
    }


def test_only_the_oracle_may_move_the_sheet() -> None:
    """Nobody cheats by accident: for the others the parameter keeps its default, false."""
    for policy in ("ik", "zero", "random"):
        sim = _by_name(build_graph(BringUp(policy=policy)))["mujoco_sim"]
        assert "allow_place_paper" not in sim.parameters
    assert _by_name(build_graph(BringUp(policy="oracle")))["mujoco_sim"].parameters[
        "allow_place_paper"
    ]


def test_all_but_the_clock_itself_follow_the_simulated_time() -> None:
    """`mujoco_sim` makes /clock; a node that made and followed it would stand still."""
    followers = {
        entry.executable
        for policy in ("zero", "hybrid")
        for entry in build_graph(BringUp(policy=policy, perception="camera"))
        if entry.parameters.get("use_sim_time") is True
    }
    assert followers == set(EXECUTABLES) - {"mujoco_sim"}


def test_settings_reach_the_nodes_that_need_them(tmp_path: Path) -> None:
    """Each setting arrives under the parameter's name, in the parameter's type."""
    entries = _by_name(
        build_graph(
            BringUp(
                seed=7,
                real_time_factor=0.0,
                lock_step=True,
                mode="cartesian",
                camera_width=640,
                camera_height=480,
                cameras="wrist",
            )
        )
    )
    sim = entries["mujoco_sim"].parameters
    assert (sim["seed"], sim["real_time_factor"], sim["lock_step"]) == (7, 0.0, True)
    cameras = entries["sim_cameras"].parameters
    assert (cameras["cameras"], cameras["width"], cameras["height"]) == (["wrist"], 640, 480)
    assert entries["ik_controller"].parameters["mode"] == "cartesian"
    for name in ("ik_controller", "residual_blender"):
        assert entries[name].parameters["lock_step"] is True


def test_the_robot_model_reaches_every_node_that_builds_one(tmp_path: Path) -> None:
    """A chosen model is passed as an absolute path, the built-in one not at all."""
    model = tmp_path / "arm.xml"
    model.write_text("<mujoco/>")
    chosen = _by_name(build_graph(BringUp(robot_model=str(model))))
    for name in ("mujoco_sim", "ik_controller", "residual_blender"):
        assert chosen[name].parameters["robot_model"] == str(model)
    assert all("robot_model" not in entry.parameters for entry in build_graph(BringUp()))


def test_policies_get_the_paper_pose_as_it_is_seen_and_the_monitor_as_it_is() -> None:
    """With perception `truth` the simulator's poses take the tracker's place."""
    entries = _by_name(build_graph(BringUp()))
    assert entries["ik_controller"].remappings == {"paper_pose": "sim/paper_pose"}
    assert entries["task_monitor"].remappings == {"paper_pose": "ground_truth/paper_pose"}


def test_a_scene_reaches_the_simulator_and_the_policy(tmp_path: Path) -> None:
    """A name as it is, a file as an absolute path, the nominal one not at all."""
    path = tmp_path / "slippery.yaml"
    path.write_text("contact: {tip_friction: 0.9}")
    for scene, given in (("hard", "hard"), (str(path), str(path))):
        entries = _by_name(build_graph(BringUp(scene=scene)))
        for name in ("mujoco_sim", "ik_controller"):
            assert entries[name].parameters["scene"] == given
        assert "scene" not in entries["residual_blender"].parameters
    assert all("scene" not in entry.parameters for entry in build_graph(BringUp()))
    with pytest.raises(ConfigError, match="scene 'moon' is unknown"):
        BringUp(scene="moon")


def test_a_scene_s_robot_model_is_everybody_s(tmp_path: Path) -> None:
    """Also of the node that knows the arm alone."""
    model, path = tmp_path / "arm.xml", tmp_path / "other.yaml"
    model.write_text("<mujoco/>")
    path.write_text(f"robot_model: {model}")
    entries = _by_name(build_graph(BringUp(scene=str(path))))
    assert entries["residual_blender"].parameters["robot_model"] == str(model)


def test_with_the_camera_the_tracker_speaks_to_all_who_ask_for_the_paper_pose() -> None:
    """Nothing is remapped, neither for the nodes nor for rviz; nobody else knows the truth."""
    bring_up = BringUp(perception="camera", cameras="top")
    entries = build_graph(bring_up)
    assert all(entry.remappings == {} for entry in entries)
    assert _by_name(entries)["paper_tracker"].parameters["camera"] == "top"
    assert _by_name(entries)["task_monitor"].parameters["unseen_ticks"] == 5
    shown = _by_name(build_display(bring_up, Display()))["rviz2"]
    assert "paper_pose" not in shown.remappings
    truthful = _by_name(build_graph(BringUp()))
    assert "paper_tracker" not in truthful
    assert "unseen_ticks" not in truthful["task_monitor"].parameters


def test_a_simulated_camera_over_a_scene_at_rest_is_not_frozen() -> None:
    """It has no noise: the tracker is told not to wonder."""
    tracker = _by_name(build_graph(BringUp(perception="camera")))["paper_tracker"]
    assert tracker.parameters["frozen_s"] == 0.0


@pytest.mark.parametrize(
    ("scene", "drawn"), [("nominal", False), ("visual", False), ("hard", True)]
)
def test_a_camera_whose_place_is_drawn_is_located_anew(scene: str, drawn: bool) -> None:
    """What an episode told about the camera's place is wrong in the next one."""
    graph = _by_name(build_graph(BringUp(perception="camera", scene=scene)))
    assert graph["paper_tracker"].parameters["forget_camera"] is drawn


def test_the_tracker_is_told_the_thickness_that_the_scene_states(tmp_path: Path) -> None:
    """Policies may know it, and so may whoever measures for them."""
    (tmp_path / "thin.yaml").write_text("paper: {thickness: 0.0005}")
    bring_up = BringUp(perception="camera", scene=str(tmp_path / "thin.yaml"))
    tracker = _by_name(build_graph(bring_up))["paper_tracker"]
    assert tracker.parameters["paper_thickness"] == 0.0005


@pytest.mark.parametrize("namespace", ["cell/left", "/cell/left"])
def test_a_namespace_moves_every_node(namespace: str) -> None:
    """No node stays behind, ROS's own ones included."""
    bring_up = BringUp(policy="hybrid", namespace=namespace, perception="camera")
    entries = build_graph(bring_up) + build_display(bring_up, Display())
    assert len(entries) == len(EXECUTABLES) - 1 + 2
    assert {entry.namespace for entry in entries} == {"cell/left"}


@pytest.mark.parametrize(
    ("cameras", "names"),
    [("on", CAMERA_NAMES), ("off", ()), ("wrist", ("wrist",)), ("wrist, top", ("wrist", "top"))],
)
def test_cameras_are_chosen_by_word_or_name(cameras: str, names: tuple[str, ...]) -> None:
    """Without cameras there is no camera node."""
    bring_up = BringUp(cameras=cameras)
    assert bring_up.camera_names == names
    assert ("sim_cameras" in _by_name(build_graph(bring_up))) == bool(names)


def test_the_cameras_are_those_of_the_scene() -> None:
    """The names that a user may choose are the names that the model has."""
    model = build_model(SceneConfig())
    assert sorted(CAMERA_NAMES) == sorted(model.camera(i).name for i in range(model.ncam))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"backend": "real"}, r"backend='real' is not available in this release. Allowed: sim"),
        ({"backend": "gazebo"}, r"backend='gazebo' is not known. Allowed: sim$"),
        (
            {"policy": "residual"},
            r"policy 'residual' is not available in this release. Allowed: ik, groot",
        ),
        ({"policy": "dance"}, r"policy 'dance' is unknown. Allowed: ik, groot, hybrid, zero"),
        ({"policy": "zero", "mode": "cartesian"}, r"mode='cartesian' needs policy='ik'"),
        ({"mode": "dance"}, r"mode='dance' is not known. Allowed: task, cartesian$"),
        ({"perception": "tracker"}, r"perception='tracker' is not known. Allowed: truth, camera$"),
        (
            {"perception": "camera", "cameras": "wrist"},
            r"perception='camera' needs the top camera, got cameras='wrist'. Set cameras=on or",
        ),
        ({"perception": "camera", "cameras": "off"}, r"needs the top camera, got cameras='off'"),
        (
            {"perception": "camera", "lock_step": True},
            r"perception='camera' is not possible in lock-step: one lost image, .*"
            r"would stop simulated time. Set perception=truth, or let time run free",
        ),
        ({"cameras": "front"}, r"cameras='front' is not known. Allowed: on, off, or a list"),
        ({"cameras": "top,top"}, r"list without repetition of top, wrist$"),
        ({"camera_width": 0}, r"camera_width=0 is not allowed: it must be at least 1$"),
        ({"camera_height": -1}, r"camera_height=-1 is not allowed: it must be at least 1$"),
        ({"seed": -1}, r"seed=-1 is not allowed: it must be at least 0$"),
        (
            {"real_time_factor": -0.5},
            r"real_time_factor=-0.5 is not allowed: it must be at least 0",
        ),
        ({"real_time_factor": float("nan")}, r"real_time_factor=nan is not allowed"),
        ({"namespace": "1st"}, r"namespace='1st' is not allowed"),
        ({"namespace": "a b"}, r"namespace='a b' is not allowed"),
        ({"namespace": "a//b"}, r"namespace='a//b' is not allowed"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(settings: dict, complaint: str) -> None:
    """Nothing is started with a setting that some node would refuse later."""
    with pytest.raises(ConfigError, match=complaint):
        BringUp(**settings)


@pytest.mark.parametrize("name", ["robot_model", "params_file"])
def test_a_missing_file_is_refused(name: str) -> None:
    """The message has the setting and the path."""
    with pytest.raises(AssetError, match=f"{name}='/no/such/file' is not a file"):
        replace(BringUp(), **{name: "/no/such/file"})


def test_the_parameter_file_speaks_last(tmp_path: Path) -> None:
    """What the file says replaces what the arguments say, for the node it names."""
    file = tmp_path / "params.yaml"
    file.write_text("mujoco_sim:\n  ros__parameters: {seed: 9}\n")
    entries = _by_name(build_graph(BringUp(seed=1, params_file=str(file))))
    assert entries["mujoco_sim"].parameters["seed"] == 9
    assert entries["ik_controller"].parameters["seed"] == 1


def test_the_command_line_survives_a_yaml_reader() -> None:
    """Every parameter comes out of ``name:=value`` with its value and type."""
    parameters = {
        "on": True,
        "n": 3,
        "x": 0.0,
        "names": ["a", "b"],
        "text": '07: it\'s "q"',
        "e": "",
    }
    entry = NodeEntry("p", "node", "cell", parameters, {"old": "new"}, ("-d", "file"))
    line = entry.to_command_line()
    assert line[:3] == ["-d", "file", "--ros-args"]
    assert {"__node:=node", "__ns:=/cell", "old:=new"} <= set(line)
    given = [line[i + 1].split(":=", 1) for i, word in enumerate(line) if word == "-p"]
    read = {name: yaml.safe_load(value) for name, value in given}
    assert read == parameters
    assert {name: type(value) for name, value in read.items()} == {
        name: type(value) for name, value in parameters.items()
    }


def test_windows_open_only_where_there_is_a_display() -> None:
    """`headless` wins over `rviz`; TF is published either way unless switched off."""
    shown = _by_name(build_display(BringUp(), Display()))
    assert set(shown) == {"robot_state_publisher", "rviz2"}
    assert shown["rviz2"].arguments == ("-d", str(find_share_file("config/paper_return.rviz")))
    assert set(_by_name(build_display(BringUp(), Display(headless=True)))) == {
        "robot_state_publisher"
    }
    assert build_display(BringUp(), Display(rviz=False, robot_state_publisher=False)) == ()


def test_the_robot_description_is_the_packages_urdf() -> None:
    """`robot_state_publisher` gets the text of the file, not its name."""
    publisher = _by_name(build_display(BringUp(), Display()))["robot_state_publisher"]
    text = find_share_file("assets/so101.urdf").read_text(encoding="utf-8")
    assert publisher.parameters["robot_description"] == text
    assert "<robot" in text
