# The compiled part of MuJoCo comes without types; every name in it would be an error.
from typing import Any

def __getattr__(name: str) -> Any: ...
