"""A model is asked only after it has proved to fit its profile."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groot_fakes import FITS, IMAGES, PROFILE, FakeProvider

from so101_ros.arm import HOME_Q
from so101_ros.errors import ConfigError, GrootError, ObservationError, RecordingError
from so101_ros.groot.make_session import make_session
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.session import ContractMismatch, GrootSession
from so101_ros.groot.settings import DEFAULT_ADDRESS, GrootSettings


def test_the_contract_is_checked_before_the_first_question_and_once() -> None:
    """Two questions, one check; nobody is asked at construction."""
    provider = FakeProvider()
    session = GrootSession(PROFILE, provider)
    assert provider.calls == [] and not session.is_checked
    session.ask(IMAGES, HOME_Q)
    session.ask(IMAGES, HOME_Q)
    assert provider.calls == ["describe", "infer", "infer"]
    assert session.is_checked and session.contract is FITS


@pytest.mark.parametrize("name", ["paper_return", "lerobot_so101"])
def test_targets_are_in_radians(name: str) -> None:
    """Whatever the model's units are."""
    profile = load_profile(name)
    provider = FakeProvider(profile, profile.contract("a model that fits"))
    answer = GrootSession(profile, provider).ask(IMAGES, HOME_Q)
    assert answer.targets.shape == (profile.horizon, 6)
    np.testing.assert_allclose(answer.targets, np.tile(HOME_Q, (profile.horizon, 1)), atol=1e-5)
    assert answer.request is provider.requests[0]
    assert answer.inference_s >= 0.0


def test_a_model_that_does_not_fit_is_never_asked() -> None:
    """The message names model, profile and the first finding, and tells how many there are."""
    contract = replace(FITS, source="tcp://elsewhere:5555", horizon=50)
    provider = FakeProvider(contract=contract)
    session = GrootSession(PROFILE, provider)
    for _ in range(2):
        with pytest.raises(ContractMismatch) as raised:
            session.ask(IMAGES, HOME_Q)
        assert str(raised.value) == (
            "tcp://elsewhere:5555 does not fit profile 'paper_return': "
            "horizon: got 16, expected 50 (set horizon: 50)"
        )
    assert "infer" not in provider.calls and not session.is_checked
    provider.contract = replace(contract, generation=Generation.N17)
    with pytest.raises(ContractMismatch, match=r"generation: got n15, expected n17 .*1 more: so1"):
        session.check()


def test_a_mismatch_can_be_allowed() -> None:
    """Then it is listed, and the model is asked."""
    provider = FakeProvider(contract=replace(FITS, embodiment_tag="gr1"))
    session = GrootSession(PROFILE, provider, allow_mismatch=True)
    session.ask(IMAGES, HOME_Q)
    assert [each.subject for each in session.mismatches] == ["embodiment tag"]
    assert provider.calls == ["describe", "infer"]


def test_what_a_model_does_not_tell_is_no_mismatch() -> None:
    """Servers tell less than checkpoints do."""
    contract = replace(FITS, horizon=None, embodiment_tag=None, video={}, state={}, action={})
    session = GrootSession(PROFILE, FakeProvider(contract=contract))
    session.check()
    assert session.is_checked and session.mismatches == []


def test_after_a_failure_the_contract_is_checked_anew() -> None:
    """A server that was restarted may hold another model."""
    provider = FakeProvider()
    session = GrootSession(PROFILE, provider)
    session.check()
    provider.failure = GrootError("the server does not answer")
    with pytest.raises(GrootError, match="does not answer"):
        session.ask(IMAGES, HOME_Q)
    assert not session.is_checked
    provider.failure = None
    provider.contract = replace(FITS, horizon=50)
    with pytest.raises(ContractMismatch, match="expected 50"):
        session.ask(IMAGES, HOME_Q)
    assert provider.calls == ["describe", "infer", "describe"]


def test_after_an_answer_of_another_form_the_contract_is_checked_anew() -> None:
    """A server that was restarted between two questions has not failed, and is another."""
    provider = FakeProvider()
    session = GrootSession(PROFILE, provider)
    session.check()
    provider.horizon = 10
    with pytest.raises(GrootError, match=r"arm_0 \(10, 6\).*expects arm_0 \(16, 6\)"):
        session.ask(IMAGES, HOME_Q)
    assert not session.is_checked


def test_a_missing_image_says_nothing_of_the_model() -> None:
    """It is not asked, and not checked anew."""
    provider = FakeProvider()
    session = GrootSession(PROFILE, provider)
    with pytest.raises(ObservationError, match="no image of the camera wrist"):
        session.ask({"top": IMAGES["top"]}, HOME_Q)
    assert provider.calls == ["describe"] and session.is_checked


def test_the_prompt_is_the_profiles_unless_told() -> None:
    """One question with another prompt does not change the next one's."""
    provider = FakeProvider()
    session = GrootSession(PROFILE, provider)
    for prompt in ("", "fold the towel", ""):
        session.ask(IMAGES, HOME_Q, prompt)
    assert [each.prompt for each in provider.requests] == ["None", "fold the towel", "None"]


def test_the_provider_is_closed_with_the_session() -> None:
    """It may hold a socket or a GPU's memory."""
    provider = FakeProvider()
    GrootSession(PROFILE, provider).close()
    assert provider.calls == ["close"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"provider": "5555"}, r"'5555' is unknown. Allowed: tcp://HOST:PORT .* replay:FILE"),
        ({"provider": "http://here:80"}, "'http://here:80' is unknown"),
        ({"provider": "local:"}, "'local:' is unknown"),
        ({"provider": "local:/no/folder"}, "there is no /no/folder"),
        ({"provider": "replay:/no/file"}, "there is no /no/file"),
        ({"timeout_s": 0.0}, "timeout_s must be above 0 s, got 0.0"),
        ({"timeout_s": float("nan")}, "timeout_s must be above 0 s, got nan"),
    ],
)
def test_settings_that_name_no_provider_are_refused(changes: dict[str, Any], message: str) -> None:
    """With what is allowed."""
    with pytest.raises(ConfigError, match=message):
        GrootSettings(**changes)


def test_a_session_is_made_from_settings_without_asking_anybody() -> None:
    """There need be no server yet."""
    session = make_session(GrootSettings())
    assert session.profile.name == "paper_return" and not session.is_checked
    assert GrootSettings().provider == DEFAULT_ADDRESS
    session.close()
    session.close()


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """A profile that does not exist, no address, a folder and a file of something else."""
    with pytest.raises(ConfigError, match="no_such_profile"):
        make_session(GrootSettings(profile="no_such_profile"))
    with pytest.raises(GrootError, match=r"'tcp://here' is no address .* tcp://127.0.0.1:5555"):
        make_session(GrootSettings(provider="tcp://here"))
    with pytest.raises(GrootError):
        make_session(GrootSettings(provider=f"local:{tmp_path}"))
    nothing = tmp_path / "answers.npz"
    nothing.write_bytes(b"none")
    with pytest.raises(RecordingError, match=r"answers\.npz"):
        make_session(GrootSettings(provider=f"replay:{nothing}"))
