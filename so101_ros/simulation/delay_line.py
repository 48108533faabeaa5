"""Something that arrives later than it was sent."""

from collections import deque
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class DelayLine(Generic[_Item]):
    """Keep items until they are due; none overtakes another."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._items: deque[tuple[int, _Item]] = deque()

    def send(self, item: _Item, due_ns: int) -> None:
        """Put something on its way.

        Args:
            item: What is sent.
            due_ns: When it arrives, in [ns]; it also waits for those that were sent before it.
        """
        self._items.append((due_ns, item))

    def arrivals(self, now_ns: int) -> list[_Item]:
        """Take out what has arrived, in the order in which it was sent.

        Args:
            now_ns: Time in [ns].
        """
        arrived = []
        while self._items and self._items[0][0] <= now_ns:
            arrived.append(self._items.popleft()[1])
        return arrived

    def clear(self) -> None:
        """Lose everything that is under way."""
        self._items.clear()
