"""GR00T N1.5 at full size on this GPU: the stock network, one graph of it, and compiled code."""

import gc
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.groot_server import time_server
from so101_ros.benchmark.groot_timing import CALLS, Variant, time_requests
from so101_ros.benchmark.random_groot import write_random_checkpoint
from so101_ros.errors import GrootError
from so101_ros.groot.local.lazy_import import import_groot
from so101_ros.groot.local.provider import LocalOptions, LocalProvider
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.speed.optimize import Optimize

Report = Callable[[str], None]


def measure_groot(report: Report) -> list[Figure]:
    """Measure whatever can be measured here.

    Args:
        report: Gets a line on progress, and on what is left out and why.

    Returns:
        Times, errors and memory; nothing without a GPU or GR00T.
    """
    try:
        torch = import_groot("torch")
        import_groot("gr00t.model.policy")
    except GrootError as err:
        report(f"left out: {err}")
        return []
    if not torch.cuda.is_available():
        report(f"left out: PyTorch {torch.__version__} sees no NVIDIA GPU")
        return []
    report(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    figures: list[Figure] = []
    try:
        for part in _measure(load_profile("paper_return"), report):
            figures += part
    except GrootError as err:
        report(f"left out: {err}")
    return figures


def _measure(profile: EmbodimentProfile, report: Report) -> Iterator[list[Figure]]:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "checkpoint")
        report("writing a random checkpoint of 5 GB")
        write_random_checkpoint(profile, checkpoint)
        _free()
        yield _measure_networks(profile, checkpoint, report)
        for optimize in Optimize:
            yield _measure_requests(profile, checkpoint, optimize, report)


def _measure_networks(profile: EmbodimentProfile, checkpoint: Path, report: Report) -> list[Figure]:
    from so101_ros.benchmark.groot_variants import GrootVariants

    provider = LocalProvider(profile, checkpoint, report=report)
    variants = GrootVariants(provider, profile, report)
    eager = variants.measure_eager()
    rows = [eager]
    for optimize in (Optimize.GRAPH, Optimize.COMPILE):
        try:
            rows.append(variants.measure(optimize))
        except GrootError as err:
            report(f"left out: {err}")
    provider.close()
    return [
        figure
        for row in rows
        for figure in _figures(row, eager, variants.float32_actions, variants.noise)
    ]


def _figures(row: Variant, eager: Variant, right: Any, noise: Any) -> list[Figure]:
    from so101_ros.groot.speed.self_check import relative_error

    name, note = f"GR00T {row.name}", f"median of {CALLS}, tensors to actions"
    errors = {"eager": eager.actions, **({} if right is None else {"float32": right})}
    return [
        Figure(f"{name}, call", row.median_ms, "ms", note),
        Figure(f"{name} / eager", row.median_ms / eager.median_ms, "", "time, same run"),
        *(
            Figure(
                f"{name}, from {other}",
                100.0 * relative_error(row.actions, actions, noise),
                "%",
                "same noise",
            )
            for other, actions in errors.items()
        ),
        Figure(f"{name}, first use", row.first_use_s, "s"),
        Figure(f"{name}, memory", row.peak_mib, "MiB", "peak"),
    ]


def _measure_requests(
    profile: EmbodimentProfile, checkpoint: Path, optimize: Optimize, report: Report
) -> list[Figure]:
    """From images of the cameras to targets, in this process and through a server."""
    name = f"GR00T {optimize.value}"
    report(f"{name} in this process")
    provider = LocalProvider(profile, checkpoint, LocalOptions(optimize=optimize), report=report)
    here_ms = time_requests(provider, profile)
    fast = provider.is_fast
    provider.close()
    _free()
    report(f"{name} behind a server")
    there_ms = time_server(
        checkpoint, optimize, lambda server: time_requests(server, profile), report
    )
    report(f"{name}: {here_ms:.2f} ms in this process, {there_ms:.2f} ms served")
    note = f"median of {CALLS}, two 320x240 images to {profile.horizon} targets"
    if optimize is not Optimize.NONE and not fast:
        note += "; fell back to the stock network"
    return [
        Figure(f"{name}, in this process", here_ms, "ms", note),
        Figure(f"{name}, served", there_ms, "ms", note),
    ]


def _free() -> None:
    gc.collect()
    import_groot("torch").cuda.empty_cache()
