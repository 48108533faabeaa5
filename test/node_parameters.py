"""Which parameters a node declares, read from its source: no ROS is needed."""

import ast
import importlib.util
from pathlib import Path


def declared_parameters(executable: str) -> set[str]:
    """Names of the fields of the settings class that a node declares.

    Args:
        executable: The node.

    Returns:
        Parameter names, with those that every ROS 2 node has.
    """
    module = f"so101_ros.nodes.{executable}"
    tree = _parse(module)
    (settings,) = {
        node.args[1].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "declare"
        and isinstance(node.args[1], ast.Name)
    }
    fields = _fields(module, settings)
    assert fields, f"{settings} of {module} has no fields: the reader is wrong"
    return fields | {"use_sim_time"}


def _parse(module: str) -> ast.Module:
    spec = importlib.util.find_spec("so101_ros")
    assert spec is not None and spec.origin is not None
    file = Path(spec.origin).parent.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def _fields(module: str, name: str) -> set[str]:
    """Fields of a class, wherever it is defined, with those of its bases."""
    module, definition = _definition(module, name)
    bases = [base.id for base in definition.bases if isinstance(base, ast.Name)]
    own = {
        node.target.id
        for node in definition.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return own.union(*(_fields(module, base) for base in bases))


def _definition(module: str, name: str) -> tuple[str, ast.ClassDef]:
    """Follow imports to a class; returns the module that defines it too."""
    for node in _parse(module).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return module, node
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            assert node.module is not None
            return _definition(node.module, name)
    raise AssertionError(f"{name} is neither defined nor imported in {module}")
