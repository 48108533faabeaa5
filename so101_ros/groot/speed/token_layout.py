"""Where the images are among the tokens of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from so101_ros.errors import GrootError


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """What a captured graph fixes of a prompt; its words may change, these numbers may not.

    Attributes:
        length: Number of tokens.
        image_runs: First and one past the last token of every stretch that images fill, in order.
    """

    length: int
    image_runs: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, tokens: Sequence[int], image_token: int) -> "TokenLayout":
        """Find the images.

        Args:
            tokens: Token of every position.
            image_token: The token that stands for a piece of an image.

        Raises:
            GrootError: If there is none.
        """
        runs = []
        for is_image, group in groupby(enumerate(tokens), lambda pair: pair[1] == image_token):
            positions = [position for position, _ in group]
            if is_image:
                runs.append((positions[0], positions[-1] + 1))
        if not runs:
            raise GrootError(f"no token {image_token} of an image in a prompt of {len(tokens)}")
        return cls(len(tokens), tuple(runs))

    @property
    def image_positions(self) -> list[int]:
        """Every token that an image fills."""
        return [position for start, stop in self.image_runs for position in range(start, stop)]
