# Work on a checkout with nothing but Python >= 3.11 and make. Everything is installed in .venv, which is made when it
# is missing and brought up to date when pyproject.toml or constraints.txt change. Another Python: make PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIST ?= dist

# Old pips, such as the one Python brings along, know neither dependency groups (25.1) nor build constraints (25.3).
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --constraint constraints.txt --build-constraint constraints.txt

.NOTPARALLEL: # two pips must not install into one place
.PHONY: demo test coverage lint types format format-check docs wheel clean

demo: $(VENV)/.runtime ## Split an example page
	$(BIN)/banmian split labeled/pages/seed-like-1.txt

test: $(VENV)/.test ## Run all tests; some of them: make test ARGS="tests/test_reader.py -k big5"
	$(BIN)/python -m pytest $(ARGS)

coverage: $(VENV)/.test ## Run all tests and check how much of the package they run
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --hypothesis-profile=ci $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(VENV)/.lint ## Check style
	$(BIN)/ruff check .

types: $(VENV)/.lint $(VENV)/.test ## Check types
	$(BIN)/mypy

format: $(VENV)/.lint ## Lay out the code and sort its imports
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

format-check: $(VENV)/.lint ## Check the layout
	$(BIN)/ruff format --check --diff .

docs: $(VENV)/.runtime ## Write docs/cli.md anew
	$(BIN)/python docs/generate_cli.py

wheel: $(VENV)/.test ## Build the source archive, and the wheel from it, in dist/
	$(BIN)/python -m build --no-isolation --outdir $(DIST)

clean: ## Remove what these commands made
	rm -rf $(VENV) dist build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find classifier tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("banmian needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.13" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV): takes a minute, once"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.3"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	@$(INSTALL) --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.runtime
	@$(INSTALL) --group lint
	@touch $@
