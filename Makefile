# Every target makes what it needs: on a machine with Python 3.11, make and a C
# library, `make serve` is the first command that has to work.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ./tallybook-data
# How large a history `make bench` asks about.
BENCH_EVENTS ?= 10000000
SOURCES := pyproject.toml constraints.txt src/tallybook/version.py

.DEFAULT_GOAL := help
.PHONY: help serve test check format demo bench clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

serve: $(VENV)/.run ## install and start the server on 127.0.0.1:8321
	$(BIN)/tallybook serve --data $(DATA)

test: $(VENV)/.dev $(VENV)/generated ## install and run every test that this machine can run
	$(BIN)/python -m pytest

check: $(VENV)/.dev ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## put the code into its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: $(VENV)/.run ## fill ./tallybook-demo with a month of made-up usage and serve it
	$(BIN)/tallybook demo --data ./tallybook-demo --serve

bench: $(VENV)/.bench ## measure the claims of the README
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/dashboard.py --events $(BENCH_EVENTS)

clean: ## remove what make made; never a data folder
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tallybook needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# What runs Tallybook, in the versions that it is tested with.
$(VENV)/.run: $(VENV)/.made $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# The same and what tests it.
$(VENV)/.dev: $(VENV)/.made $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

# The client whose names openapiopenai has, aside, since both have one import path:
# tests/generated compares the two, and is skipped where it is not to be had.
$(VENV)/generated: $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $@ openapiopenai==1.3.0 \
		|| echo "openapiopenai 1.3.0 is not to be had; what compares with it is skipped"

# The same and what Tallybook is measured against.
$(VENV)/.bench: $(VENV)/.made $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@ $(VENV)/.run
