# Everything a newcomer needs. `make demo` and `make test` each work alone on a fresh machine with Python 3.11+, Maven,
# a Java for Maven, and make.
# The first Python on the path that runs and is new enough; a name alone may be a shim of a version manager.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup demo stop test lint types unit bench clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(VENV)/.ready ## make .venv and install (about 3 minutes and 6 GB the first time)

$(VENV)/.ready: pyproject.toml
	@test -n "$(PYTHON)" || \
		{ echo "No Python 3.11 or newer is on the path. Remedy: install one, or make setup PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || \
		{ echo "No virtual environment could be made. Remedy on Debian: apt-get install python3-venv"; exit 2; }
	@echo "Installing (about 3 minutes and 6 GB the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup ## start the engine, fill it with a generated market, serve the search page
	@$(BIN)/souk demo

stop: ## end what make demo started
	@if test -x $(BIN)/souk; then $(BIN)/souk stop; else echo "Nothing was set up here"; fi

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

test: lint types ## lint, types and all tests, on an engine of their own
	@$(BIN)/python -m pytest

unit: setup ## the tests that need no engine
	@$(BIN)/python -m pytest tests/unit

bench: setup ## one table of ratios against the bare engine and the bare model
	@$(BIN)/python -m bench

clean: stop ## remove .venv and .souk; caches of other folders stay
	@rm -rf $(VENV) .souk
