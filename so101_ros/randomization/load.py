"""Find scenes by name or file, and put together what their files say."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from so101_ros.assets import find_share_file
from so101_ros.errors import ConfigError
from so101_ros.randomization.distributions import Distribution
from so101_ros.randomization.draw import Draw
from so101_ros.randomization.marked_yaml import MarkedNode, read_marked
from so101_ros.randomization.scene_file import Statement, parse_scene_file
from so101_ros.randomization.solvable import check_solvable
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.starts import PaperStarts

_FOLDER = "config/scenes"
_TRIED_SEEDS = range(20)


@dataclass(frozen=True, slots=True, eq=False)
class _Sayings:
    """What several files say together: what comes later counts."""

    statements: Mapping[str, Statement] = field(default_factory=dict)
    starts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    start_node: MarkedNode | None = None

    def __or__(self, later: "_Sayings") -> "_Sayings":
        return _Sayings(
            {**self.statements, **later.statements},
            {**self.starts, **later.starts},
            later.start_node or self.start_node,
        )


def tier_names() -> list[str]:
    """Names of the scenes that come with the package, from the plain one to the hardest.

    Raises:
        AssetError: If they are not installed.
    """
    names = {path.stem for path in find_share_file(_FOLDER).glob("*.yaml")}
    ordered = ("nominal", "visual", "physics", "calibration", "delay", "hard", "full")
    return [*(each for each in ordered if each in names), *sorted(names.difference(ordered))]


def load_tier(text: str) -> SceneTier:
    """Find a scene and what is drawn in it.

    Args:
        text: A name out of :func:`tier_names`, or the path of a YAML file with entries of
            :class:`SceneConfig`; those that it leaves out are nominal.

    Raises:
        ConfigError: If there is no such scene, or its file describes none; the message begins with
            file and line.
        AssetError: If it names a robot model that does not exist.
    """
    path = _find(text)
    root = read_marked(path)
    sayings = _gather(path, root, ())
    nominal = _build_nominal(sayings.statements)
    tier = SceneTier(
        name=path.stem,
        nominal=nominal,
        starts=_build_starts(sayings),
        draws=tuple(each.draw for each in sayings.statements.values() if each.draw),
        description=parse_scene_file(root).description,
    )
    for statement in sayings.statements.values():
        if statement.draw is not None:
            _check_extremes(nominal, statement, statement.draw)
    _check_together(tier, sayings.statements)
    _ = nominal.robot_path
    return tier


def _find(text: str) -> Path:
    names = tier_names()
    if text in names:
        return find_share_file(f"{_FOLDER}/{text}.yaml")
    path = Path(os.path.expanduser(text))  # which leaves an unknown user as it is
    if not path.is_file():
        raise ConfigError(
            f"scene {text!r} is unknown. Allowed: {', '.join(names)}, or the path of a YAML file "
            "such as 'contact: {paper_table_friction: {uniform: [0.1, 0.3]}}'"
        )
    return path


def _gather(path: Path, root: MarkedNode | None, above: tuple[Path, ...]) -> _Sayings:
    """Everything that a file and those that it includes say.

    Args:
        path: The file.
        root: What is in it.
        above: The files that include it, resolved.
    """
    file = parse_scene_file(root)
    here = (*above, path.resolve())
    sayings = _Sayings()
    for node in file.includes:
        included = _find_included(node, path.parent)
        if included.resolve() in here:
            chain = " includes ".join(each.name for each in (*here, included))
            raise node.refuse(f"include goes in a circle: {chain}")
        sayings |= _gather(included, read_marked(included), here)
    return sayings | _Sayings(file.statements, file.starts, file.start_node)


def _find_included(node: MarkedNode, folder: Path) -> Path:
    beside = folder / os.path.expanduser(node.text())
    try:
        return beside if beside.is_file() else _find(node.text())
    except ConfigError as err:
        raise node.refuse(f"include: {err}") from err


def _build_nominal(statements: Mapping[str, Statement]) -> SceneConfig:
    """The scene that policies may know."""
    scene = SceneConfig()
    for section in dict.fromkeys(each.section for each in statements.values()):
        within = [each for each in statements.values() if each.section == section]
        values = {each.name: each.value for each in within}
        try:
            if not section:
                scene = replace(scene, **values)
            else:
                scene = replace(scene, **{section: replace(getattr(scene, section), **values)})
        except ConfigError as err:
            raise _blame(within, err) from err
    return scene


def _blame(statements: list[Statement], err: ConfigError) -> ConfigError:
    """Name the line of the entry that a message begins with, or of the first one."""
    named = [each for each in statements if str(err).startswith(each.name)]
    node = (named or statements)[0].node
    return node.refuse(f"{node.path.rpartition('.')[0]}: {err}".removeprefix(": "))


def _check_extremes(nominal: SceneConfig, statement: Statement, draw: Draw) -> None:
    """Refuse a distribution that reaches where no scene is allowed."""
    part = getattr(nominal, draw.section)
    for values in _outermost(draw.parts):
        try:
            replace(part, **{draw.name: values if draw.each else values[0]})
        except ConfigError as err:
            raise statement.node.refuse(
                f"{draw.section}: {err}, out of {statement.node.given}"
            ) from err


def _outermost(parts: tuple[Distribution, ...]) -> list[tuple[Any, ...]]:
    """Values of an entry: one part at each of its extremes, the others at their first."""
    firsts = tuple(part.extremes[0] for part in parts)
    return [
        (*firsts[:index], extreme, *firsts[index + 1 :])
        for index, part in enumerate(parts)
        for extreme in part.extremes
    ]


def _check_together(tier: SceneTier, statements: Mapping[str, Statement]) -> None:
    """Refuse entries that are allowed one by one, and not together."""
    for seed in _TRIED_SEEDS:
        try:
            tier.sample(seed)
        except ConfigError as err:
            drawn = [each for each in statements.values() if each.draw is not None]
            raise _blame(drawn, ConfigError(f"{err}, with seed {seed}")) from err


def _build_starts(sayings: _Sayings) -> PaperStarts:
    if sayings.start_node is None:
        return PaperStarts()
    try:
        starts = PaperStarts(**sayings.starts)
        check_solvable(starts)
    except ConfigError as err:
        raise sayings.start_node.refuse(f"start: {err}") from err
    return starts
