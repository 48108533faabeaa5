"""Our server, as clients of every kind meet it."""

import logging
import random
import socket as sockets
import threading
from dataclasses import replace

import numpy as np
import pytest
import zmq
from groot_servers import ANY_PORT, hold_server, make_request, our_server, profile_of, raw_exchange

from so101_ros.errors import GrootError
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire.codec import MAX_MESSAGE_BYTES
from so101_ros.groot.wire.dialect import N15, N16, N17, UNSAFE_PICKLE, Dialect
from so101_ros.groot.wire.server import ServerOptions
from so101_ros.groot.wire.server_provider import ServerProvider

_WAIT_S = 10.0
_Q = np.array([0.1, -0.2, 0.3, -0.4, 0.5, 0.6])
_DIALECTS = [(N15, Generation.N15), (N16, Generation.N16), (N17, Generation.N17)]


def _say(address: str, dialect: Dialect, message: object) -> object:
    return dialect.codec.unpack(raw_exchange(address, dialect.codec.pack(message)))


def _observation(dialect: Dialect, generation: Generation) -> dict:
    request = make_request(profile_of(generation), _Q)
    return dialect.layout.write_observation(request, ("annotation.human.task_description",))


@pytest.mark.parametrize(("dialect", "generation"), _DIALECTS)
def test_upstreams_requests_are_answered(dialect: Dialect, generation: Generation) -> None:
    """As their servers answer them."""
    with hold_server(generation) as server:
        pong = _say(server.address, dialect, {"endpoint": "ping"})
        assert isinstance(pong, dict)
        assert (pong["status"], pong["message"]) == ("ok", "Server is running")
        told = _say(server.address, dialect, {"endpoint": "get_modality_config"})
        assert isinstance(told, dict)
        assert list(told) == ["video", "state", "action", "language"]
        assert told["action"].steps == 16
        prefix = "action." if dialect is N15 else ""
        assert told["action"].keys == (f"{prefix}arm_0",)
        message = {"endpoint": "get_action", "data": _observation(dialect, generation)}
        answer = dialect.layout.read_answer(_say(server.address, dialect, message))
        np.testing.assert_allclose(answer["arm_0"], np.tile(_Q, (16, 1)), atol=1e-6)
    assert not any(each.error for each in server.served)


def test_a_message_without_an_endpoint_asks_for_an_action() -> None:
    """As in upstream's server."""
    with hold_server() as server:
        reply = _say(server.address, N15, {"data": _observation(N15, Generation.N15)})
        assert isinstance(reply, dict)
        assert reply["action.arm_0"].shape == (1, 16, 6)


def test_only_releases_with_memory_can_be_reset() -> None:
    """N1.5 has no such endpoint."""
    message = {"endpoint": "reset", "data": {"options": None}}
    with hold_server(Generation.N17) as server:
        assert _say(server.address, N17, message) == {}
    with hold_server(Generation.N15) as server:
        reply = _say(server.address, N15, message)
        assert isinstance(reply, dict)
        assert reply["error"].startswith("Unknown endpoint: reset; known: ping, get_action")


def test_a_client_ends_the_server_only_where_that_is_allowed() -> None:
    """Anybody on the network could otherwise."""
    with hold_server() as server:
        reply = _say(server.address, N15, {"endpoint": "kill"})
        assert reply == {"error": "kill is not allowed here: end the server where it runs"}
        assert _say(server.address, N15, {"endpoint": "ping"})
    with hold_server(allow_kill=True) as server:
        assert _say(server.address, N15, {"endpoint": "kill"}) is None
        with pytest.raises(AssertionError, match="no reply"):
            raw_exchange(server.address, N15.codec.pack({"endpoint": "ping"}), timeout_ms=300)


@pytest.mark.parametrize("token", [None, "", "wrong", 3, ["right"], "r\u00efght"])
def test_a_wrong_token_opens_nothing(token: object) -> None:
    """In upstream's words, for every endpoint."""
    with hold_server(token="right", allow_kill=True) as server:
        for endpoint in ("ping", "get_action", "get_modality_config", "get_contract", "kill", "x"):
            message = {"endpoint": endpoint, "api_token": token}
            assert _say(server.address, N15, message) == {
                "error": "Unauthorized: Invalid API token"
            }
        good = {"endpoint": "ping", "api_token": "right"}
        assert "error" not in str(_say(server.address, N15, good))


