"""Physics that becomes unstable ends its episode, is told, and is nobody's failure."""

import csv
import json
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from episode_results import make_result, make_results

from so101_ros.arm import HOME_Q
from so101_ros.cli.main import run
from so101_ros.envs import RESIDUAL_ID, STATE_ID
from so101_ros.errors import EvaluationError, SimulationError
from so101_ros.evaluation.comparison import compare
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.policy_summary import summarise
from so101_ros.evaluation.proof import check_proof
from so101_ros.evaluation.rollout import Rollout
from so101_ros.evaluation.verdict import Decision, judge
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.randomization.distributions import Choice
from so101_ros.randomization.draw import Draw
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.physics_config import ServoConfig

UNDAMPED = ServoConfig(stiffness=50.0, damping=1e-3, max_torque=1e6)
STIFF = 3e4  # [N m]/[rad], undamped: stands at rest, and breaks as soon as the arm moves
STIFFER = 1e5  # [N m]/[rad], undamped: breaks at rest
NO_TIMES = np.array([])


def tier_of(stiffness: float, delay: DelayConfig | None = None) -> SceneTier:
    """Scenes of which about half are too stiff for the time step; that of seed 0 is not."""
    draw = Draw("servo", "stiffness", (Choice((stiffness, UNDAMPED.stiffness)),))
    nominal = SceneConfig(servo=UNDAMPED, delay=delay or DelayConfig())
    tier = SceneTier("stiff", nominal, draws=(draw,))
    assert tier.sample(0).servo == UNDAMPED
    return tier


