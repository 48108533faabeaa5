"""Whoever is slower than the camera looks at its newest image, and knows what was passed over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from harness import Probe
from sensor_msgs.msg import Image

from so101_ros.nodes import convert, convert_images, qos
from so101_ros.nodes.newest_image import NewestImage

PICTURE = np.full((4, 6, 3), 7, np.uint8)
BURST = 4  # fewer than the queue holds


def test_a_burst_leaves_only_its_newest_image(
    probe: Probe, make_probe: Callable[[str], Probe]
) -> None:
    """Images are handed over in order, the last of a burst for certain; the rest are counted."""
    reader = make_probe("reader")
    handed: list[int] = []
    inbox = NewestImage(
        reader.node,
        "camera/top/image_raw",
        lambda msg: handed.append(convert.stamp_to_ns(msg.header.stamp)),
    )
    camera = probe.publisher(Image, inbox.topic, qos.SENSOR_IMAGE)
    sent = 0

    def send(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            sent += 1
            camera.publish(convert_images.image_to_ros(PICTURE, sent, "top_optical_frame"))

    def first_came() -> bool:
        send(1)
        return bool(handed)

    def burst_was_overtaken() -> bool:
        if handed[-1] == sent:
            send(BURST)
        return inbox.dropped > 0

    reader.spin_until(first_came)  # what is published before the two have met is nobody's
    reader.spin_until(lambda: handed[-1] == sent)
    met, inbox.dropped = sent, 0
    reader.spin_until(burst_was_overtaken)
    reader.spin_until(lambda: handed[-1] == sent)
    assert handed == sorted(set(handed))
    assert len([stamp for stamp in handed if stamp > met]) + inbox.dropped == sent - met
