#!/bin/sh
# Refuse a Python that cannot make the virtual environment, and say what to do about it.
# Usage: scripts/check_python.sh PYTHON

python=$1

if ! command -v "$python" >/dev/null; then
  echo "'$python' was not found. Install Python >= 3.10 or name one: make PYTHON=/path/to/python3" >&2
  exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
  echo "'$python' is $("$python" --version 2>&1); Python >= 3.10 is needed." \
    "Name another one: make PYTHON=/path/to/python3" >&2
  exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "'$python' cannot make virtual environments. On Debian and Ubuntu:" \
    "apt-get install python3-venv" >&2
  exit 2
fi
