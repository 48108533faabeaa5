"""From settings to a model that can be asked."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.session import GrootSession
from so101_ros.groot.settings import TOKEN_VARIABLE, GrootSettings


def make_session(
    settings: GrootSettings, report: Callable[[str], object] = lambda line: None
) -> GrootSession:
    """Open a session; a server is looked for when it is asked first, a local model loads now.

    Args:
        settings: Profile and provider.
        report: Gets a line on what takes long, such as loading a model.

    Raises:
        ConfigError: If there is no such profile.
        GrootError: If the provider cannot be made.
    """
    profile = load_profile(settings.profile)
    provider = _make_provider(settings, profile, report)
    return GrootSession(profile, provider, allow_mismatch=settings.allow_mismatch)


def check_model(settings: GrootSettings) -> None:
    """Refuse a model that is not there, or another one, before anything is tried with it.

    A local checkpoint is left alone: whoever loads it checks it.

    Args:
        settings: Profile and provider.

    Raises:
        ConfigError: If there is no such profile.
        GrootError: If nobody answers, or the model does not fit the profile.
    """
    if not settings.provider.startswith("local:"):
        with closing(make_session(settings)) as session:
            session.check()


def _make_provider(
    settings: GrootSettings, profile: EmbodimentProfile, report: Callable[[str], object]
) -> GrootProvider:
    """Make a provider; each imports what the others need not wait for."""
    kind, _, place = settings.provider.partition(":")
    path = Path(os.path.expanduser(place)).resolve()
    if kind == "local":
        from so101_ros.groot.local.provider import LocalOptions, LocalProvider

        return LocalProvider(profile, path, LocalOptions(settings.optimize), report)
    if kind == "replay":
        from so101_ros.groot.replay.provider import ReplayProvider

        return ReplayProvider(path)
    from so101_ros.groot.wire.server_provider import ServerProvider

    return ServerProvider(
        settings.provider,
        profile.generation,
        profile.embodiment_tag,
        token=os.environ.get(TOKEN_VARIABLE, ""),
        timeout_s=settings.timeout_s,
        unsafe_pickle=settings.unsafe_pickle,
    )
