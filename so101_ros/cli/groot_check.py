"""``so101 groot check``: whether a profile fits a model, images and joint positions."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from so101_ros.arm import JOINT_NAMES, NUM_JOINTS
from so101_ros.cli.console import make_console
from so101_ros.errors import ConfigError

if TYPE_CHECKING:
    from so101_ros.groot.checks.finding import Finding
    from so101_ros.groot.model_contract import ModelContract
    from so101_ros.groot.profile import EmbodimentProfile

EXIT_OK = 0
EXIT_DOES_NOT_FIT = 1

_TIMEOUT_S = 5.0  # a server says what it is at once, or is busy with an inference

_DESCRIPTION = """\
Compare a profile with what a checkpoint or a server says of its model: keys, dimensions, image
sizes, horizon, robot, and whether the arm's home pose lies within the training data. With images
and joint positions, look at those too: the same image twice, swapped colours, degrees for radians.
Without a model, only the profile and what is given are looked at.
"""

_EPILOG = """\
examples:
  so101 groot check                                     read the profile paper_return, and show it
  so101 groot check --checkpoint ~/checkpoint
  so101 groot check --profile mine.yaml --server tcp://127.0.0.1:5555
  so101 groot check --checkpoint ~/checkpoint --image top=top.png --image wrist=wrist.png \\
      --state 0 -0.289 0.375 1.485 0 0.3                 radians, in arm order

A server's token is read from the environment variable SO101_GROOT_TOKEN.

exit codes: 0 everything that the model tells fits, 1 something does not, 2 an input was refused
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "check",
        help="find out whether a profile fits a model, before anything moves",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--profile",
        default="paper_return",
        metavar="NAME|FILE",
        help="name of a profile, or a YAML file like config/groot/paper_return.yaml "
        "(default: paper_return)",
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--checkpoint", type=Path, metavar="DIR", help="folder of a checkpoint")
    model.add_argument("--server", metavar="ADDRESS", help="of a server, such as tcp://HOST:5555")
    parser.add_argument(
        "--unsafe-pickle",
        action="store_true",
        help="speak to phospho's servers, whose replies can run code here",
    )
    parser.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="CAMERA=FILE",
        help="an image of a camera that the profile needs; once for each camera",
    )
    parser.add_argument(
        "--state",
        nargs="+",
        metavar="X",
        help=f"six joint positions [rad] ({', '.join(JOINT_NAMES)}), or a file with them",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Check a profile.

    Args:
        args: The parsed command line.

    Returns:
        0 if nothing contradicts it, 1 if something does.

    Raises:
        So101Error: If an input is refused.
    """
    from so101_ros.cli.groot_tables import finding_table, profile_table, summarise
    from so101_ros.groot.checks.contract_check import check_contract
    from so101_ros.groot.checks.finding import Verdict
    from so101_ros.groot.profile_file import load_profile

    profile = load_profile(args.profile)
    contract = _read_contract(args, profile)
    findings = () if contract is None else check_contract(profile, contract)
    findings += _look(args, profile, contract)
    console = make_console()
    if contract is None:
        console.print(profile_table(profile))
    if findings:
        console.print(finding_table(findings))
    console.print(summarise(profile, contract, findings), highlight=False, soft_wrap=True)
    wrong = any(each.verdict is Verdict.MISMATCH for each in findings)
    return EXIT_DOES_NOT_FIT if wrong else EXIT_OK


def _read_contract(
    args: argparse.Namespace, profile: "EmbodimentProfile"
) -> "ModelContract | None":
    if args.checkpoint is not None:
        from so101_ros.groot.checks.checkpoint_metadata import read_checkpoint

        return read_checkpoint(args.checkpoint.expanduser(), profile.embodiment_tag)
    if args.server is None:
        return None
    from so101_ros.groot.settings import TOKEN_VARIABLE
    from so101_ros.groot.wire.server_provider import ServerProvider

    token = os.environ.get(TOKEN_VARIABLE, "")
    provider = ServerProvider(
        args.server,
        token=token,
        timeout_s=_TIMEOUT_S,
        unsafe_pickle=args.unsafe_pickle,
    )
    try:
        return provider.describe()
    finally:
        provider.close()


def _look(
    args: argparse.Namespace, profile: "EmbodimentProfile", contract: "ModelContract | None"
) -> "tuple[Finding, ...]":
    from so101_ros.groot.checks.live_check import LiveCheck

    check = LiveCheck(profile, contract or profile.contract("the profile"))
    findings: tuple[Finding, ...] = ()
    if args.state is not None:
        findings += check.look_at_state(profile.tell(_read_positions(args.state)))
    if args.image:
        findings += check.look_at_video(profile.show(_read_images(args.image)))
    return findings


def _read_images(entries: Sequence[str]) -> dict[str, np.ndarray]:
    """Read RGB pixels by camera."""
    images: dict[str, np.ndarray] = {}
    for entry in entries:
        camera, _, name = entry.partition("=")
        if not camera or not name:
            raise ConfigError(f"--image must be CAMERA=FILE, such as top=top.png, got {entry!r}")
        if camera in images:
            raise ConfigError(f"--image names the camera {camera!r} twice")
        images[camera] = _read_image(Path(name).expanduser())
    return images


def _read_image(path: Path) -> np.ndarray:
    import cv2

    from so101_ros.picture_files import decode_picture

    try:
        pixels = decode_picture(path.read_bytes(), cv2.IMREAD_COLOR)
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    if pixels is None:
        raise ConfigError(f"{path} is no picture, or is damaged")
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def _read_positions(words: Sequence[str]) -> np.ndarray:
    """Read six numbers from the command line, or from a file that it names."""
    if len(words) == 1 and Path(words[0]).expanduser().is_file():
        path = Path(words[0]).expanduser()
        try:
            words = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as err:
            raise ConfigError(f"{path} cannot be read: {err}") from err
    numbers = [part for word in words for part in word.replace(",", " ").split()]
    try:
        q = np.array([float(number) for number in numbers])
    except ValueError as err:
        raise ConfigError(f"--state must be numbers or a file with them: {err}") from err
    if q.shape != (NUM_JOINTS,) or not np.isfinite(q).all():
        raise ConfigError(
            f"--state must be {NUM_JOINTS} finite numbers in rad ({', '.join(JOINT_NAMES)}), got "
            f"{' '.join(numbers)}"
        )
    return q
