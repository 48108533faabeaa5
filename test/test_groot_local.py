import logging
import sys
from dataclasses import replace
from pathlib import Path

import groot_package
import numpy as np
import pytest
from groot_checkpoints import ARM_HIGH, ARM_LOW, robot, write_n15

from so101_ros.errors import GrootError
from so101_ros.groot.local.observation import batched_observation, read_answer
from so101_ros.groot.local.provider import LocalOptions, LocalProvider, probe_request
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.speed.optimize import Optimize

PROFILE = load_profile("paper_return")
SPLIT = load_profile("lerobot_so101")  # whose gripper is a key of its own
ON_CPU = LocalOptions(device="cpu")


@pytest.fixture
def policy(monkeypatch):
    """GR00T's policy in the stand-in of its package."""
    return groot_package.install(monkeypatch)


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """A folder that PROFILE fits."""
    return write_n15(tmp_path / "checkpoint")


def write_split(folder: Path) -> Path:
    """A checkpoint that SPLIT fits."""
    ranges = {"single_arm": ([-100.0] * 5, [100.0] * 5), "gripper": ([0.0], [100.0])}
    sizes = {key: each.size for key, each in SPLIT.video.items()}
    return write_n15(folder, {"new_embodiment": robot(sizes, ranges, ranges)})


class TestWithoutGroot:
    def test_the_message_says_what_to_install(self, checkpoint, monkeypatch):
        """In one line, and where to run the model instead."""
        monkeypatch.setitem(sys.modules, "gr00t", None)
        with pytest.raises(GrootError) as refused:
            LocalProvider(PROFILE, checkpoint, ON_CPU)
        text = str(refused.value)
        assert "\n" not in text
        for part in ("so101_ros[groot]", "n1.5-release", "flash-attn", "so101 groot serve"):
            assert part in text

    def test_the_checkpoint_is_looked_at_first(self, tmp_path, monkeypatch):
        """Whoever has neither is told of the checkpoint."""
        monkeypatch.setitem(sys.modules, "gr00t", None)
        with pytest.raises(GrootError, match="is no folder"):
            LocalProvider(PROFILE, tmp_path / "nowhere", ON_CPU)


class TestBeforeLoading:
    """Loading takes minutes; what can be known before is said before."""

    def refuse(self, profile, folder, policy) -> str:
        """Why it is refused; GR00T must not have been asked."""
        with pytest.raises(GrootError) as refused:
            LocalProvider(profile, folder, ON_CPU)
        assert policy.made == []
        return str(refused.value)

    def test_another_tag(self, checkpoint, policy):
        """Names those that are there."""
        profile = replace(PROFILE, embodiment_tag="gr1")
        text = self.refuse(profile, checkpoint, policy)
        assert "has no robot 'gr1'. It has: new_embodiment" in text

    def test_another_key(self, tmp_path, policy):
        """With the one to write."""
        arm = {"arm_0": (ARM_LOW, ARM_HIGH)}
        robots = {"new_embodiment": robot({"front": (224, 224)}, arm, arm)}
        folder = write_n15(tmp_path / "checkpoint", robots)
        assert "does not fit profile 'paper_return'" in self.refuse(PROFILE, folder, policy)

    def test_another_horizon(self, tmp_path, policy):
        """Which GR00T would bend into shape, with a head that was trained for another one."""
        folder = write_n15(tmp_path / "checkpoint", horizon=50)
        assert "set horizon: 50" in self.refuse(PROFILE, folder, policy)

    def test_another_release(self, checkpoint, policy):
        """Only N1.5 runs in this process."""
        text = self.refuse(replace(PROFILE, generation=Generation.N17), checkpoint, policy)
        assert "is for n17; only n15 runs in this process" in text

    def test_no_gpu(self, checkpoint, policy):
        """And says how to find out."""
        torch = pytest.importorskip("torch")
        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        with pytest.raises(GrootError, match=r"sees none\. Look at nvidia-smi"):
            LocalProvider(PROFILE, checkpoint, LocalOptions(device="cuda"))
        assert policy.made == []


