"""A GR00T model behind a server, ours or upstream's, of any release."""

import warnings
from typing import Any

from so101_ros.errors import GrootError
from so101_ros.groot.contract_json import contract_from_json
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.provider import ContractMismatch
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire import unsafe_pickle as pickles
from so101_ros.groot.wire.client import WireClient
from so101_ros.groot.wire.dialect import (
    N17,
    UNSAFE_PICKLE,
    Dialect,
    dialect_by,
    dialect_of,
)
from so101_ros.groot.wire.endpoints import Endpoint
from so101_ros.groot.wire.layout import DEFAULT_LANGUAGE_KEY
from so101_ros.groot.wire.modality import Modality, contract_of
from so101_ros.groot.wire.replies import PickleReply, read_reply

_PHOSPHOBOT_VERSION = 2  # asks for replies that tell errors


class ServerProvider:
    """Ask a server; see :class:`so101_ros.groot.provider.GrootProvider`.

    The server's dialect is found out: how it writes its modalities gives it away. Sockets belong to
    the thread that asks; see :class:`so101_ros.groot.wire.client.WireClient`.
    """

    def __init__(
        self,
        address: str = "tcp://127.0.0.1:5555",
        generation: Generation | None = None,
        embodiment_tag: str | None = None,
        *,
        token: str = "",
        timeout_s: float = 2.0,
        unsafe_pickle: bool = False,
    ) -> None:
        """Prepare; nobody is asked yet.

        Args:
            address: Of the server.
            generation: The release that is expected; None for any.
            embodiment_tag: The robot that is expected, of servers that tell; None for any.
            token: Sent with every message; empty for none. It is not encrypted.
            timeout_s: For one reply, in [s].
            unsafe_pickle: Whether to speak to servers of phospho's, whose messages can run code
                here; warns.

        Raises:
            GrootError: If address or timeout are not allowed.
        """
        self._client = WireClient(address, timeout_s)
        self._address = address
        self._generation = generation
        self._tag = embodiment_tag
        self._token = token
        self._unsafe_pickle = unsafe_pickle
        self._dialect: Dialect | None = None
        self._language_keys: tuple[str, ...] = ()
        if unsafe_pickle:
            warnings.warn(pickles.WARNING, RuntimeWarning, stacklevel=2)

    def describe(self) -> ModelContract:
        """Ask the server for its model's keys; sizes and dimensions only ours tells.

        Raises:
            ContractMismatch: If it is another release or robot than expected.
            GrootError: If nobody is there.
        """
        modalities = self._probe()
        if modalities is None or self._dialect is None:
            raise self._says_nothing()
        contract = self._read_contract(modalities, self._dialect)
        if self._tag and contract.embodiment_tag and contract.embodiment_tag != self._tag:
            raise ContractMismatch(
                f"the GR00T server at {self._address} holds a model of "
                f"{contract.embodiment_tag!r}, the profile is for {self._tag!r}: start it with "
                "that tag, or take another profile"
            )
        return contract

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Ask for an answer; see :class:`so101_ros.groot.provider.GrootProvider`."""
        dialect = self._dialect
        if dialect is None:
            self._probe()
            dialect = self._dialect
        if dialect is None:
            raise self._says_nothing()
        data = dialect.layout.write_observation(request, self._language_keys)
        reply = self._call(Endpoint.GET_ACTION, dialect, data)
        try:
            return dialect.layout.read_answer(reply)
        except GrootError as err:
            raise GrootError(
                f"what the GR00T server at {self._address} answers is no action: {err}"
            ) from err

    def close(self) -> None:
        """Let the network go; see :class:`so101_ros.groot.wire.client.WireClient`."""
        self._client.close()

    def _probe(self) -> dict[str, Modality] | None:
        """Find out the dialect; return what the server says of its model, None if nothing."""
        self._dialect = None
        reply = self._ask_modalities()
        entries = reply.items() if isinstance(reply, dict) else ()
        found = {str(key): each for key, each in entries if isinstance(each, Modality)}
        if not found.keys() >= {"video", "action"}:
            if self._generation is not None:
                self._dialect = dialect_of(self._generation)
                self._language_keys = (DEFAULT_LANGUAGE_KEY,)
            return None
        dialect = dialect_by(found["action"])
        self._check_generation(dialect)
        self._dialect = dialect
        self._language_keys = found["language"].keys if "language" in found else ()
        return found

    def _ask_modalities(self) -> Any:
        """Ask in msgpack, which is the same in all releases as long as no array is in it."""
        try:
            return self._call(Endpoint.GET_MODALITY_CONFIG, N17)
        except PickleReply:
            if not self._unsafe_pickle:
                raise
        return self._call(Endpoint.GET_MODALITY_CONFIG, UNSAFE_PICKLE)

    def _read_contract(self, modalities: dict[str, Modality], dialect: Dialect) -> ModelContract:
        pong = self._call(Endpoint.PING, dialect)
        endpoints = pong.get("endpoints") if isinstance(pong, dict) else None
        if isinstance(endpoints, list) and Endpoint.GET_CONTRACT.value in endpoints:
            return contract_from_json(self._call(Endpoint.GET_CONTRACT, dialect), self._address)
        known = self._generation in dialect.generations
        generation = self._generation if known else None
        return contract_of(modalities, self._address, generation or dialect.generations[0])

    def _check_generation(self, dialect: Dialect) -> None:
        if self._generation is not None and self._generation not in dialect.generations:
            raise ContractMismatch(
                f"the GR00T server at {self._address} speaks {dialect.name}, the profile is for "
                f"{self._generation.value}: start a server of that release, or take a profile "
                f"whose generation is {dialect.generations[0].value}"
            )

    def _says_nothing(self) -> GrootError:
        return GrootError(
            f"the GR00T server at {self._address} does not say which keys its model has (the reply "
            "to get_modality_config names none), so nothing can be checked. Start it as upstream's "
            "scripts do, or with `so101 groot serve`"
        )

    def _call(self, endpoint: Endpoint, dialect: Dialect, data: Any = None) -> Any:
        """Ask one thing; after a failure the server counts as unknown."""
        message: dict[str, Any] = {"endpoint": endpoint.value}
        if data is not None:
            message["data"] = data
        if self._token:
            message["api_token"] = self._token
        pickled = dialect is UNSAFE_PICKLE
        if pickled:
            message["version"] = _PHOSPHOBOT_VERSION
        try:
            reply = self._client.exchange(dialect.codec.pack(message), endpoint.value)
        except GrootError:
            self._dialect = None
            raise
        return read_reply(reply, dialect.codec, self._address, endpoint.value, pickled=pickled)
