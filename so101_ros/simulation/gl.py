"""Open an OpenGL context that needs no window.

MuJoCo chooses its GL library once, while it is imported. Choosing it here, when a context is
opened, lets a headless machine render without any environment variable, and lets a missing library
be reported instead of breaking the import.
"""

import importlib
import os
import sys
from collections.abc import Iterable
from typing import Protocol

from so101_ros.errors import RenderError

VARIABLE = "MUJOCO_GL"
LIBRARIES = ("egl", "osmesa", "glfw")

_FAILURES = (ImportError, AttributeError, OSError, RuntimeError)
"""How MuJoCo says that a library or a driver is missing; PyOpenGL has an error of its own."""


_rendering_process: int | None = None
"""The process that has opened a context, this one or one that this was forked from."""


class GLContext(Protocol):
    """What MuJoCo's contexts have in common."""

    def make_current(self) -> None:
        """Let this thread draw with the context."""
        ...

    def free(self) -> None:
        """Give the context back."""
        ...


def chosen_library() -> str:
    """Name the GL library in use: the one that MUJOCO_GL names; EGL on Linux when it is unset.

    Raises:
        RenderError: If MUJOCO_GL names another one.
    """
    default = "egl" if sys.platform.startswith("linux") else "glfw"
    library = os.environ.get(VARIABLE, "").strip().lower() or default
    if library not in LIBRARIES:
        raise RenderError(
            f"{VARIABLE}={library!r} cannot render; set it to one of {list(LIBRARIES)} or unset it"
        )
    return library


def open_context(width: int, height: int) -> GLContext:
    """Open a context for drawing off screen and make it current in this thread.

    Args:
        width: Width of the drawing area in [px].
        height: Height of the drawing area in [px].

    Raises:
        RenderError: If this machine cannot do it (the message says what to install), or this
            process was forked from one that has rendered.
    """
    global _rendering_process
    check_process()
    _rendering_process = os.getpid()
    library = chosen_library()
    try:
        module = importlib.import_module(f"mujoco.{library}")
    except _FAILURES as err:
        raise cannot_render(err) from err
    # PyOpenGL chooses its platform while it is imported: MuJoCo's module must have told it by now.
    from OpenGL.error import GLError

    try:
        context = module.GLContext(width, height)
        context.make_current()
    except (*_FAILURES, GLError) as err:
        raise cannot_render(err) from err
    return context


def check_process() -> None:
    """Refuse to render in a fork of a process that has: GL libraries hang there for ever.

    Raises:
        RenderError: If this process is one.
    """
    if _rendering_process not in (None, os.getpid()):
        raise RenderError(
            "this process was forked from one that has rendered, and GL does not survive that. "
            "Start it with 'spawn' (AsyncVectorEnv(context='spawn'), "
            "SubprocVecEnv(start_method='spawn')), or render nothing before the fork"
        )


def cannot_render(cause: Exception) -> RenderError:
    """Say which GL library failed and what to install."""
    reason = str(cause).rstrip(".")
    return RenderError(
        f"cannot render with {VARIABLE}={chosen_library()}: {reason}. On Debian or Ubuntu: "
        "apt install libegl1 libgl1-mesa-dri; or apt install libosmesa6 and set "
        f"{VARIABLE}=osmesa."
    )


def sample_nearest(textures: Iterable[int]) -> None:
    """Let the current context take the nearest pixel of a texture, instead of a mean of eight.

    MuJoCo chooses the best filter. A CPU that draws a table with it needs almost twice the time of
    a plain one; lens and noise hide the difference.

    Args:
        textures: OpenGL's numbers of the textures.
    """
    from OpenGL import GL

    for texture in textures:
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
        for chosen in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, chosen, GL.GL_NEAREST)
    GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
