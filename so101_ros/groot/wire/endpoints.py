"""What a server can be asked."""

from enum import Enum


class Endpoint(str, Enum):
    """Names in messages."""

    PING = "ping"
    GET_ACTION = "get_action"
    GET_MODALITY_CONFIG = "get_modality_config"
    GET_CONTRACT = "get_contract"
    """Ours alone: sizes, dimensions and training ranges, which no release of GR00T tells."""
    RESET = "reset"
    KILL = "kill"
