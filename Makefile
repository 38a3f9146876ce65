# Every command of the project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready
# How many tests run at once; files stay together, and one house serves all tests that need it.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo run sandbox check format test truth bench drills statements docs lock

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP) ## Install everything that the other commands need, into .venv

$(SETUP): requirements/development.txt pyproject.toml shared/pyproject.toml sandbox/pyproject.toml $(wildcard services/*/pyproject.toml)
	@echo "Installing Ledgerbridge and its tools into $(VENV) (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e shared -e sandbox $(foreach s,$(wildcard services/*),-e $(s))
	@touch $(SETUP)

demo: setup ## Tell the main job as a story, with every service, until Ctrl-C (STAY=no: end by itself)
	@$(BIN)/python -m tests.story $(if $(filter no,$(STAY)),--leave)

run: setup ## Start the product on this machine (ledgerbridge up); data are kept
	@$(BIN)/ledgerbridge up

sandbox: setup ## Start the simulated vendors alone: HubSpot 8091, QuickBooks 8092, control 8090
	@$(BIN)/python -m ledgerbridge_sandbox

check: setup ## Lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy shared/ledgerbridge sandbox/ledgerbridge_sandbox services/*/*_*/ tests/house tests/story tests/drills
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: setup ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

test: setup ## Run everything that proves the product
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --ignore tests/drills
	$(BIN)/python -m pytest tests/drills

truth: setup ## Let clients that others wrote for the real vendors judge the sandbox, and print the table
	$(BIN)/python -m pytest sandbox/tests/truth

bench: setup ## Measure, each figure as a ratio in one run
	$(BIN)/python -m bench

drills: setup ## Break things on purpose, many times, and count what is lost
	$(BIN)/python -m tests.drills

statements: setup ## Run the tests that prove numbered behaviours and print the table
	$(BIN)/python -m ledgerbridge.testing.statements

docs: setup ## Write the generated pages and contracts anew
	$(BIN)/python docs/generate.py

lock: setup ## Write the hashed requirement files anew
	requirements/lock
