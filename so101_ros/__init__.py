"""Simulation and reality behind one ROS 2 graph for the SO-101 arm.

Import rule: everything in this package except :mod:`so101_ros.nodes` is the core. The core never
imports ``rclpy`` or a message package, so that it runs and is tested without ROS. Only
:mod:`so101_ros.nodes` talks to ROS.
"""

import os as _os

__version__ = "0.1.0"

# MuJoCo loads the GL library that MUJOCO_GL names while it is imported, and dies with a traceback
# where that is missing. It must wait until something is rendered: so101_ros.simulation.gl then
# loads the same library and says what to install.
_gl_library = _os.environ.pop("MUJOCO_GL", None)
import mujoco as _mujoco  # noqa: E402, F401

if _gl_library is not None:
    _os.environ["MUJOCO_GL"] = _gl_library
