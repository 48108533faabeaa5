"""Put a provider behind a socket, in the dialect of any release."""

from collections.abc import Callable
from dataclasses import dataclass

import zmq

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.wire.client import check_address
from so101_ros.groot.wire.codec import MAX_MESSAGE_BYTES
from so101_ros.groot.wire.dialect import dialect_of
from so101_ros.groot.wire.service import Served, Service

_POLL_MS = 50  # how soon a wish to stop is noticed


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a server behaves.

    Attributes:
        address: Where to listen: on this machine alone unless told. Port 0 takes a free one.
        generation: The release whose dialect it speaks; None for the provider's own.
        token: What every message must carry; empty for nothing. It is not encrypted.
        allow_kill: Whether a client may end the server.
        unsafe_pickle: Whether to speak phospho's dialect of N1.5, which can run code here.
        tells_keys: Whether it says which keys its model has; off for tests of clients.
    """

    address: str = "tcp://127.0.0.1:5555"
    generation: Generation | None = None
    token: str = ""
    allow_kill: bool = False
    unsafe_pickle: bool = False
    tells_keys: bool = True


def serve(
    provider: GrootProvider,
    options: ServerOptions,
    *,
    stop: Callable[[], bool],
    on_ready: Callable[[str], object],
    on_request: Callable[[Served], None] = lambda _: None,
) -> None:
    """Answer clients until told to stop; one request at a time.

    No request ends this, whatever is in it: its client gets a reply that says what is wrong. The
    provider is not closed.

    Args:
        provider: Who answers.
        options: How.
        stop: Asked about twenty times a second, between requests.
        on_ready: Called with the address when clients can connect.
        on_request: Called after each message.

    Raises:
        GrootError: If the address is not allowed or taken, or the provider cannot describe itself.
    """
    check_address(options.address)
    contract = provider.describe()
    service = Service(
        provider,
        contract,
        dialect_of(options.generation or contract.generation, unsafe_pickle=options.unsafe_pickle),
        token=options.token,
        allow_kill=options.allow_kill,
        tells_keys=options.tells_keys,
    )
    context = zmq.Context()
    try:
        socket = context.socket(zmq.ROUTER)
        on_ready(_bind(socket, options.address))
        while not (stop() or service.killed):
            if socket.poll(_POLL_MS):
                _serve_one(socket, service, on_request)
    finally:
        context.destroy(linger=200)


def _bind(socket: "zmq.Socket[bytes]", address: str) -> str:
    socket.setsockopt(zmq.IPV6, 1 if "[" in address else 0)
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    try:
        socket.bind(address)
    except zmq.ZMQError as err:
        raise GrootError(
            f"no server can listen at {address}: {err.strerror}. Take another port, or 0 for any "
            "that is free"
        ) from err
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)


def _serve_one(
    socket: "zmq.Socket[bytes]", service: Service, on_request: Callable[[Served], None]
) -> None:
    """Take one message and answer it.

    A socket that must answer before it hears again (REP) could not leave a client without a reply.
    """
    client, *envelope = socket.recv_multipart()
    if len(envelope) != 2 or envelope[0]:
        return  # not from a REQ socket: nobody waits in the way that we know
    reply, served = service.reply(envelope[1])
    on_request(served)
    if reply is not None:
        socket.send_multipart([client, b"", reply])
