# Every command of the project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup check format test docs lock

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP) ## Install everything that the other commands need, into .venv

$(SETUP): requirements/development.txt pyproject.toml shared/pyproject.toml sandbox/pyproject.toml $(wildcard services/*/pyproject.toml)
	@echo "Installing Ledgerbridge and its tools into $(VENV) (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e shared -e sandbox $(foreach s,$(wildcard services/*),-e $(s))
	@touch $(SETUP)

check: setup ## Lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy shared/ledgerbridge sandbox/ledgerbridge_sandbox services/*/*_*/
	$(BIN)/lint-imports

format: setup ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

test: setup ## Run everything that proves the product
	$(BIN)/python -m pytest

docs: setup ## Write the generated pages and contracts anew
	$(BIN)/python docs/generate.py

lock: setup ## Write the hashed requirement files anew
	requirements/lock
