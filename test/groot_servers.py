"""Servers for tests of GR00T's clients: ours in a thread, and one that says what it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import zmq

from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.request import GrootRequest
from so101_ros.groot.wire.server import ServerOptions, serve
from so101_ros.groot.wire.service import Served

ANY_PORT = "tcp://127.0.0.1:0"

_START_S = 20.0
_POLL_MS = 20


def profile_of(generation: Generation) -> EmbodimentProfile:
    """Take the target checkpoint's profile as if it were of another release."""
    return replace(load_profile("paper_return"), generation=generation)


def make_request(profile: EmbodimentProfile, q: np.ndarray, seed: int = 0) -> GrootRequest:
    """Observe noise."""
    pixels = np.random.default_rng(seed)
    images = {
        camera: pixels.integers(0, 256, (240, 320, 3), np.uint8) for camera in profile.cameras
    }
    return profile.request(images, q)


@dataclass
class RunningServer:
    """Our server, in a thread of this process."""

    address: str
    served: list[Served] = field(default_factory=list)


@contextmanager
def our_server(provider: GrootProvider, options: ServerOptions) -> Iterator[RunningServer]:
    """Serve until the block ends; then whatever ended the server too early is raised here."""
    running = RunningServer("")
    ready, stop = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def announce(address: str) -> None:
        running.address = address
        ready.set()

    def run() -> None:
        try:
            serve(
                provider,
                options,
                stop=stop.is_set,
                on_ready=announce,
                on_request=running.served.append,
            )
        except BaseException as err:
            errors.append(err)
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert ready.wait(_START_S)
        if not errors:
            yield running
    finally:
        stop.set()
        thread.join(_START_S)
    if errors:
        raise errors[0]


@contextmanager
def hold_server(
    generation: Generation = Generation.N15, address: str = ANY_PORT, **options: object
) -> Iterator[RunningServer]:
    """Serve somebody who holds the arm."""
    provider = HoldProvider(profile_of(generation))
    with our_server(provider, ServerOptions(address, **options)) as running:  # type: ignore[arg-type]
        yield running


@contextmanager
def scripted_server(reply: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """Answer each message with whatever the function makes of it; with nothing if that is None."""
    context = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.LINGER, 0)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    stop = threading.Event()

    def run() -> None:
        with socket:
            while not stop.is_set():
                if socket.poll(_POLL_MS):
                    client, empty, message = socket.recv_multipart()
                    answer = reply(message)
                    if answer is not None:
                        socket.send_multipart([client, empty, answer])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join(_START_S)
        context.term()


def raw_exchange(address: str, message: bytes, timeout_ms: int = 5000) -> bytes:
    """Send bytes as any program could, and return the reply."""
    context = zmq.Context()
    socket = context.socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    try:
        socket.connect(address)
        socket.send(message)
        assert socket.poll(timeout_ms), "no reply"
        return socket.recv()
    finally:
        socket.close()
        context.term()
