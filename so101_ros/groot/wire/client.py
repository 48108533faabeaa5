"""Ask a server of GR00T's over ZeroMQ, and never wait longer than was said."""

import re
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from so101_ros.errors import GrootError
from so101_ros.groot.wire.codec import MAX_MESSAGE_BYTES

_ADDRESS = re.compile(r"tcp://(\[[0-9a-fA-F:.%\w]+\]|[^\s:/\[\]]+):(\d{1,5})|ipc://\S+")

_LOST = zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED


def check_address(address: str) -> None:
    """Refuse what is no place of a server.

    Args:
        address: For example ``tcp://127.0.0.1:5555``.

    Raises:
        GrootError: If it is not one.
    """
    found = _ADDRESS.fullmatch(address)
    if not found or (found[2] is not None and int(found[2]) > 65535):
        raise GrootError(
            f"{address!r} is no address of a GR00T server; it must look like tcp://127.0.0.1:5555"
        )


class WireClient:
    """Send a message, wait for its reply, within one time limit.

    One thread at a time: whoever asks first opens the socket, and whoever closes must be that
    thread, or come when it has ended. After a failure the socket is thrown away, so a reply that
    comes late is never taken for that of a later question, and a server that comes back is found.
    """

    def __init__(self, address: str, timeout_s: float) -> None:
        """Prepare; nothing is connected yet.

        Args:
            address: For example ``tcp://127.0.0.1:5555``.
            timeout_s: From question to reply, in [s].

        Raises:
            GrootError: If one of them is not allowed.
        """
        check_address(address)
        if not 0.0 < timeout_s < float("inf"):
            raise GrootError(f"timeout_s must be above 0 s, got {timeout_s}")
        self._address = address
        self._timeout_s = timeout_s
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._socket: zmq.Socket[bytes] | None = None
        self._monitor: zmq.Socket[bytes] | None = None
        self._has_answered = False

    def exchange(self, message: bytes, subject: str) -> bytes:
        """Send a message and wait for the reply.

        Args:
            message: For the server.
            subject: What it asks, for messages.

        Returns:
            The reply.

        Raises:
            GrootError: If nobody is there, the server goes away, or the time is over.
        """
        deadline_s = time.monotonic() + self._timeout_s
        try:
            socket = self._open()
            self._send(socket, message, deadline_s)
            reply = self._receive(socket, subject, deadline_s)
        except zmq.ZMQError as err:
            self._drop()
            raise GrootError(f"no connection to {self._address}: {err}") from err
        except BaseException:
            self._drop()
            raise
        self._has_answered = True
        return reply

    def close(self) -> None:
        """Let the network go; harmless when repeated."""
        self._drop()
        if self._context is not None:
            self._context.term()
            self._context = None

    def _open(self) -> "zmq.Socket[bytes]":
        if self._socket is None:
            self._context = self._context or zmq.Context()
            socket = self._context.socket(zmq.REQ)
            self._socket = socket
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.IPV6, 1 if "[" in self._address else 0)
            socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
            # Nothing is queued for a server that is not there: whoever waits to send knows it.
            socket.setsockopt(zmq.IMMEDIATE, 1)
            self._monitor = socket.get_monitor_socket(_LOST)
            socket.connect(self._address)
        return self._socket

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.disable_monitor()
            self._socket.close(linger=0)
        if self._monitor is not None:
            # An exception that is under way may still refer to it, and the context would wait.
            self._monitor.close(linger=0)
        self._socket = self._monitor = None
        self._has_answered = False

    def _send(self, socket: "zmq.Socket[bytes]", message: bytes, deadline_s: float) -> None:
        if not socket.poll(_left_ms(deadline_s), zmq.POLLOUT):
            raise GrootError(
                f"no GR00T server answers at {self._address}. Start one with `so101 groot serve` "
                "(a checkpoint) or `so101 groot mock` (a stand-in), or name another address"
            )
        if self._was_lost() and self._has_answered:
            raise GrootError(
                f"the GR00T server at {self._address} was restarted since the last question: "
                "whatever it holds now has to be checked"
            )
        socket.send(message, zmq.NOBLOCK)

    def _receive(self, socket: "zmq.Socket[bytes]", subject: str, deadline_s: float) -> bytes:
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        assert self._monitor is not None
        poller.register(self._monitor, zmq.POLLIN)
        ready = dict(poller.poll(_left_ms(deadline_s)))
        if socket in ready:
            frames = socket.recv_multipart(zmq.NOBLOCK)
            if len(frames) != 1:
                raise GrootError(f"{self._address} answers {subject} in {len(frames)} parts, not 1")
            return frames[0]
        if ready:
            raise GrootError(
                f"the GR00T server at {self._address} went away during {subject}. Look at its log "
                "and start it again; it is found when it is back"
            )
        raise GrootError(
            f"the GR00T server at {self._address} did not answer {subject} within "
            f"{self._timeout_s:g} s. It may still be loading, be busy with another client, or "
            "hang; a longer timeout_s helps if it is only slow"
        )

    def _was_lost(self) -> bool:
        """Whether a connection was lost before this question; forgets it."""
        assert self._monitor is not None
        lost = False
        while self._monitor.poll(0):
            recv_monitor_message(self._monitor)
            lost = True
        return lost


def _left_ms(deadline_s: float) -> int:
    return max(0, round(1000.0 * (deadline_s - time.monotonic())))