def seeds_of(tier: SceneTier, stiffness: float) -> list[int]:
    """Seeds below 12 whose scene has a stiffness."""
    return [seed for seed in range(12) if tier.sample(seed).servo.stiffness == stiffness]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MuJoCo writes MUJOCO_LOG.TXT."""
    monkeypatch.chdir(tmp_path)


def test_only_its_episode_ends() -> None:
    """With its trace up to there; the others are what they would be without it."""
    tier = tier_of(STIFF)
    rollout = Rollout(PressAndDragPolicy(), LockStepWorld.build(tier), "ik")
    for seed in range(12):
        episode = rollout.run(seed)
        result, trace = episode.result, episode.trace
        if seed in seeds_of(tier, STIFF):
            assert result.ending is Ending.SIMULATION_UNSTABLE and not result.success
            assert result.message.startswith("the physics became unstable")
            assert 0 < result.ticks < 30
            assert result.time_to_success_s is None and not episode.traceback
        else:
            assert result.success
        assert len(trace.q) - 1 == len(trace.actions) == len(trace.rewards) == result.ticks
        assert np.isfinite(trace.q).all() and np.isfinite(trace.paper).all()
        assert np.isfinite(result.episode_return)


def test_it_ends_alike_whatever_ran_before() -> None:
    """An unstable episode depends on its seed alone, to the message, and so does the next one."""
    tier = tier_of(STIFF)
    broken, sound = seeds_of(tier, STIFF)[0], seeds_of(tier, UNDAMPED.stiffness)[1]
    rollout = Rollout(PressAndDragPolicy(), LockStepWorld.build(tier))
    first, then = rollout.run(broken), rollout.run(sound)
    again = Rollout(PressAndDragPolicy(), LockStepWorld.build(tier)).run(sound)
    np.testing.assert_array_equal(then.trace.q, again.trace.q)
    late = rollout.run(broken)
    assert (late.result.ticks, late.result.message) == (first.result.ticks, first.result.message)
    np.testing.assert_array_equal(late.trace.q, first.trace.q)


def test_it_may_break_before_the_first_observation() -> None:
    """Such an episode has no tick, and a state: the one it should have begun with."""
    tier = tier_of(STIFFER, DelayConfig(joint_state_s=0.05))
    seed = seeds_of(tier, STIFFER)[0]
    world = LockStepWorld.build(tier)
    episode = Rollout(HoldPolicy(), world).run(seed)
    assert episode.result.ending is Ending.SIMULATION_UNSTABLE
    assert episode.result.ticks == 0 and episode.trace.actions.shape == (0, 6)
    np.testing.assert_array_equal(episode.trace.q, [HOME_Q])
    sheet = tier.start(seed)
    np.testing.assert_array_equal(episode.trace.paper[0, :2], sheet.xy)
    sound = seeds_of(tier, UNDAMPED.stiffness)[1]
    assert Rollout(PressAndDragPolicy(), world).run(sound).result.success


# What is made of it.


def test_there_is_no_verdict() -> None:
    """Whatever the others came to; both causes are told."""
    verdict = judge(97, 100, unstable=1)
    assert verdict.decision is Decision.INVALID
    assert verdict.text == "no verdict: 1 of 100 episodes ended in unstable physics"
    assert judge(90, 100, errors=2, unstable=1).text == (
        "no verdict: 2 of 100 episodes ended in a policy error and 1 of 100 episodes ended in "
        "unstable physics"
    )
    with pytest.raises(ValueError, match=r"1 errors and 2 unstable .* 98 successes of 100"):
        judge(98, 100, errors=1, unstable=2)


def test_it_counts_as_no_success_and_in_no_mean() -> None:
    """Its length and end mean nothing."""
    broken = make_result(4, Ending.SIMULATION_UNSTABLE, time_s=0.1, distance=9.0)
    summary = summarise("ik", [*make_results(3, 1), broken], NO_TIMES)
    assert (summary.errors, summary.unstable, summary.broken) == (0, 1, 1)
    assert summary.success_rate == pytest.approx(3 / 5)
    assert summary.final_distance.high < 1.0
    data = summary.to_dict()
    assert (data["policy_errors"], data["simulations_unstable"]) == (0, 1)
    assert data["verdict"]["decision"] == "invalid"


def test_a_pair_with_it_is_told() -> None:
    """Either side may have broken."""
    broken = make_result(1, Ending.SIMULATION_UNSTABLE, policy="zero")
    pair = compare(make_results(2), [make_result(0, Ending.TIME_LIMIT, policy="zero"), broken])
    assert pair.errors == 1 and pair.only_first == 2


@pytest.mark.parametrize("who", ["oracle", "zero"])
def test_nothing_is_proved_by_it(who: str) -> None:
    """The seed and the reason are told, also if the oracle was the one."""
    broken = make_result(1, Ending.SIMULATION_UNSTABLE, policy=who, message="it exploded")
    oracle, zero = make_results(2), make_results(0, 2)
    (oracle if who == "oracle" else zero)[1] = broken
    with pytest.raises(EvaluationError, match=r"physics is unstable, in 1 of 4 .*seed 1: it expl"):
        check_proof(oracle, zero)


def test_an_evaluation_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others run; seeds, ending and message are on the screen and in the files."""
    scene = tmp_path / "stiff.yaml"
    scene.write_text(
        f"description: too stiff\nservo:\n  stiffness: {{choice: [{STIFF}, 50.0]}}\n"
        "  damping: 0.001\n  max_torque: 1000000.0\n"
    )
    out = tmp_path / "out"
    options = ["--policy", "ik", "--episodes", "4", "--jobs", "1", "--no-videos"]
    assert run(["eval", "--scene", str(scene), "--out", str(out), *options]) == 1
    broken = [seed for seed in seeds_of(tier_of(STIFF), STIFF) if seed < 4]
    assert 0 < len(broken) < 4
    with (out / "episodes.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["policy"] == "ik"]
    endings = {int(row["seed"]): row["ending"] for row in rows}
    assert endings == {
        seed: "simulation_unstable" if seed in broken else "success" for seed in range(4)
    }
    screen = capsys.readouterr().out
    assert f"no verdict: {len(broken)} of 4 episodes ended in unstable physics" in screen
    table = screen[screen.index("Policy errors and unstable physics") :]
    assert "the physics became unstable" in table
    ends = [line.split()[-1] for line in table.splitlines() if line.split()]
    assert set(map(str, broken)) <= set(ends)
    (summary,) = json.loads((out / "results.json").read_text())["policies"]
    assert summary["simulations_unstable"] == len(broken)


def test_an_evaluation_whose_proof_breaks_judges_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the reason and the seeds."""
    scene = tmp_path / "stiff.yaml"
    scene.write_text(
        f"description: too stiff\nservo: {{stiffness: {STIFFER}, damping: 0.001, "
        "max_torque: 1000000.0}\n"
    )
    options = ["--policy", "ik", "--episodes", "2", "--jobs", "1", "--no-videos"]
    assert run(["eval", "--scene", str(scene), "--out", str(tmp_path / "out"), *options]) == 1
    complaint = capsys.readouterr().err
    assert "nobody is judged" in complaint and "physics is unstable, in 4 of 4" in complaint
    assert "seed 0: the physics became unstable" in complaint


# The environment.


@pytest.mark.parametrize("name", [STATE_ID, RESIDUAL_ID])
def test_the_environment_truncates(name: str) -> None:
    """The last observation once more, no reward, and the next episode is in order."""
    tier = tier_of(STIFF)
    env = gymnasium.make(name, scene=tier)
    seed = seeds_of(tier, STIFF)[0]
    observed, info = env.reset(seed=seed)
    assert info["simulation_unstable"] is False
    keys, ends = set(info), False
    action = np.full(6, 0.5, dtype=env.action_space.dtype)
    while not ends:
        before = observed
        observed, reward, terminated, ends, info = env.step(action)
        assert np.isfinite(observed).all() and np.isfinite(float(reward)) and not terminated
    assert info["simulation_unstable"] is True and info["seed"] == seed and set(info) == keys
    assert info["ticks"] < 60
    np.testing.assert_array_equal(observed, before)
    assert reward == 0.0 and not any(info["reward_terms"].values())
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(action)
    sound = seeds_of(tier, UNDAMPED.stiffness)[1]
    env.reset(seed=sound)
    *_, info = env.step(action)
    assert info["simulation_unstable"] is False
    env.close()


def test_a_vectorised_training_goes_on() -> None:
    """Broken episodes end, and others begin in their place."""
    envs = gymnasium.make_vec(STATE_ID, num_envs=2, scene=tier_of(STIFF))
    envs.reset(seed=1)
    unstable = began = 0
    for _ in range(60):
        states, rewards, _, truncated, infos = envs.step(np.tile(HOME_Q + 0.3, (2, 1)))
        assert np.isfinite(states).all() and np.isfinite(rewards).all()
        told = infos["simulation_unstable"]
        assert (truncated | ~told).all()
        unstable += int(told.sum())
        began += int((infos["ticks"] == 0).sum())
    envs.close()
    assert unstable >= 2 and began >= 2


def test_a_drawn_episode_that_cannot_begin_is_drawn_again() -> None:
    """A seed that somebody asked for is not."""
    tier = tier_of(STIFFER, DelayConfig(joint_state_s=0.05))
    env = gymnasium.make(STATE_ID, scene=tier)
    broken = seeds_of(tier, STIFFER)[0]
    with pytest.raises(SimulationError, match=f"seed {broken}: .*has become unstable"):
        env.reset(seed=broken)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(HOME_Q)
    for _ in range(12):  # about half of the draws cannot begin
        _, info = env.reset()
        assert tier.sample(info["seed"]).servo == UNDAMPED
    env.close()
