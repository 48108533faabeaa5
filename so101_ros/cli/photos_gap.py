"""``so101 photos gap``: measure how far simulated images are from photos."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from so101_ros.cli.console import make_console
from so101_ros.cli.photos_options import (
    add_filter_option,
    add_size_option,
    read_size,
    say,
    show_progress,
)
from so101_ros.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from so101_ros.adaptation.gap import FeatureSets

    Describe = Callable[[np.ndarray], np.ndarray]

_MOST_RESAMPLES = 100_000

_FEW = (
    "no more images than features ({}): all figures are too large. Compare them only with figures "
    "of as many images"
)

_DESCRIPTION = """\
Measure the squared Frechet distance between simulated images and photos in a space of hand-made
features (colour, edges, texture), or in that of an embedding network, with 95 % intervals. It is
not FID, and its figures compare with those of no other tool.
"""

_EPILOG = """\
examples:
  so101 photos gap simulated photos
  so101 photos gap simulated photos --filter colour:style.npz
  so101 photos gap simulated photos --filter colour:style.npz --embedding resnet18.onnx
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "gap",
        help="measure how far simulated images are from photos",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("simulated", type=Path, metavar="SIM_FOLDER", help="with simulated images")
    add("photos", type=Path, metavar="PHOTO_FOLDER", help="with photos")
    add_filter_option(parser, required=False)
    add("--embedding", type=Path, metavar="FILE", help="ONNX network that describes images")
    add_size_option(parser)
    add(
        "--resamples",
        type=int,
        default=300,
        metavar="N",
        help="bootstrap samples for the intervals (default: 300)",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure the gap.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If an input is refused.
    """
    size = read_size(args)
    if not 2 <= args.resamples <= _MOST_RESAMPLES:
        raise ConfigError(f"--resamples must be 2 to {_MOST_RESAMPLES}, got {args.resamples}")
    from so101_ros.adaptation.gap import measure_gap
    from so101_ros.cli.photos_tables import gap_table

    console = make_console()
    describe, groups = _choose_features(args.embedding)
    sets = _describe_folders(args, size, describe, console)
    steps = show_progress(groups.items(), len(groups), "groups of features", console)
    gaps = {name: measure_gap(sets.columns(which), args.resamples) for name, which in steps}
    count, photos = len(sets.simulated), len(sets.photos)
    say(console, f"{count} simulated images, {photos} photos, {size[0]}x{size[1]} px")
    console.print(gap_table(gaps))
    if min(count, photos) <= (features := sets.photos.shape[1]):
        say(console, f"note: {_FEW.format(features)}")
    return 0


def _choose_features(embedding: Path | None) -> "tuple[Describe, dict[str, slice]]":
    if embedding is not None:
        from so101_ros.adaptation.embedding import Embedding
        from so101_ros.adaptation.network import Network

        return Embedding(Network(embedding)), {"embedding": slice(None)}
    from so101_ros.adaptation.image_features import GROUPS, describe_image

    return describe_image, GROUPS


def _describe_folders(
    args: argparse.Namespace, size: tuple[int, int], describe: "Describe", console: "Console"
) -> "FeatureSets":
    from so101_ros.adaptation.gap import FeatureSets
    from so101_ros.adaptation.make_filter import make_filter
    from so101_ros.adaptation.photo_folder import PhotoFolder

    image_filter = None if args.filter is None else make_filter(args.filter)
    folders = PhotoFolder.open(args.simulated), PhotoFolder.open(args.photos)

    def images(folder: PhotoFolder, what: str) -> "Iterator[np.ndarray]":
        return show_progress(folder.images(size), len(folder), what, console)

    simulated, filtered = [], []
    for rgb in images(folders[0], "simulated images"):
        simulated.append(describe(rgb))
        if image_filter is not None:
            filtered.append(describe(image_filter(rgb)))
    photos = [describe(rgb) for rgb in images(folders[1], "photos")]
    return FeatureSets.of(simulated, filtered or None, photos)
