"""What a server replies, message by message; no network here."""

import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from so101_ros.errors import GrootError, So101Error
from so101_ros.groot.contract_json import contract_to_json
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.wire.dialect import UNSAFE_PICKLE, Dialect
from so101_ros.groot.wire.endpoints import Endpoint
from so101_ros.groot.wire.modality import Modality, modalities_of
from so101_ros.groot.wire.replies import UNAUTHORIZED
from so101_ros.groot.wire.request_check import check_request
from so101_ros.groot.wire.shapes import describe

_log = logging.getLogger(__name__)

_ENVELOPE_VERSION = 2  # phosphobot's clients of this version want replies in an envelope


class NoReply(Exception):
    """Raised by a provider that wants its client to wait in vain; for tests of clients."""


@dataclass(frozen=True, slots=True)
class Served:
    """One message that was dealt with.

    Attributes:
        endpoint: What was asked; empty if that could not be read.
        seconds: How long it took.
        error: What the client was told is wrong; empty if nothing.
    """

    endpoint: str
    seconds: float
    error: str


class Service:
    """Answer messages in one dialect for one provider.

    Attributes:
        killed: Whether a client ended the server.
    """

    def __init__(
        self,
        provider: GrootProvider,
        contract: ModelContract,
        dialect: Dialect,
        *,
        token: str = "",
        allow_kill: bool = False,
        tells_keys: bool = True,
    ) -> None:
        """Prepare.

        Args:
            provider: Who answers.
            contract: What its model insists on.
            dialect: The dialect.
            token: What every message must carry; empty for nothing.
            allow_kill: Whether a client may end the server.
            tells_keys: Whether ``get_modality_config`` and ``get_contract`` say anything.
        """
        self._provider = provider
        self._contract = contract
        self._dialect = dialect
        self._token = token
        self._allow_kill = allow_kill
        self._tells_keys = tells_keys
        self.killed = False
        nested = not dialect.layout.prefixed
        self._handlers: dict[str, Callable[[Any], Any]] = {
            Endpoint.PING.value: self._ping,
            Endpoint.GET_ACTION.value: self._get_action,
            Endpoint.GET_MODALITY_CONFIG.value: self._get_modality_config,
            Endpoint.GET_CONTRACT.value: self._get_contract,
            Endpoint.KILL.value: self._kill,
            **({Endpoint.RESET.value: self._reset} if nested else {}),
        }

    def reply(self, data: bytes) -> tuple[bytes | None, Served]:
        """Answer a message, whatever it is.

        Args:
            data: The message.

        Returns:
            The reply, None for none, and what to tell about it.
        """
        began_s = time.perf_counter()
        endpoint, error = "", ""
        message: dict[Any, Any] = {}
        try:
            message = self._read(data)
            endpoint = str(message.get("endpoint", Endpoint.GET_ACTION.value))[:40]
            content = self._wrap(self._answer(message, endpoint), message)
            reply = self._dialect.codec.pack(content)
        except NoReply:
            reply, error = None, "left without a reply"
        except Exception as err:  # the edge: no client may end the server
            error = _tell(err)
            reply = self._dialect.codec.pack(self._wrap_error(error, message))
        return reply, Served(endpoint, time.perf_counter() - began_s, error)

    def _read(self, data: bytes) -> dict[Any, Any]:
        message = self._dialect.codec.unpack(data)
        if not isinstance(message, dict):
            raise GrootError(f"a message must be a map with an endpoint, got {describe(message)}")
        return message

    def _answer(self, message: dict[Any, Any], endpoint: str) -> Any:
        if self._token and not _same(message.get("api_token"), self._token):
            raise GrootError(UNAUTHORIZED)
        if endpoint not in self._handlers:
            raise GrootError(f"Unknown endpoint: {endpoint}; known: {', '.join(self._handlers)}")
        return self._handlers[endpoint](message.get("data"))

    def _ping(self, _: Any) -> Any:
        return {
            "status": "ok",
            "message": "Server is running",
            "endpoints": list(self._handlers) if self._tells_keys else [],
        }

    def _get_action(self, data: Any) -> Any:
        observation = self._dialect.layout.read_observation(data)
        check_request(observation.request, self._contract)
        answer = self._provider.infer(observation.request)
        return self._dialect.layout.write_answer(answer, batch=observation.batched)

    def _get_modality_config(self, _: Any) -> dict[str, Modality]:
        if not self._tells_keys:
            return {}
        return modalities_of(self._contract, prefixed=self._dialect.layout.prefixed)

    def _get_contract(self, _: Any) -> Any:
        if not self._tells_keys:
            raise GrootError("this server does not tell its contract")
        return contract_to_json(self._contract)

    def _reset(self, _: Any) -> Any:
        return {}  # no provider remembers anything between requests

    def _kill(self, _: Any) -> None:
        if not self._allow_kill:
            raise GrootError("kill is not allowed here: end the server where it runs")
        self.killed = True

    def _wrap(self, content: Any, message: dict[Any, Any]) -> Any:
        if self._wants_envelope(message):
            return {"status": "ok", "result": content}
        return content

    def _wrap_error(self, error: str, message: dict[Any, Any]) -> Any:
        if self._wants_envelope(message):
            return {"status": "error", "error_type": "GrootError", "message": error}
        return {"error": error}

    def _wants_envelope(self, message: dict[Any, Any]) -> bool:
        version = message.get("version")
        return (
            self._dialect is UNSAFE_PICKLE
            and type(version) is int
            and (version >= _ENVELOPE_VERSION)
        )


def _same(given: Any, token: str) -> bool:
    """Compare in a time that does not tell how much of it was right."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())


def _tell(err: Exception) -> str:
    if isinstance(err, So101Error):
        text = str(err)
    else:
        _log.exception("a request failed")
        text = f"{type(err).__name__}: {err}"
    return text.encode(errors="replace").decode()  # half a character cannot be sent
