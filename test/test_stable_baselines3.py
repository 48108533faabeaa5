"""Stable-Baselines3 learns on the environments as they are."""

import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from so101_ros.envs import IMAGE_ID, RESIDUAL_ID, STATE_ID

sb3 = pytest.importorskip("stable_baselines3")


@pytest.mark.parametrize("name", [STATE_ID, IMAGE_ID, RESIDUAL_ID])
def test_its_checker_finds_no_error(name: str) -> None:
    """It warns that targets in radians are no symmetric range, and exact; both are meant."""
    from stable_baselines3.common.env_checker import check_env  # pyright: ignore[reportMissingImports]

    env = gymnasium.make(name)
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", message=".*symmetric and normalized.*")
        warnings.filterwarnings("ignore", message="Your action space has dtype float64")
        check_env(env)
    env.close()


@pytest.mark.parametrize("name", [STATE_ID, RESIDUAL_ID])
def test_ppo_learns_over_several_episodes(name: str) -> None:
    """Updates change the policy, and every number stays finite."""
    env = gymnasium.make(name)
    model = sb3.PPO("MlpPolicy", env, n_steps=128, batch_size=64, n_epochs=2, seed=0)
    before = [each.detach().clone() for each in model.policy.parameters()]
    model.learn(512)
    after = list(model.policy.parameters())
    assert all(np.isfinite(each.detach().numpy()).all() for each in after)
    assert any(not old.equal(new) for old, new in zip(before, after, strict=True))


def test_sac_learns_on_the_residual_and_its_buffer_holds_sane_numbers(tmp_path: Path) -> None:
    """Off-policy too; the model survives a save and answers within the action space."""
    env = gymnasium.make(RESIDUAL_ID, alpha=0.5)
    model = sb3.SAC("MlpPolicy", env, learning_starts=50, batch_size=32, seed=0)
    model.learn(100)
    assert np.isfinite(model.replay_buffer.rewards[:100]).all()
    model.save(tmp_path / "model")
    observed, _ = env.reset(seed=0)
    action, _ = sb3.SAC.load(tmp_path / "model").predict(observed, deterministic=True)
    assert env.action_space.contains(action)


def test_images_go_through_its_convolutions() -> None:
    """A dictionary of state and image needs no wrapper."""
    env = gymnasium.make(IMAGE_ID, image_size=(64, 64))
    model = sb3.A2C("MultiInputPolicy", env, n_steps=8, seed=0)
    model.learn(24)
    assert model.num_timesteps == 24
    env.close()


def test_its_monitor_reads_success() -> None:
    """``is_success`` is the key that the library counts."""
    from stable_baselines3.common.evaluation import evaluate_policy  # pyright: ignore[reportMissingImports]
    from stable_baselines3.common.monitor import Monitor  # pyright: ignore[reportMissingImports]

    class Base:
        """No correction."""

        def predict(self, observation: np.ndarray, **_: object) -> tuple[np.ndarray, None]:
            """Answer zeros for every environment."""
            return np.zeros((len(observation), 6), dtype=np.float32), None

    seen: list[bool] = []

    def note(local: dict, _: dict) -> None:
        if local["done"]:
            seen.append(local["info"]["is_success"])

    env = Monitor(gymnasium.make(RESIDUAL_ID))
    env.reset(seed=0)
    mean, _ = evaluate_policy(Base(), env, n_eval_episodes=2, callback=note)  # type: ignore[arg-type]
    assert seen == [True, True]
    assert isinstance(mean, float) and mean > 5.0
