"""The text that names a filter.

``none``, or one or several of these, joined by ``+`` and applied from left to right:

* ``colour:STYLE[,from=STYLE][,strength=X]``
* ``fourier:STYLE[,from=STYLE][,beta=X]``
* ``network:FILE``

So the name of a file must have no ``+`` and no ``,``.
"""

from dataclasses import dataclass, field

from so101_ros.errors import ConfigError

NONE = "none"
"""Images stay as they are."""

OPTIONS = {"colour": ("from", "strength"), "fourier": ("from", "beta"), "network": ()}
"""Options of each kind of filter."""

ALLOWED = (
    f"{NONE}, colour:STYLE[,from=STYLE][,strength=X], fourier:STYLE[,from=STYLE][,beta=X], "
    "network:FILE, or several joined by +"
)
"""What a user may write."""


@dataclass(frozen=True, slots=True)
class FilterWords:
    """One filter of a text, not yet made.

    Attributes:
        kind: A key of :data:`OPTIONS`.
        file: The style or the network.
        options: Values as they were written, by name.
    """

    kind: str
    file: str
    options: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """Read an option that is a number.

        Args:
            name: Of the option.
            default: If it was not written.

        Raises:
            ConfigError: If it is no number.
        """
        if name not in self.options:
            return default
        try:
            return float(self.options[name])
        except ValueError as err:
            raise ConfigError(f"{name} must be a number, got {self.options[name]!r}") from err


def read_filter_text(text: str) -> tuple[FilterWords, ...]:
    """Take a text apart.

    Args:
        text: What the user wrote.

    Returns:
        The filters in their order; none for ``none``.

    Raises:
        ConfigError: If it is no text of that form.
    """
    if not isinstance(text, str):
        raise ConfigError(f"an image filter is named by a text, got {text!r}. Allowed: {ALLOWED}")
    if text.strip() == NONE:
        return ()
    return tuple(_read_one(part.strip(), text) for part in text.split("+"))


def _read_one(part: str, text: str) -> FilterWords:
    head, *options = part.split(",")
    kind, _, file = head.partition(":")
    if kind not in OPTIONS or not file:
        raise ConfigError(f"image filter {text!r}: {part!r} is no filter. Allowed: {ALLOWED}")
    values: dict[str, str] = {}
    for option in options:
        name, value = _read_option(kind, option, text)
        if name in values:
            raise ConfigError(f"image filter {text!r}: {name} is given twice")
        values[name] = value
    return FilterWords(kind, file, values)


def _read_option(kind: str, option: str, text: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    if name not in OPTIONS[kind] or not value:
        raise ConfigError(
            f"image filter {text!r}: {option!r} is no option of {kind}. Allowed: {ALLOWED}"
        )
    return name, value