class TestLoading:
    def test_the_path_is_absolute(self, checkpoint, policy, monkeypatch):
        """A relative one looks like a name on Hugging Face, and GR00T would ask the network."""
        monkeypatch.chdir(checkpoint.parent)
        LocalProvider(PROFILE, Path("checkpoint"), ON_CPU)
        assert policy.made[0].options["model_path"] == str(checkpoint.resolve())

    def test_options_reach_the_policy(self, checkpoint, policy):
        """As GR00T names them."""
        LocalProvider(PROFILE, checkpoint, replace(ON_CPU, denoising_steps=2))
        options = policy.made[0].options
        assert (options["denoising_steps"], options["device"]) == (2, "cpu")
        assert options["embodiment_tag"] == "new_embodiment"

    def test_transforms_are_those_of_the_training_in_their_order(self, checkpoint, policy):
        """Another order, or another crop, is another image."""
        LocalProvider(PROFILE, checkpoint, ON_CPU)
        transforms = policy.made[0].options["modality_transform"].transforms
        assert [each.name for each in transforms] == [
            "VideoToTensor",
            "VideoCrop",
            "VideoResize",
            "VideoToNumpy",
            *["StateActionToTensor", "StateActionTransform"] * 2,
            "ConcatTransform",
            "GR00TTransform",
        ]
        video, state = ["video.image_cam_0", "video.image_cam_1"], ["state.arm_0"]
        assert transforms[1].options == {"apply_to": video, "scale": 0.95}
        assert transforms[2].options == {
            "apply_to": video,
            "height": 224,
            "width": 224,
            "interpolation": "linear",
            "antialias": True,
        }
        assert transforms[5].options["normalization_modes"] == {"state.arm_0": "min_max"}
        assert transforms[7].options["apply_to"] == ["action.arm_0"]
        assert transforms[8].options["video_concat_order"] == video
        assert transforms[8].options["state_concat_order"] == state
        assert transforms[9].options == {
            "state_horizon": 1,
            "action_horizon": 16,
            "max_state_dim": 64,
            "max_action_dim": 32,
        }

    def test_the_modalities_are_the_profiles(self, checkpoint, policy):
        """Keys with GR00T's prefixes, rows from the present one on."""
        LocalProvider(PROFILE, checkpoint, ON_CPU)
        modalities = policy.made[0].options["modality_config"]
        assert list(modalities) == ["video", "state", "action", "language"]
        assert modalities["action"].modality_keys == ["action.arm_0"]
        assert modalities["action"].delta_indices == list(range(16))
        assert modalities["language"].modality_keys == [PROFILE.language_key]

    def test_progress_is_told_and_groots_prints_are_not(self, checkpoint, policy, capsys):
        """Whoever started this may read its output."""
        lines = []
        LocalProvider(PROFILE, checkpoint, ON_CPU, report=lines.append)
        assert lines == ["importing GR00T", f"loading {checkpoint}", "first answer"]
        assert capsys.readouterr().out == ""

    def test_a_checkpoint_that_cannot_be_loaded(self, checkpoint, policy):
        """GR00T's own words, behind the name of the folder."""
        policy.error, policy.fails_to_load = OSError("no file named model.safetensors"), True
        with pytest.raises(GrootError, match=r"cannot load .*: OSError: no file named model"):
            LocalProvider(PROFILE, checkpoint, ON_CPU)


