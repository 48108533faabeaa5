"""What an evaluation through the graph is made of; the running graph is tested with ROS."""

from pathlib import Path

import pytest

from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.errors import AssetError, ConfigError, GraphError
from so101_ros.evaluation.graph_engine import GraphEngine, evaluation_entries
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig


@pytest.mark.parametrize(
    ("policy", "robot_model", "error", "text"),
    [
        ("dance", "", ConfigError, "policy 'dance' is unknown. Allowed: ik, groot"),
        ("ik", "/nowhere/arm.xml", AssetError, "'/nowhere/arm.xml' is not a file"),
    ],
)
def test_what_the_nodes_cannot_do_is_refused_before_they_start(
    policy: str, robot_model: str, error: type[Exception], text: str, tmp_path: Path
) -> None:
    """One line that says what is allowed."""
    tier = SceneTier(nominal=SceneConfig(robot_model))
    with NodeLogs(tmp_path / "graph.log") as logs, pytest.raises(error, match=text):
        GraphEngine(policy, tier, logs, lambda: None)


def test_an_evaluation_runs_no_node_that_it_does_not_need() -> None:
    """It judges for itself; everything else is the graph that a user brings up."""
    for policy, host in (("ik", "ik_controller"), ("zero", "base_policy")):
        entries = evaluation_entries(BringUp(policy=policy, cameras="off"))
        names = [entry.executable for entry in entries]
        assert names == ["mujoco_sim", host, "residual_blender"]


def test_a_graph_that_fails_tells_the_seed_and_where_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for the reason needs both."""

    class SilentGraph:
        def run(self, seed: int) -> None:
            raise GraphError("nothing came")

    with NodeLogs(tmp_path / "graph.log") as logs:
        engine = GraphEngine("ik", SceneTier(), logs, lambda: None)
        monkeypatch.setattr(engine, "_rollout", SilentGraph(), raising=False)
        with pytest.raises(GraphError) as failed:
            engine.run(41)
    assert str(failed.value) == (
        "in the episode of seed 41: nothing came; all that the nodes wrote is in "
        f"{tmp_path / 'graph.log'}"
    )


def test_logs_of_an_earlier_run_are_kept_on_request(tmp_path: Path) -> None:
    """A resumed evaluation adds to its log; a new one begins a new log."""
    path = tmp_path / "graph.log"
    for append, lines in ((False, 1), (True, 2), (False, 1)):
        with NodeLogs(path, append=append) as logs:
            logs.write("mujoco_sim", "hello")
        assert path.read_text().splitlines() == ["mujoco_sim | hello"] * lines
