# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PO := $(wildcard crmcli/locale/*/LC_MESSAGES/*.po)
.DEFAULT_GOAL := help
.PHONY: help demo test check bench schemas messages clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml $(PO)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crm needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## Make a vault, import real customers, work with them, show it all
	@$(BIN)/python tests/demo.py

test: check ## Run every check and every test
	$(BIN)/python -m pytest

check: $(STAMP) ## Run the linters and the type checker
	$(BIN)/ruff check crmcli tests
	$(BIN)/ruff format --check crmcli tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(STAMP) ## Measure the work that has a budget (N=10000 for one size, PEERS=1 beside others)
	$(BIN)/python tests/bench/run.py $(N) $(if $(PEERS),--peers)

schemas: $(STAMP) ## Write the JSON Schemas anew from the models
	$(BIN)/python -c 'from pathlib import Path; from crmcli.usecases.schemas import schema_files; [Path(p).write_bytes(d) for p, d in schema_files().items()]'

messages: $(STAMP) ## Gather new sentences into the catalogs, for translation
	$(BIN)/pybabel -q extract -k _ -k n_:1,2 --no-location --sort-output --project crmcli -o $(VENV)/crmcli.pot crmcli
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap -D crmcli -i $(VENV)/crmcli.pot -d crmcli/locale
	$(BIN)/pybabel -q compile -D crmcli -d crmcli/locale

clean: ## Remove what the targets made
	rm -rf $(VENV) .demo .bench dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