class TestAnswers:
    def test_a_request_goes_as_a_batch_of_one(self, checkpoint, policy):
        """So that every release renders the bare prompt, and gets one type of state always."""
        provider = LocalProvider(PROFILE, checkpoint, ON_CPU)
        request = probe_request(PROFILE, provider.describe())
        double = replace(request, state={"arm_0": request.state["arm_0"].astype(np.float64)})
        provider.infer(double)
        observation = policy.made[0].asked[-1]
        assert observation["video.image_cam_0"].shape == (1, 1, 224, 224, 3)
        assert observation["video.image_cam_0"].dtype == np.uint8
        assert observation["state.arm_0"].shape == (1, 1, 6)
        assert observation["state.arm_0"].dtype == np.float32
        prompt = observation[PROFILE.language_key]
        assert (prompt.shape, str(prompt[0])) == ((1,), "None")

    def test_probes_are_inside_the_training_data_and_not_even(self, checkpoint, policy):
        """An even image would hide what is compared with it."""
        request = probe_request(PROFILE, LocalProvider(PROFILE, checkpoint, ON_CPU).describe())
        assert all(pixels.std() > 50 for pixels in request.video.values())
        assert np.all((request.state["arm_0"] >= ARM_LOW) & (request.state["arm_0"] <= ARM_HIGH))

    @pytest.mark.parametrize("squeezes", [False, True])
    def test_both_ways_to_leave_the_batch(self, tmp_path, policy, squeezes):
        """Older releases give the gripper's key as (16,)."""
        policy.squeezes = squeezes
        provider = LocalProvider(SPLIT, write_split(tmp_path / "checkpoint"), ON_CPU)
        request = probe_request(SPLIT, provider.describe())
        answer = provider.infer(request)
        assert {key: rows.shape for key, rows in answer.items()} == {
            "single_arm": (16, 5),
            "gripper": (16, 1),
        }
        assert np.array_equal(answer["single_arm"][3], request.state["single_arm"])
        assert np.array_equal(answer["gripper"][:, 0], np.repeat(request.state["gripper"], 16))

    def test_answers_of_another_shape_are_refused(self):
        """With both shapes."""
        with pytest.raises(GrootError, match=r"action.arm_0 .* is \(1, 8, 6\), expected"):
            read_answer({"action.arm_0": np.zeros((1, 8, 6))}, PROFILE)
        with pytest.raises(GrootError, match=r"has no action\.arm_0; it has action\.arm_1"):
            read_answer({"action.arm_1": np.zeros((1, 16, 6))}, PROFILE)

    def test_what_groot_says_against_a_request_is_told(self, checkpoint, policy):
        """As an error that commands and servers know."""
        provider = LocalProvider(PROFILE, checkpoint, ON_CPU)
        policy.error = ValueError("Error applying transform 4 to data: dtype")
        with pytest.raises(GrootError, match="GR00T failed: ValueError: Error applying transform"):
            provider.infer(probe_request(PROFILE, provider.describe()))

    def test_a_wrong_size_does_not_reach_the_model(self, checkpoint, policy):
        """Named with key and sizes."""
        provider = LocalProvider(PROFILE, checkpoint, ON_CPU)
        request = probe_request(PROFILE, provider.describe())
        small = {key: pixels[::2, ::2] for key, pixels in request.video.items()}
        with pytest.raises(GrootError, match=r"\(112, 112\), expected \(224, 224\)"):
            provider.infer(replace(request, video=small))

    def test_a_closed_model_says_so(self, checkpoint, policy):
        """Closing twice is harmless."""
        provider = LocalProvider(PROFILE, checkpoint, ON_CPU)
        request = probe_request(PROFILE, provider.describe())
        provider.close()
        provider.close()
        with pytest.raises(GrootError, match="was closed"):
            provider.infer(request)

    def test_it_describes_the_checkpoint(self, checkpoint, policy):
        """All that a client can check."""
        contract = LocalProvider(PROFILE, checkpoint, ON_CPU).describe()
        assert contract.generation is Generation.N15
        assert contract.language_keys == (PROFILE.language_key,)
        assert (contract.horizon, contract.state) == (16, {"arm_0": 6})


class TestFallingBack:
    """A faster network that fails costs speed, never answers."""

    @pytest.fixture(autouse=True)
    def _torch(self):
        pytest.importorskip("torch", reason="networks need torch (so101_ros[groot])")

    def test_a_network_that_cannot_be_replaced(self, checkpoint, policy, caplog):
        """The stand-in has none; the warning names what was missing."""
        with caplog.at_level(logging.WARNING):
            provider = LocalProvider(PROFILE, checkpoint, replace(ON_CPU, optimize=Optimize.GRAPH))
        assert not provider.is_fast
        assert "optimize is off, the stock network answers from now on" in caplog.text
        assert "AttributeError" in caplog.text
        assert provider.infer(probe_request(PROFILE, provider.describe()))["arm_0"].shape == (16, 6)

    @pytest.mark.parametrize("error", [GrootError("0.1% away"), RuntimeError("CUDA error")])
    def test_one_that_fails_later(self, checkpoint, policy, monkeypatch, caplog, error):
        """At the first answer, which is made while starting; it is not tried again."""
        asked = []

        class Broken:
            def __init__(self, *_, **__):
                pass

            def infer(self, request):
                asked.append(request)
                raise error

        monkeypatch.setattr("so101_ros.groot.local.fast.LocalFast", Broken)
        with caplog.at_level(logging.WARNING):
            provider = LocalProvider(PROFILE, checkpoint, replace(ON_CPU, optimize=Optimize.GRAPH))
        assert len(asked) == 1
        assert not provider.is_fast
        assert f"{type(error).__name__}: {error}" in caplog.text
        provider.infer(probe_request(PROFILE, provider.describe()))
        assert len(asked) == 1

    def test_a_seed_is_set_after_everything_that_draws(self, checkpoint, policy):
        """So that the first answer of a client is the same by every way."""
        torch = pytest.importorskip("torch", reason="networks need torch (so101_ros[groot])")
        LocalProvider(PROFILE, checkpoint, replace(ON_CPU, seed=7))
        drawn = torch.randn(3)
        torch.manual_seed(7)
        assert torch.equal(drawn, torch.randn(3))


def test_the_batch_is_what_the_wire_has_too():
    """One way to write a request for N1.5, whoever reads it."""
    request = probe_request(PROFILE, ModelContract("", Generation.N15, None, {}, {}, {}))
    assert set(batched_observation(PROFILE, request)) == {
        "video.image_cam_0",
        "video.image_cam_1",
        PROFILE.language_key,
    }
