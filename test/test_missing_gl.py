"""A machine without the GL library that MUJOCO_GL names."""

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

_HIDE_GL = """
import ctypes, ctypes.util
ctypes.util.find_library = lambda name: None
load = ctypes.CDLL.__init__
def refuse(self, name, *args, **kwargs):
    if name and ("EGL" in str(name) or "OSMesa" in str(name)):
        raise OSError(f"{name}: cannot open shared object file")
    load(self, name, *args, **kwargs)
ctypes.CDLL.__init__ = refuse
"""

_RENDER = """
from so101_ros.errors import RenderError
from so101_ros.simulation.backend import MujocoBackend
backend = MujocoBackend()
from so101_ros.simulation.cameras import CameraRenderer
try:
    with CameraRenderer(backend.model, 32, 24) as renderer:
        print(renderer.render(backend.data, "top").mean())
except RenderError as err:
    print(err)
"""


def _render(library: str, prelude: str = "") -> str:
    """Render in a process of its own, and return what it printed."""
    # MuJoCo leaves this behind in a process that has rendered, such as the one of these tests.
    environment = {key: os.environ[key] for key in os.environ if key != "PYOPENGL_PLATFORM"}
    result = subprocess.run(
        [sys.executable, "-c", prelude + _RENDER],
        env={**environment, "MUJOCO_GL": library},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_physics_runs_and_rendering_says_what_to_install() -> None:
    """With the library missing everything but rendering works, and the error names the fix."""
    output = _render("egl", _HIDE_GL)
    assert "MUJOCO_GL=egl" in output and "apt install libegl1" in output


@pytest.mark.parametrize(("library", "file"), [("egl", "EGL"), ("osmesa", "OSMesa")])
def test_every_library_that_the_error_names_works(library: str, file: str) -> None:
    """The table is bright, with either library, where it is installed."""
    if ctypes.util.find_library(file) is None:
        pytest.skip(f"lib{file} is not installed")
    assert 50.0 < float(_render(library)) < 250.0