_ERRORS = {
    "a video key": (
        lambda data: data.pop("video.image_cam_1"),
        "video.image_cam_1 is missing: the model needs image_cam_0, image_cam_1 as video, the "
        "request has image_cam_0",
    ),
    "a state key": (
        lambda data: data.update({"state.arm": data.pop("state.arm_0")}),
        "state.arm_0 is missing: the model needs arm_0 as state, the request has arm",
    ),
    "resolution": (
        lambda data: data.update({"video.image_cam_0": np.zeros((1, 1, 240, 320, 3), np.uint8)}),
        "video.image_cam_0 has invalid resolution (320, 240), expected (224, 224)",
    ),
    "dimension": (
        lambda data: data.update({"state.arm_0": np.zeros((1, 1, 5), np.float32)}),
        "state.arm_0 has 5 numbers, the model has 6",
    ),
    "not finite": (
        lambda data: data.update({"state.arm_0": np.full((1, 1, 6), np.nan, np.float32)}),
        "the request is refused: its state has values that are not finite",
    ),
}


@pytest.mark.parametrize("name", _ERRORS)
def test_what_a_model_would_refuse_is_refused(name: str) -> None:
    """The client reads why."""
    spoil, complaint = _ERRORS[name]
    data = _observation(N15, Generation.N15)
    spoil(data)
    with hold_server() as server:
        assert _say(server.address, N15, {"endpoint": "get_action", "data": data}) == {
            "error": complaint
        }
    assert server.served[0].error == complaint


@pytest.mark.parametrize(("dialect", "generation"), [*_DIALECTS, (UNSAFE_PICKLE, Generation.N15)])
def test_no_bytes_end_the_server(dialect: Dialect, generation: Generation) -> None:
    """Random ones, damaged and cut requests get a reply each; then a good one is answered."""
    pickled = dialect is UNSAFE_PICKLE
    message = {"endpoint": "get_action", "data": _observation(dialect, generation)}
    good = dialect.codec.pack(message)
    dice = random.Random(0)
    hostile = [dice.randbytes(dice.randrange(200)) for _ in range(40)]
    for _ in range(40):
        damaged = bytearray(good)
        for _ in range(dice.randrange(1, 5)):
            damaged[dice.randrange(400)] = dice.randrange(256)
        hostile.append(bytes(damaged))
    hostile += [good[: dice.randrange(len(good))] for _ in range(10)]
    hostile += [dialect.codec.pack(each) for each in (None, [], 3, "x", {"endpoint": ["kill"]})]
    hostile += [dialect.codec.pack({"endpoint": "get_action", "data": d}) for d in (None, [], 3)]
    with hold_server(generation, unsafe_pickle=pickled) as server:
        for data in hostile:
            dialect.codec.unpack(raw_exchange(server.address, data))
        reply = dialect.codec.unpack(raw_exchange(server.address, good))
        np.testing.assert_allclose(
            dialect.layout.read_answer(reply)["arm_0"], np.tile(_Q, (16, 1)), atol=1e-6
        )
    assert len(server.served) == len(hostile) + 1


def test_frames_and_connections_of_other_programs_are_left_alone() -> None:
    """Several frames, no empty frame, plain TCP, and clients that do not wait."""
    ping = N15.codec.pack({"endpoint": "ping"})
    with hold_server() as server:
        host, port = server.address.removeprefix("tcp://").split(":")
        with sockets.create_connection((host, int(port))) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.LINGER, 1000)
        dealer.connect(server.address)
        for frames in ([ping], [b"", ping, ping], [b"x", ping], [b""], [b"", ping]):
            dealer.send_multipart(frames)
        assert dealer.poll(1000 * int(_WAIT_S))
        assert b"Server is running" in dealer.recv_multipart()[1]
        assert not dealer.poll(100)
        dealer.close()
        context.term()
        assert _say(server.address, N15, {"endpoint": "ping"})


def test_a_request_beyond_all_measure_is_not_received() -> None:
    """Its connection is closed; others go on."""
    with hold_server() as server:
        with pytest.raises(AssertionError, match="no reply"):
            raw_exchange(server.address, bytes(MAX_MESSAGE_BYTES + 1), timeout_ms=500)
        assert _say(server.address, N15, {"endpoint": "ping"})
    assert [each.endpoint for each in server.served] == ["ping"]


