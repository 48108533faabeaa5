"""``so101 eval``: try policies on the same seeds and report figures that can be trusted."""

import argparse
from typing import TYPE_CHECKING

from so101_ros.cli.console import make_console
from so101_ros.cli.eval_options import DESCRIPTION, add_eval_options, epilog, read_eval_options
from so101_ros.cli.up import require_ros

if TYPE_CHECKING:
    from so101_ros.evaluation.settings import EvaluationSettings


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "eval",
        help="try policies on the same seeds: success, interval, comparison, verdict",
        description=DESCRIPTION,
        epilog=epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_eval_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the evaluation.

    Args:
        args: The parsed command line.

    Returns:
        0 if all episodes ran, 1 if a policy or the harness failed, 130 after Ctrl-C.

    Raises:
        ConfigError: If a setting is not allowed, or something that it needs is missing.
    """
    settings = read_eval_options(args)
    if settings.through == "graph":
        require_ros()
    if args.sweep is not None:
        return _run_sweep(args, settings)
    from so101_ros.cli.eval_run import EvalRun

    return EvalRun(settings, make_console()).run(fresh=args.fresh)


def _run_sweep(args: argparse.Namespace, settings: "EvaluationSettings") -> int:
    from so101_ros.cli.eval_sweep import EvalSweep
    from so101_ros.evaluation.sweep import check_folder, plan_sweep

    check_folder(settings.out)
    evaluations = plan_sweep(args.sweep, settings)
    return EvalSweep(args.sweep, settings.out, evaluations, make_console()).run(fresh=args.fresh)
