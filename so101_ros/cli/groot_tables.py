"""Tables of the GR00T commands."""

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile

_STYLES = {Verdict.OK: "green", Verdict.MISMATCH: "bold red", Verdict.UNKNOWN: "yellow"}


def finding_table(findings: Sequence[Finding]) -> Table:
    """List what a check found, in its order.

    Args:
        findings: What it found.
    """
    table = Table(box=SIMPLE_HEAD)
    for column in ("what", "given", "expected", "verdict", "what to do"):
        table.add_column(column, overflow="fold", no_wrap=column in ("what", "verdict"))
    for each in findings:
        table.add_row(
            Text(each.subject),
            Text(each.given),
            Text(each.expected),
            Text(each.verdict.value, style=_STYLES[each.verdict]),
            Text(each.fix),
        )
    return table


def profile_table(profile: EmbodimentProfile) -> Table:
    """List what a profile says.

    Args:
        profile: The profile.
    """
    table = Table(box=SIMPLE_HEAD)
    table.add_column(f"profile {profile.name}")
    table.add_column("value")
    generation = f"{profile.generation.value}, robot {profile.embodiment_tag}"
    table.add_row("generation", Text(generation))
    table.add_row("prompt", Text(f"{profile.prompt!r} as {profile.language_key}"))
    table.add_row(
        "answers",
        f"{profile.horizon} rows at {profile.rate_hz:g} Hz, {profile.execution_steps} used",
    )
    for key, each in profile.video.items():
        shape = f"{each.size[0]}x{each.size[1]} px, {each.fit.value}, {each.colour.value}"
        table.add_row(Text(f"video.{key}"), f"camera {each.camera}: {shape}")
    for part, keys in (("state", profile.state), ("action", profile.action)):
        for key, names in keys.items():
            units = (f"{name} [{profile.joints[name].unit.value}]" for name in names)
            table.add_row(Text(f"{part}.{key}"), Text(", ".join(units)))
    return table


def summarise(
    profile: EmbodimentProfile, contract: ModelContract | None, findings: Sequence[Finding]
) -> Text:
    """Say in one line whether everything fits.

    Args:
        profile: What was checked.
        contract: What the model says; None if none was asked.
        findings: What was found.
    """
    count = Counter(each.verdict for each in findings)
    told = f"{count[Verdict.OK]} ok, {count[Verdict.UNKNOWN]} cannot be told"
    wrong = count[Verdict.MISMATCH]
    if wrong:
        against = contract.source if contract else "what was given"
        verb = "does" if wrong == 1 else "do"
        text = f"{wrong} of {len(findings)} {verb} not fit {against}; {told}"
        return Text(f"profile {profile.name}: {text}", style="bold red")
    if contract is None:
        hint = "give --checkpoint or --server to compare it with a model"
        return Text(f"profile {profile.name} was read{f', {told}' if findings else ''}; {hint}")
    return Text(f"profile {profile.name} fits {contract.source}: {told}")
