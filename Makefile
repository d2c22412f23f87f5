# Everything here needs only Python 3.11 or newer, make and a package registry.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE   := sql ingest_api jobs dashboard_app tideline tests

.PHONY: help setup setup-dev up test check lint fmt types contracts browser lock clean

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[36m%-10s\033[0m %s\n", $$1, $$2}' \
		$(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Create .venv and install Tideline from the lock file

up: setup ## Start everything: database, queue, API, jobs and dashboard
	@exec $(BIN)/tideline up

test: check ## Check everything, with every tool it takes (what CI runs)

check: setup-dev browser lint types contracts ## Format, lint, types, import contract, tests
	$(BIN)/python -m pytest --numprocesses logical --no-loadscope-reorder

lint: setup-dev ## Check the format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

fmt: setup-dev ## Format the code and repair what the linter can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: setup-dev ## Check the types
	$(BIN)/mypy

contracts: setup-dev ## Check who imports whom
	$(BIN)/lint-imports

browser: ## Install Chromium and its driver when they are absent
	@.ci/browser

lock: setup-dev ## Resolve the dependencies anew and write both lock files
	$(PIP) install uv
	$(BIN)/uv pip compile $(LOCK) --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --extra dev \
		--output-file requirements-dev.lock pyproject.toml
LOCK := --quiet --universal --upgrade --generate-hashes --no-header --no-annotate --group build

clean: ## Remove the virtual environment and every cache (not your data)
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-dev: $(VENV)/.installed-dev

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Tideline needs Python 3.11 or newer; none is on the PATH." >&2; exit 1; fi
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot create a virtual environment." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Tideline into $(VENV) ..."
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the tools for tests into $(VENV) ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
