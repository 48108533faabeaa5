"""What a seed makes of a tier."""

import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.randomization.distributions import Fixed, Hidden, Uniform
from so101_ros.randomization.draw import Draw
from so101_ros.randomization.load import load_tier, tier_names
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.config_reader import entries

SEEDS = st.integers(0, 2**63)
TIERS = {name: load_tier(name) for name in tier_names()}
FRICTION = Draw("contact", "tip_friction", (Uniform(1.0, 2.0),))
MASS = Draw("paper", "mass", (Uniform(0.003, 0.008),))
ZEROS = Draw("calibration", "joint_zeros", (Uniform(-0.05, 0.05),) * 6, each=True)


@given(SEEDS)
def test_a_seed_draws_the_same_scene_wherever_it_is_drawn(seed: int) -> None:
    """Also in another process: a tier goes there as it is."""
    tier = TIERS["full"]
    copy = pickle.loads(pickle.dumps(tier))
    assert copy == tier and hash(copy) == hash(tier)
    assert copy.sample(seed) == tier.sample(seed)


@given(SEEDS)
def test_another_entry_changes_no_draw(seed: int) -> None:
    """Each comes from a stream of its own, in whatever order they are named."""
    alone = SceneTier(draws=(FRICTION,)).sample(seed)
    together = SceneTier(draws=(ZEROS, MASS, FRICTION)).sample(seed)
    assert together.contact == alone.contact
    assert together == SceneTier(draws=(FRICTION, ZEROS, MASS)).sample(seed)
    assert together.calibration.joint_zeros != SceneConfig().calibration.joint_zeros


@given(SEEDS)
def test_tiers_share_their_draws(seed: int) -> None:
    """What fails in one can be looked for in the other."""
    hard, full = TIERS["hard"].sample(seed), TIERS["full"].sample(seed)
    assert full.look == TIERS["visual"].sample(seed).look
    assert replace(full, look=hard.look) == hard
    assert hard.contact == TIERS["physics"].sample(seed).contact
    assert hard.calibration == TIERS["calibration"].sample(seed).calibration
    assert hard.delay == TIERS["delay"].sample(seed).delay


def test_a_wider_range_stretches_the_draws() -> None:
    """The same share of it."""
    wide = replace(FRICTION, parts=(Uniform(1.0, 3.0),))
    for seed in range(20):
        one, other = FRICTION.value(seed), wide.value(seed)
        assert isinstance(one, float) and isinstance(other, float)
        assert other - 1.0 == pytest.approx(2.0 * (one - 1.0))


def test_numbers_of_one_entry_differ_and_so_do_seeds() -> None:
    """Six joints, not one six times."""
    drawn = [ZEROS.value(seed) for seed in range(10)]
    assert all(isinstance(each, tuple) and len(set(each)) == 6 for each in drawn)
    assert len(set(drawn)) == 10


def test_what_is_not_drawn_is_nominal() -> None:
    """Entry by entry; and all that is drawn does change."""
    for name, tier in TIERS.items():
        scenes = [tier.sample(seed) for seed in range(100)]
        for section, nominal in entries(SceneConfig()).items():
            for entry in entries(nominal) if section not in ("robot_model",) else ():
                values = {getattr(getattr(scene, section), entry) for scene in scenes}
                drawn = f"{section}.{entry}" in tier.varied
                assert drawn == (values != {getattr(nominal, entry)}), (name, section, entry)


def test_policies_know_what_is_fixed_and_not_what_is_hidden() -> None:
    """The nominal scene is what they are told."""
    tier = SceneTier(
        draws=(
            Draw("delay", "command_s", (Hidden(0.1),)),
            Draw(
                "calibration", "base_offset", (Fixed(0.0), Uniform(0.001, 0.002), Fixed(0.0)), True
            ),
        )
    )
    assert tier.draws and not SceneTier().draws
    assert tier.nominal.delay.command_s == 0.0
    drawn = tier.sample(3)
    assert drawn.delay.command_s == 0.1
    assert drawn.calibration.base_offset[0] == 0.0 < drawn.calibration.base_offset[1]


def test_plain_data_survives_json_and_tells_tiers_apart() -> None:
    """An evaluation compares it with what it wrote down before."""
    written = {name: tier.to_dict() for name, tier in TIERS.items()}
    for name, data in written.items():
        assert json.loads(json.dumps(data)) == data
        others = [each for other, each in written.items() if other != name]
        assert data | {"name": ""} not in [each | {"name": ""} for each in others]
    wider = replace(FRICTION, parts=(Uniform(1.0, 2.1),))
    assert SceneTier(draws=(FRICTION,)).to_dict() != SceneTier(draws=(wider,)).to_dict()


def test_a_draw_that_no_scene_allows_is_refused() -> None:
    """For tiers that are made in code; files are refused before anything is drawn."""
    heavy = Draw("paper", "mass", (Uniform(-2.0, -1.0),))
    with pytest.raises(ConfigError, match="mass must be from"):
        SceneTier(draws=(heavy,)).sample(0)
