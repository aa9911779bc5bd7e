# Needs make and Python 3.11 or newer; everything else goes into the folder .venv.
# Another Python, another folder: make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
# Processes share the cores already: threads of one's own for linear algebra only get in the way.
export OPENBLAS_NUM_THREADS ?= 1
# Promessa is many processes: what is compiled is kept, also where the user's shell forbids it.
export PYTHONDONTWRITEBYTECODE :=
DATA_DIR ?= data
PORT ?= 8000

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
INSTALL := $(PIP) install --require-hashes --only-binary :all:
CHECKED := bench jobs migrations schemas scripts server tests
CLIENTS := tests/clients/node_modules/.package-lock.json

# A recipe that fails leaves no half-made target behind.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test clients fuzz soak mutants check format lint types imports openapi-diff \
	openapi bench migration fix pins clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

# One process, no shell between: it ends with make, even when make is killed.
run: $(VENV)/.run ## Serve on 127.0.0.1 (PORT=8000, DATA_DIR=data), with a demo if the folder is new
	@$(BIN)/promessa up --data-dir "$(DATA_DIR)" --port $(PORT) --with-parent

test: check $(CLIENTS) ## All checks and all tests
	@$(BIN)/python -m pytest -n auto --dist loadgroup

clients: $(CLIENTS) ## Install what phones run, for the tests of sync (npm packages)

fuzz: $(VENV)/.dev ## Input that the OpenAPI document forbids, made up by schemathesis
	@$(BIN)/python -m pytest -m fuzz

soak: $(VENV)/.dev ## Long runs in which processes are killed and lines are bad
	@$(BIN)/python -m pytest -m soak -s

mutants: $(VENV)/.dev ## Take the rules of sync out one by one: stories or machine must notice
	@$(BIN)/python scripts/mutants.py

check: format lint types imports openapi-diff ## All checks, no tests

format: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet $(wildcard $(CHECKED))

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet $(wildcard $(CHECKED))

types: $(VENV)/.dev
	@$(BIN)/mypy --no-error-summary

imports: $(VENV)/.dev
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report"; exit 1; }

openapi-diff: $(VENV)/.dev
	@$(BIN)/promessa openapi --check

fix: $(VENV)/.dev ## Format, and mend what the linter can
	@$(BIN)/ruff check --fix --quiet $(wildcard $(CHECKED))
	@$(BIN)/ruff format --quiet $(wildcard $(CHECKED))

openapi: $(VENV)/.run ## Write openapi.yaml anew
	@$(BIN)/promessa openapi > openapi.yaml.new
	@mv openapi.yaml.new openapi.yaml

bench: $(VENV)/.dev ## Print every figure that the documents name
	@$(BIN)/python -m bench

migration: $(VENV)/.dev ## A new migration from the tables: make migration NAME=add_stores
	@test -n "$(NAME)" || { echo 'Give it a name: make migration NAME=add_stores'; exit 2; }
	@$(BIN)/promessa db migration "$(NAME)"
	@$(BIN)/ruff format --quiet migrations

# For maintainers, and the only target that needs uv: renews the pins from pyproject.toml.
UV ?= uv
COMPILE := $(UV) pip compile pyproject.toml --group build --quiet --universal \
	--python-version 3.11 --generate-hashes --only-binary :all: --no-annotate --no-header \
	--no-emit-index-url --upgrade

pins: ## Renew requirements/*.txt from pyproject.toml (needs uv)
	@$(COMPILE) --output-file requirements/run.txt
	@$(COMPILE) --extra dev --constraint requirements/run.txt \
		--output-file requirements/dev.txt

clean: ## Remove the environment and all caches; data stay
	@rm -rf $(VENV) build tests/clients/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Each stamp file is newer than what it was made from, so nothing runs twice.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; \
		sys.version_info >= (3, 11) or sys.exit( \
		"Promessa needs Python 3.11 or newer, and $(PYTHON) is %d.%d: " \
		"give another with PYTHON=…" % sys.version_info[:2])'
	@echo 'Making the environment in $(VENV) …'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.made
	@echo 'Installing what Promessa runs on …'
	@$(INSTALL) -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo 'Installing what its tests need …'
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

# Apps are JavaScript, so these come from npm. Where it cannot be reached this says so, and goes on.
$(CLIENTS): tests/clients/package-lock.json | $(VENV)/.dev
	@echo 'Installing the clients that the tests of sync run …'
	@$(BIN)/python -m tests.clients.node
