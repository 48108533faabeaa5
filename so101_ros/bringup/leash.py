"""Run a module as a program that cannot outlive the process that started it.

Usage: ``python -m so101_ros.bringup.leash PARENT_PID MODULE [ARGUMENT ...]``. The kernel kills the
program when its parent ends, however it ends (Linux); elsewhere a killed parent leaves it running.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

_EXIT_ORPHANED = 1


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends.

    Args:
        parent: Process id of the parent. If it is gone already, this process ends here.

    Raises:
        OSError: If the kernel refuses.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it ended before the kernel knew of our wish
        sys.exit(_EXIT_ORPHANED)


def main() -> None:
    """Run the module that the command line names."""
    parent, module = int(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    die_with(parent)
    # A Ctrl-C while modules are imported ends the program without a traceback. ROS installs its
    # own handler later; Python's would raise KeyboardInterrupt in the middle of whatever runs.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
