"""A machine without the GL library that MUJOCO_GL names."""

import os
import subprocess
import sys
from pathlib import Path

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
    CameraRenderer(backend.model, 32, 24)
except RenderError as err:
    print(err)
"""


def test_physics_runs_and_rendering_says_what_to_install() -> None:
    """With the library missing everything but rendering works, and the error names the fix."""
    result = subprocess.run(
        [sys.executable, "-c", _HIDE_GL + _RENDER],
        env={**os.environ, "MUJOCO_GL": "egl"},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "MUJOCO_GL=egl" in result.stdout and "apt install libegl1" in result.stdout
