# Needs python3 (3.11 or newer) with its venv module; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := scscf hss_stub tests bench

.DEFAULT_GOAL := help
.PHONY: help run test lint interop bench soak docs clean python

help:
	@echo 'make run       start the simulator: LISTEN=URI DOMAIN=NAME API=URI SUBSCRIBERS=FILE CONFIG=FILE ARGS="..."'
	@echo 'make test      all tests that need nothing but Python: ARGS="..." goes to pytest'
	@echo 'make lint      ruff, mypy, import-linter'
	@echo 'make interop   tests with real SIP programs: REQUIRE=sipp,sipsak,... fails where one of them did not run'
	@echo 'make bench     the cost of each message: ARGS="--quick", ARGS="--json FILE"'
	@echo 'make soak      the long runs'
	@echo 'make docs      the documents as a site: build/site/index.html'
	@echo 'make clean     remove .venv and what was built'

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "make: $(PYTHON) is not installed; the simulator needs Python 3.11 or newer (or: make PYTHON=/path/to/python3.11 ...)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1); the simulator needs Python 3.11 or newer (make PYTHON=/path/to/python3.11 ...)" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) has no venv module; install it first (Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }

$(BIN)/python: | python
	@echo 'make: installing into $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/run.stamp: setup.cfg pyproject.toml | $(BIN)/python
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[siprege]'
	@touch $@

$(VENV)/test.stamp: setup.cfg pyproject.toml | $(BIN)/python
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/run.stamp

run: $(VENV)/run.stamp
	@exec $(BIN)/scscf run \
	  $(if $(CONFIG),--config '$(CONFIG)') $(if $(DOMAIN),--domain '$(DOMAIN)') \
	  $(foreach uri,$(LISTEN),--listen '$(uri)') $(if $(API),--api '$(API)') \
	  $(if $(SUBSCRIBERS),--subscribers '$(SUBSCRIBERS)') $(ARGS)

test: $(VENV)/test.stamp
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check $(SOURCES) schemas scenarios
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

interop: $(VENV)/test.stamp
	@PYTHON=$(BIN)/python REQUIRE='$(REQUIRE)' tests/interop/run $(ARGS)

bench: $(VENV)/run.stamp
	@$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/test.stamp
	@$(BIN)/python -m pytest -m soak --ignore=tests/interop $(ARGS)
	@PYTHON=$(BIN)/python tests/interop/run -m soak -s $(ARGS)

$(VENV)/docs.stamp: setup.cfg pyproject.toml | $(BIN)/python
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@ $(VENV)/run.stamp

docs: $(VENV)/docs.stamp
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo 'make: build/site/index.html (its search needs a server: $(BIN)/python -m http.server -d build/site)'

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