class _Broken(HoldProvider):
    """Fails in a way that nobody foresaw."""

    def infer(self, request: GrootRequest) -> GrootAnswer:
        raise ZeroDivisionError("half a character \ud800")


def test_a_failing_provider_is_an_error_and_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """With its traceback in the server's log, not at the client."""
    profile = profile_of(Generation.N15)
    with our_server(_Broken(profile), ServerOptions(ANY_PORT)) as server:
        with caplog.at_level(logging.ERROR):
            provider = ServerProvider(server.address, timeout_s=_WAIT_S)
            for _ in range(2):
                with pytest.raises(GrootError, match="'ZeroDivisionError: half a character"):
                    provider.infer(make_request(profile, _Q))
            provider.close()
    assert "Traceback" in caplog.text


class _Objects(HoldProvider):
    """Answers what has no place in a message."""

    def infer(self, request: GrootRequest) -> GrootAnswer:
        return {"arm_0": np.array([[{}]], dtype=object)}


def test_an_answer_that_cannot_be_sent_is_an_error() -> None:
    """And no silence."""
    profile = profile_of(Generation.N17)
    with our_server(_Objects(profile), ServerOptions(ANY_PORT)) as server:
        provider = ServerProvider(server.address, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match="arrays of type object are neither sent nor read"):
            provider.infer(make_request(profile, _Q))
        provider.close()


def test_a_port_that_is_taken_is_named() -> None:
    """With what to do."""
    with hold_server() as server:
        with pytest.raises(GrootError, match=rf"can listen at {server.address}: Address already"):
            with hold_server(address=server.address):
                pass


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:70000", "tcp://no.such.host:0"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """Before anybody waits for the server."""
    with pytest.raises(GrootError, match=r"no address of a GR00T server|no server can listen at"):
        with hold_server(address=address):
            pass


class _Undescribed(HoldProvider):
    def describe(self) -> ModelContract:
        raise GrootError("nobody knows")


def test_a_provider_that_cannot_describe_itself_is_not_served() -> None:
    """Clients could not check it."""
    with pytest.raises(GrootError, match="nobody knows"):
        with our_server(_Undescribed(profile_of(Generation.N15)), ServerOptions(ANY_PORT)):
            pass


def test_any_provider_is_served_in_any_dialect() -> None:
    """Also through another server: a chain of two, each in its own release's dialect."""
    with hold_server(Generation.N15) as first:
        inner = ServerProvider(first.address, timeout_s=_WAIT_S)
        options = ServerOptions(ANY_PORT, Generation.N17)
        # The socket of the inner client belongs to the thread that serves.
        with our_server(inner, options) as second:
            outer = ServerProvider(second.address, timeout_s=_WAIT_S)
            contract = outer.describe()
            assert contract.generation is Generation.N15
            profile = profile_of(Generation.N15)
            found = profile.targets(outer.infer(make_request(profile, _Q)), _Q)
            np.testing.assert_allclose(found, np.tile(_Q, (16, 1)), atol=1e-6)
            outer.close()
        inner.close()


def test_two_clients_take_turns() -> None:
    """Each gets its own answers."""
    profile = profile_of(Generation.N16)
    wrong: list[np.ndarray] = []

    def ask(address: str, sign: float) -> None:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        for step in range(10):
            q = sign * _Q * step / 10
            found = profile.targets(provider.infer(make_request(profile, q)), q)
            if not np.allclose(found, q, atol=1e-6):
                wrong.append(found)
        provider.close()

    with hold_server(Generation.N16) as server:
        threads = [threading.Thread(target=ask, args=(server.address, sign)) for sign in (1, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
    assert sum(each.endpoint == "get_action" for each in server.served) == 20


def test_later_releases_take_images_of_any_size() -> None:
    """They resize by themselves; N1.5 does not."""
    contract = replace(profile_of(Generation.N16).contract("test"), generation=Generation.N16)

    class Anything(HoldProvider):
        def describe(self) -> ModelContract:
            return contract

        def infer(self, request: GrootRequest) -> GrootAnswer:
            return {"arm_0": np.zeros((16, 6), np.float32)}

    data = _observation(N16, Generation.N16)
    data["observation"]["video"]["image_cam_0"] = np.zeros((1, 1, 12, 16, 3), np.uint8)
    with our_server(Anything(profile_of(Generation.N16)), ServerOptions(ANY_PORT)) as server:
        reply = _say(server.address, N16, {"endpoint": "get_action", "data": data})
        assert isinstance(reply, list)
