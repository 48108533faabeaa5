#!/bin/sh
# Make sure that MuJoCo can render without a display; install Mesa's EGL where that is permitted.
# Usage: scripts/install_system_libraries.sh PYTHON

python=$1
packages="libegl1 libgl1 libgl1-mesa-dri"

can_render() {
  MUJOCO_GL=${MUJOCO_GL:-egl} "$python" - >/dev/null 2>&1 <<'PROBE'
import mujoco

model = mujoco.MjModel.from_xml_string("<mujoco/>")
with mujoco.Renderer(model, 8, 8) as renderer:
    renderer.update_scene(mujoco.MjData(model))
    renderer.render()
PROBE
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_render && exit 0

if ! command -v apt-get >/dev/null || ! as_root true 2>/dev/null; then
  echo "MuJoCo cannot render here: the camera images need EGL with a software or GPU driver." >&2
  echo "Install it, then run make again. On Debian and Ubuntu: sudo apt-get install $packages" >&2
  exit 2
fi

echo "Installing $packages (MuJoCo renders through EGL)"
as_root apt-get update -qq
# Word splitting makes the list of packages.
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null

if ! can_render; then
  echo "MuJoCo still cannot render after installing $packages. See why with:" >&2
  echo "  MUJOCO_GL=egl $python -c 'import mujoco; mujoco.GLContext(8, 8).make_current()'" >&2
  exit 2
fi
