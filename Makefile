# Everything happens in .venv; stamp files in it say what is already installed.
# Another Python: make test PYTHON=/usr/local/bin/python3.12

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/made.stamp
RUN := $(VENV)/run.stamp
TEST := $(VENV)/test.stamp
PROVE := $(VENV)/prove.stamp
DEV := $(VENV)/dev.stamp
# What decides an installation. It is editable, so other changes need no new one.
INSTALLED_FROM := pyproject.toml constraints.txt tracer/version.py
# The two variables pin the build environment too (pip before and after 25.3).
INSTALL := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
    $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# On all cores. `.ci/run` asks for TIER=needs as well: what runs a terminal, a browser, a cluster and LaTeX.
# Tests start hundreds of processes, so compiled modules are kept even where Python is told not to.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist worksteal
TIER := guard
SEED := 1

.DELETE_ON_ERROR:
.PHONY: help run test prove lint messages release-check bench wheel clean

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(RUN) ## Install into .venv and start tracer
	@$(BIN)/tracer

test: $(TEST) ## Run every guard: the tests that need only Python and are quick
	$(PYTEST) --tier $(TIER)

prove: $(PROVE) ## Run the proofs, which take over half an hour, and print what they have shown
	$(PYTEST) --tier proof --seed $(SEED) -o faulthandler_timeout=1800

lint: $(DEV) ## Check style and types (ruff, mypy --strict)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

messages: $(TEST) ## List the sentences that lack a translation, and those that are stale
	@$(BIN)/python -m tests.narrative.messages_in_code

release-check: $(TEST) ## Fail unless every language is complete
	@$(BIN)/python -m tests.narrative.messages_in_code --release

bench: $(TEST) ## Measure the speed (tests/benchmarks)
	$(BIN)/python -m tests.benchmarks W1 W2

wheel: $(DEV) ## Build the wheel into dist/
	$(BIN)/python -m build --no-isolation --wheel --outdir dist

clean: ## Remove .venv, builds and caches
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find tracer tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE):
	@for python in $(or $(PYTHON),python3.11 python3 python3.12 python3.13 python3.14); do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "$$python -m venv $(VENV)"; \
	        "$$python" -m venv --clear $(VENV) && : > $@; \
	        exit; \
	    fi; \
	done; \
	echo 'tracer needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3' >&2; \
	exit 1

$(RUN): $(MADE) $(INSTALLED_FROM)
	$(INSTALL) -e .
	@: > $@

$(TEST): $(MADE) $(INSTALLED_FROM)
	$(INSTALL) -e '.[test]'
	@: > $(RUN); : > $@

# What formulas are set with lies beside Python, in $(VENV)/node_modules.
$(PROVE): $(MADE) $(INSTALLED_FROM) tests/render/package.json
	$(INSTALL) -e '.[test,prove]'
	cp tests/render/package.json $(VENV)/
	@if command -v npm >/dev/null; then \
	    npm install --prefix $(VENV) --no-audit --no-fund --no-package-lock --loglevel=error; \
	else \
	    echo 'npm is not installed: the proofs that KaTeX and MathJax set the formulas are skipped' >&2; \
	fi
	@: > $(RUN); : > $(TEST); : > $@

$(DEV): $(MADE) $(INSTALLED_FROM)
	$(INSTALL) -e '.[test,dev]'
	@: > $(RUN); : > $(TEST); : > $@
