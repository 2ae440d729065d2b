# make run    the console on the example tasks          make check   all that CI runs besides the tests
# make test   lint, types and every quick test          make help    the rest
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n 6 --dist worksteal
# Hundreds of tests start a Python, and none of those should have to compile everything again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test quick test-slow check lint format types imports bench screenshots snapshots clean
.DEFAULT_GOAL := help

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/run.stamp ## Open the console on this project's example tasks
	@$(BIN)/taskconsole

test: $(VENV)/dev.stamp ## Check the code and run every quick test
	+@$(MAKE) --no-print-directory -j 2 quick check

quick: $(VENV)/compiled.stamp ## Run every quick test
	$(PYTEST) -q

# Stacks are shown of what hangs, not of what takes its time: a slow test may take 1800 s.
test-slow: PYTEST += -o faulthandler_timeout=1700
test-slow: $(VENV)/dev.stamp ## Run the tests that take minutes
	$(PYTEST) -q -m slow
	THOROUGH=1 $(PYTEST) -q -m 'hypothesis and not slow'

check: lint types imports ## Lint, formatting, types and the rules on imports

lint: $(VENV)/dev.stamp ## Lint and check the formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/dev.stamp ## Check the types, strictly
	$(BIN)/mypy
	$(BIN)/mypy tests tasks benchmarks screenshots

imports: $(VENV)/dev.stamp ## Check that imports point one way
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## Measure, side by side with peers
	$(PIP) install --quiet --constraint constraints.txt --editable '.[bench]'
	for file in benchmarks/*.py; do $(BIN)/python $$file; done

screenshots: $(VENV)/dev.stamp ## Draw the pictures of the README and the guides again
	$(BIN)/python screenshots/make.py

snapshots: $(VENV)/dev.stamp ## Accept the console's present looks as right
	$(PYTEST) -q tests/console --snapshot-update

clean: ## Remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "taskconsole needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/dev.stamp: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable '.[test,lint]'
	@touch $@ $(VENV)/run.stamp

# Every worker of pytest reads every test: let one compile them before six do so at a time.
$(VENV)/compiled.stamp: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -qq --collect-only >/dev/null || true
	@touch $@
