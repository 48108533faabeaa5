# Every target works on a clean clone. `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out

# A sourced ROS 2 is used as it is; without one, its client library comes from PyPI.
EXTRAS := test,dev
ifndef ROS_DISTRO
EXTRAS := ros,$(EXTRAS)
endif
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install gl demo test test-core test-ros check format bench urdf clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) gl  ## Make .venv and install the package, editable, with everything it needs

$(INSTALLED): setup.py setup.cfg pyproject.toml
	@scripts/check_python.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS)]'
	@# The import hook of an editable install loses to a folder of the package's name, as the clone is
	@# one to whoever stands above it; a path does not.
	@$(BIN)/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'so101_ros_source.pth').write_text('$(CURDIR)')"
	@touch $@

gl: $(INSTALLED)
	@scripts/install_system_libraries.sh $(BIN)/python

demo: install  ## Run three episodes over DDS and leave a video, a plot, a bag and a summary in out/demo
	$(BIN)/so101 demo --out $(OUT)/demo $(ARGS)

test: test-core test-ros  ## Run every test: the core without ROS first, then the nodes

test-core: install
	$(BIN)/pytest test --ignore=test/ros $(ARGS)

test-ros: install
	$(BIN)/pytest test/ros $(ARGS)

check: $(INSTALLED)  ## Lint, check the format and the types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(INSTALLED)  ## Rewrite the code in the project's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install  ## Measure this machine: physics, cameras, graph, latency
	$(BIN)/so101 bench --out $(OUT)/bench $(ARGS)

urdf: $(INSTALLED)  ## Write assets/so101.urdf anew from assets/so101.xml
	$(BIN)/python -m so101_ros.description

clean:  ## Remove everything that was made here
	rm -rf $(VENV) $(OUT) build install log dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find so101_ros test launch -name __pycache__ -type d -exec rm -rf {} +
