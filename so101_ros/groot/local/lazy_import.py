"""GR00T's own package, which is imported only where a model is to run in this process."""

import importlib
from types import ModuleType

from so101_ros.errors import GrootError

_INSTALL = (
    "Install so101_ros[groot], GR00T at its tag n1.5-release and flash-attn into one environment "
    "(docs/groot_speed.md says how), or let another machine run the model: so101 groot serve"
)


def import_groot(name: str) -> ModuleType:
    """Import a module of GR00T N1.5.

    Args:
        name: The module, such as ``gr00t.model.policy``.

    Raises:
        GrootError: If it, or something that it needs, is not installed or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except (ImportError, OSError, RuntimeError) as err:
        reason = " ".join(str(err).split())
        raise GrootError(
            f"a local model needs GR00T N1.5, and {name} cannot be imported ({reason}). {_INSTALL}"
        ) from err
