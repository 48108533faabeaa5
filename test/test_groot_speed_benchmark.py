"""The benchmark of GR00T says what it could not measure, and measures what it says."""

import json
import sys

import numpy as np
import pytest

from so101_ros.arm import HOME_Q
from so101_ros.benchmark.groot_speed import measure_groot
from so101_ros.benchmark.groot_timing import CALLS, time_requests
from so101_ros.benchmark.random_groot import describe_data
from so101_ros.cli.main import run
from so101_ros.groot.local.checkpoint import check_checkpoint
from so101_ros.groot.local.provider import probe_request
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.profile_file import load_profile, profile_names

N15 = [name for name in profile_names() if load_profile(name).generation.value == "n15"]


def test_without_groot_it_is_left_out_and_says_why(monkeypatch):
    """With the name of what is missing."""
    monkeypatch.setitem(sys.modules, "gr00t", None)
    lines = []
    assert measure_groot(lines.append) == []
    assert len(lines) == 1
    assert lines[0].startswith("left out: a local model needs GR00T N1.5")


def test_the_command_goes_on_without_it(tmp_path, capsys, monkeypatch):
    """What is left out is no failure."""
    monkeypatch.setitem(sys.modules, "gr00t", None)
    assert run(["bench", "--only", "groot", "--out", str(tmp_path)]) == 0
    assert "left out" in capsys.readouterr().out
    assert json.loads((tmp_path / "bench.json").read_text())["figures"] == []


@pytest.mark.parametrize("name", N15)
def test_a_random_checkpoint_fits_its_profile(name, tmp_path):
    """In every unit that a profile may have."""
    profile = load_profile(name)
    metadata = tmp_path / "experiment_cfg" / "metadata.json"
    metadata.parent.mkdir()
    metadata.write_text(json.dumps({profile.embodiment_tag: describe_data(profile)}))
    contract = check_checkpoint(profile, tmp_path)
    middle = {key: (span.low + span.high) / 2 for key, span in contract.state_range.items()}
    images = {each.camera: np.zeros((240, 320, 3), np.uint8) for each in profile.video.values()}
    home = profile.request(images, HOME_Q).state
    for key, values in middle.items():
        np.testing.assert_allclose(values, home[key], atol=1e-4)
    assert set(probe_request(profile, contract).video) == set(profile.video)


def test_a_request_is_timed_from_the_cameras_images():
    """Each one whole, and more of them than count."""
    profile = load_profile("paper_return")
    seen = []

    class Counting(HoldProvider):
        """Holds, and remembers."""

        def infer(self, request):
            """Remember and hold."""
            seen.append(request)
            return super().infer(request)

    assert time_requests(Counting(profile), profile) > 0.0
    assert len(seen) > CALLS
    assert {pixels.shape for pixels in seen[0].video.values()} == {(224, 224, 3)}
