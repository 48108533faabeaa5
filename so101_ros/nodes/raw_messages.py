"""Take serialized messages in batches, without waking the process for each."""

from collections.abc import Iterator

from rclpy.subscription import Subscription


def take_all(subscription: Subscription) -> Iterator[tuple[bytes, int]]:
    """Take what has arrived at a subscription that is not spun.

    Args:
        subscription: Any subscription of a node without executor.

    Yields:
        The message as CDR, and when the middleware received it, in [ns] since 1970.
    """
    with subscription.handle:
        while (taken := subscription.handle.take_message(bytes, True)) is not None:
            message, facts = taken
            yield message, facts["received_timestamp"]


def ignore(message: bytes) -> None:
    """Stand in for the callback of a subscription that is read by :func:`take_all`."""
    del message  # Unused.
