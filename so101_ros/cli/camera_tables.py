"""Tables of the camera commands."""

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from so101_ros.cameras.fit import CameraFit


def error_table(errors: Mapping[str, float], dropped: Mapping[str, float]) -> Table:
    """List the error of every view, the worst first.

    Args:
        errors: Errors in [px] of the views that count, by picture.
        dropped: Errors in [px] of those that were dropped.
    """
    table = Table(box=SIMPLE_HEAD)
    table.add_column("view")
    table.add_column(Text("error [px]"), justify="right")
    table.add_column("note")
    for notes, views in (("dropped: disagrees with the others", dropped), ("", errors)):
        for name in sorted(views, key=lambda name: -views[name]):
            table.add_row(Text(name), f"{views[name]:.2f}", notes)
    return table


def lens_table(fit: CameraFit) -> Table:
    """List what was found out about the lens."""
    lens = fit.calibration.intrinsics
    table = Table(box=SIMPLE_HEAD)
    table.add_column("lens")
    table.add_column("value")
    table.add_row("image", f"{lens.width} x {lens.height} px")
    table.add_row("focal length x", f"{lens.fx:.2f} +- {fit.focal_spread[0]:.2f} px")
    table.add_row("focal length y", f"{lens.fy:.2f} +- {fit.focal_spread[1]:.2f} px")
    table.add_row("centre", f"{lens.cx:.2f}, {lens.cy:.2f} px")
    coefficients = ", ".join(f"{value:.4f}" for value in fit.calibration.distortion)
    table.add_row("distortion k1 k2 p1 p2 k3", coefficients)
    return table
