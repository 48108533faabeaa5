"""What can be chosen about light, colours, lenses and sensors; the defaults are nominal."""

import math
from dataclasses import dataclass

from so101_ros.errors import ConfigError
from so101_ros.simulation.ranges import check_between

LAMPS = 3
DISTRACTORS = 3
TEXTURES = ("none", "wood", "speckle", "weave", "checker")
SHAPES = ("box", "cylinder", "ball", "mixed")

RING = (0.58, 0.70)
"""How far from the arm's base an object may stand in [m]: beyond the arm's reach, and so beyond
sheet and frame, whatever is drawn."""

_WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class LookConfig:
    """What a scene looks like; nothing that moves depends on it.

    Colours are red, green and blue. Tuples for several lamps or objects hold those of the first,
    then those of the second, then those of the third; those that are not there do not matter.

    Attributes:
        top_view: Factor on the top camera's vertical field of view, in [0.7, 1.3].
        wrist_view: The same for the wrist camera.
        ambient: Light from everywhere, each in [0, 2].
        headlight: Light from the camera, each in [0, 2].
        lamps: How many lamps there are, from 0 to 3; 0 for the scene's own light from above.
        lamp_positions: Where they are in ``world`` in [m], each in [-3, 3], z from 0.3; they shine
            on the middle of the table. Nine.
        lamp_colours: Light of the lamps, each in [0, 2]. Nine.
        table_colour: Each in [0, 1].
        paper_colour: Each in [0, 1].
        tape_colour: Each in [0, 1].
        table_texture: ``none``, ``wood``, ``speckle``, ``weave`` or ``checker``; it darkens parts
            of the table.
        texture_size: Side of the square that a texture fills before it repeats, in [m], in
            [0.02, 2].
        distractors: How many objects stand on the table, from 0 to 3. They are only seen.
        distractor_shape: ``box``, ``cylinder``, ``ball``, or ``mixed`` for one of each.
        distractor_bearings: Direction from the arm's base to each object in ``world`` in [rad], in
            [-pi, pi]; the top camera sees about -0.4 to 1.7. Three.
        distractor_distances: Distance of each object from the arm's base in [m], in [0.58, 0.7]:
            beyond its reach. Three.
        distractor_sizes: Edge or diameter in [m], in [0.01, 0.1]. Three.
        distractor_heights: Height in [m], in [0.001, 0.15]; a ball has none. Three.
        distractor_colours: Each in [0, 1]. Nine.
        exposure: Factor on the light that reaches the sensor, in [0.1, 10].
        white_balance: Factor on each channel, in [0.2, 5].
        vignetting: Share of the light that the corners of an image miss, in [0, 0.9].
        shadow: Light that is left in a shadow with a soft edge over part of each image, in
            [0.1, 1]; 1 for no shadow. Where it lies depends on seed and camera.
        blur: Standard deviation of the lens in [px] of an image 320 wide, in [0, 5].
        noise: Standard deviation of the sensor's noise in levels of 255, in [0, 50].
        jpeg_quality: Quality of the compression, from 5 to 100; 100 for no compression.
    """

    top_view: float = 1.0
    wrist_view: float = 1.0
    ambient: tuple[float, ...] = (0.35, 0.35, 0.35)
    headlight: tuple[float, ...] = (0.35, 0.35, 0.35)
    lamps: int = 0
    lamp_positions: tuple[float, ...] = (0.9, 0.6, 1.2, -0.6, 0.6, 1.2, 0.3, -0.8, 1.5)
    lamp_colours: tuple[float, ...] = (0.3,) * (3 * LAMPS)
    table_colour: tuple[float, ...] = (0.62, 0.56, 0.48)
    paper_colour: tuple[float, ...] = (0.96, 0.96, 0.94)
    tape_colour: tuple[float, ...] = (0.80, 0.08, 0.10)
    table_texture: str = TEXTURES[0]
    texture_size: float = 0.4
    distractors: int = 0
    distractor_shape: str = "mixed"
    distractor_bearings: tuple[float, ...] = (0.2, 0.8, 1.4)
    distractor_distances: tuple[float, ...] = (0.62, 0.64, 0.62)
    distractor_sizes: tuple[float, ...] = (0.05, 0.05, 0.05)
    distractor_heights: tuple[float, ...] = (0.05, 0.08, 0.05)
    distractor_colours: tuple[float, ...] = (0.2, 0.4, 0.7, 0.2, 0.6, 0.3, 0.9, 0.7, 0.2)
    exposure: float = 1.0
    white_balance: tuple[float, ...] = _WHITE
    vignetting: float = 0.0
    shadow: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg_quality: int = 100

    def __post_init__(self) -> None:
        """Refuse what no camera could show.

        Raises:
            ConfigError: If a value is out of range.
        """
        self._check_scene()
        self._check_objects()
        check_between(self, 0.1, 10.0, "exposure")
        check_between(self, 0.2, 5.0, "white_balance")
        check_between(self, 0.0, 0.9, "vignetting")
        check_between(self, 0.1, 1.0, "shadow")
        check_between(self, 0.0, 5.0, "blur")
        check_between(self, 0.0, 50.0, "noise")
        check_between(self, 5, 100, "jpeg_quality")

    def _check_scene(self) -> None:
        """Refuse fields of view, light and colours that are none."""
        check_between(self, 0.7, 1.3, "top_view", "wrist_view")
        check_between(self, 0.0, 2.0, "ambient", "headlight", "lamp_colours")
        check_between(self, 0, LAMPS, "lamps")
        check_between(self, -3.0, 3.0, "lamp_positions")
        if min(self.lamp_positions[2::3]) < 0.3:
            raise ConfigError(
                "lamp_positions must be at least 0.3 m above the table (each third number), got "
                f"{min(self.lamp_positions[2::3])}"
            )
        check_between(self, 0.0, 1.0, "table_colour", "paper_colour", "tape_colour")
        _check_choice(self, TEXTURES, "table_texture")
        check_between(self, 0.02, 2.0, "texture_size")

    def _check_objects(self) -> None:
        """Refuse objects that could be in the way."""
        check_between(self, 0, DISTRACTORS, "distractors")
        _check_choice(self, SHAPES, "distractor_shape")
        check_between(self, -math.pi, math.pi, "distractor_bearings")
        check_between(self, *RING, "distractor_distances")
        check_between(self, 0.01, 0.1, "distractor_sizes")
        check_between(self, 0.001, 0.15, "distractor_heights")
        check_between(self, 0.0, 1.0, "distractor_colours")


def _check_choice(config: object, allowed: tuple[str, ...], name: str) -> None:
    value = getattr(config, name)
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
