"""One mock from start to end: who answers, what goes wrong, what is shown."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from so101_ros.cli.groot_display import RequestDisplay
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.errors import ConfigError
from so101_ros.groot.mock.faults import Fault, FaultTimes, FaultyProvider
from so101_ros.groot.mock.provider import HoldProvider, PacedProvider
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.replay.provider import RecordingProvider, ReplayProvider
from so101_ros.groot.wire.server import ServerOptions, serve
from so101_ros.groot.wire.unsafe_pickle import WARNING

EXIT_OK = 0

_NAP_S = 0.05  # how soon a wish to stop is noticed while an answer is held back


class MockRun:
    """Build the stand-in and let it serve."""

    def __init__(self, args: argparse.Namespace, address: str, token: str, console: Console):
        """Prepare.

        Args:
            args: The parsed command line.
            address: Where to listen.
            token: What clients must send; empty for nothing.
            console: Where to show what is served.
        """
        self._args = args
        self._address = address
        self._token = token
        self._display = RequestDisplay(console)
        self._stop = StopFlag()
        self._recording: RecordingProvider | None = None
        self._fault = _read_fault(args.fault)
        self._times = FaultTimes(args.fault_after, args.fault_every)

    def run(self) -> int:
        """Serve until Ctrl-C or SIGTERM.

        Returns:
            0.

        Raises:
            So101Error: If an input is refused.
        """
        profile = load_profile(self._args.profile)
        if self._args.dialect is not None:
            profile = replace(profile, generation=Generation(self._args.dialect))
        options = self._options(profile)
        provider = self._make_provider(profile)
        try:
            with self._stop:
                serve(
                    provider,
                    options,
                    stop=lambda: self._stop.requested,
                    on_ready=lambda place: self._announce(place, options),
                    on_request=self._display.count,
                )
        finally:
            provider.close()
        self._conclude()
        return EXIT_OK

    def _options(self, profile: EmbodimentProfile) -> ServerOptions:
        if self._args.unsafe_pickle and profile.generation is not Generation.N15:
            raise ConfigError(
                f"--unsafe-pickle is spoken by servers of n15 alone, not {profile.generation.value}"
            )
        return ServerOptions(
            self._address,
            _other(profile.generation)
            if self._fault is Fault.WRONG_DIALECT
            else profile.generation,
            token=self._token,
            unsafe_pickle=self._args.unsafe_pickle,
            tells_keys=self._fault is not Fault.NO_METADATA,
        )

    def _make_provider(self, profile: EmbodimentProfile) -> GrootProvider:
        """Stack them: the faults come last, as they would on the way."""
        provider = _make_answers(self._args.answers, profile)
        if self._args.record is not None:
            self._recording = provider = RecordingProvider(
                provider, self._args.record, overwrite=self._args.force
            )
        provider = PacedProvider(provider, self._args.delay_ms / 1000.0, self._sleep)
        if self._fault is None or self._fault.is_of_the_server:
            return provider
        return FaultyProvider(provider, self._fault, self._times, self._sleep)

    def _announce(self, place: str, options: ServerOptions) -> None:
        """Say first what a program that started this waits for."""
        say = self._display.say
        say(f"ready on {place}")
        assert options.generation is not None
        say(
            f"this is a mock: no model answers, but {self._args.answers}; profile "
            f"{self._args.profile}, dialect {options.generation.value}, at least "
            f"{self._args.delay_ms:g} ms; Ctrl-C ends it"
        )
        if self._fault is not None:
            say(f"it will go wrong on purpose: {self._fault.value}")
        if options.unsafe_pickle:
            self._display.complain(WARNING)

    def _conclude(self) -> None:
        self._display.conclude()
        if self._recording is not None:
            others = self._recording.left_out
            self._display.say(
                f"{self._args.record} holds {len(self._recording)} answers"
                + (f", {others} of another shape were left out" if others else "")
            )

    def _sleep(self, seconds: float) -> None:
        """Wait, but not longer than until the user wants to stop."""
        due_s = time.monotonic() + seconds
        while (left_s := due_s - time.monotonic()) > 0.0 and not self._stop.requested:
            time.sleep(min(_NAP_S, left_s))


def _make_answers(text: str, profile: EmbodimentProfile) -> GrootProvider:
    kind, _, name = text.partition(":")
    if kind == "replay" and name:
        return ReplayProvider(Path(name).expanduser())
    if text == "hold":
        return HoldProvider(profile)
    if text == "ik":
        from so101_ros.groot.rehearsal.provider import RehearsalProvider

        return RehearsalProvider(profile)
    raise ConfigError(f"--answers {text!r} is unknown. Allowed: ik, hold, replay:FILE")


def _read_fault(text: str | None) -> Fault | None:
    if text is None:
        return None
    try:
        return Fault(text)
    except ValueError as err:
        allowed = ", ".join(each.value for each in Fault)
        raise ConfigError(f"--fault {text!r} is unknown. Allowed: {allowed}") from err


def _other(generation: Generation) -> Generation:
    """Choose a release that speaks otherwise."""
    return Generation.N15 if generation is Generation.N17 else Generation.N17
