# `make demo` and `make test` need make, a POSIX shell and Python 3.11 or newer.
# They build their own environment in $(VENV), and again when pyproject.toml changes.

.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin

# The first interpreter that is new enough and can build an environment. Each one is run, not
# just found: a version manager may leave a name on the path that only prints an error.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
endif

# Processes for pytest.
JOBS ?= 2

# Further requirements for the environment, to try other versions of what mqlkit stands on.
PINS ?=

# The lower bounds in pyproject.toml.
LOWEST := attrs==25.1.0 cattrs==25.1.0 python-dateutil==2.9.0 sqlalchemy==2.0.30
NEWEST_DATEUTIL := python-dateutil==4.0.0
VERSIONS := 3.11 3.12 3.13

# The modules whose every line and branch is tested.
CORE := src/mqlkit/*.py,src/mqlkit/criteria/*.py,src/mqlkit/rules/*.py,src/mqlkit/plan/*.py,src/mqlkit/compiled/*.py,src/mqlkit/lifecycle/*.py,src/mqlkit/handoff/*.py,src/mqlkit/funnel/*.py,src/mqlkit/store/*.py,src/mqlkit/bulk/*.py,src/mqlkit/bulk/*/*.py

# One worker for each file: the later examples of a document need the names of the earlier ones.
PYTEST_ARGS := -n $(JOBS) --dist loadfile
PYTEST := $(BIN)/python -m pytest $(PYTEST_ARGS)
NO_VOLUME := ARGS="-m 'not slow and not volume'"

.PHONY: help
help:
	@echo 'make demo      see mqlkit at work (make demo-spark: on Spark, which needs Java)'
	@echo 'make test      lint, types, every test and example, coverage'
	@echo 'make test-all  the same on each Python found, with other versions of the libraries, and the slow tests'
	@echo 'make lint | types | pytest | coverage | docs | bench | mutation | release | clean'

# --- environments -------------------------------------------------------------------------------

$(VENV)/.venv-stamp:
	@test -n "$(PYTHON)" || { echo 'mqlkit needs Python 3.11 or newer with venv (Debian: apt install python3-venv)' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo-stamp: $(VENV)/.venv-stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[cli,store]'
	@touch $@

$(VENV)/.spark-stamp: $(VENV)/.demo-stamp
	$(BIN)/python -m pip install --quiet --editable '.[cli,store,spark]'
	@touch $@

$(VENV)/.test-stamp: $(VENV)/.venv-stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --group tests --group typing --group lint --editable '.[all]' $(PINS)
	@touch $@ $(VENV)/.demo-stamp

# ClickHouse, DataFusion and Spark, which the slow tests run the printed SQL with.
$(VENV)/.engines-stamp: $(VENV)/.test-stamp
	$(BIN)/python -m pip install --quiet --group engines
	@touch $@

$(VENV)/.docs-stamp: $(VENV)/.test-stamp
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@

$(VENV)/.mutation-stamp: $(VENV)/.test-stamp
	$(BIN)/python -m pip install --quiet --group mutation
	@touch $@

$(VENV)/.release-stamp: $(VENV)/.test-stamp
	$(BIN)/python -m pip install --quiet --group release
	@touch $@

# --- every day ----------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.demo-stamp
	@$(BIN)/mqlkit demo

# pyspark is large, so whether there is a Java for it is asked first.
.PHONY: demo-spark
demo-spark:
	@command -v java >/dev/null || test -x "$$JAVA_HOME/bin/java" || { echo 'Spark needs Java 17 or newer; install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME' >&2; exit 1; }
	@$(MAKE) --no-print-directory $(VENV)/.spark-stamp
	@$(BIN)/python examples/spark/demo.py

.PHONY: test
test: lint types coverage

.PHONY: lint
lint: $(VENV)/.test-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry src

.PHONY: types
types: $(VENV)/.test-stamp
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

# ARGS is for people: make pytest ARGS='-k decay -x'
.PHONY: pytest
pytest: $(VENV)/.test-stamp
	$(PYTEST) $(ARGS)

.PHONY: coverage
coverage: $(VENV)/.test-stamp
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_ARGS) -m 'not slow and not volume'
	@$(BIN)/coverage combine --quiet
	$(PYTEST) -m 'volume and not slow'
	$(BIN)/coverage report --include='$(CORE)' --fail-under=100

# --- before a release ---------------------------------------------------------------------------

.PHONY: test-all
test-all: test test-versions test-lowest test-dateutil-4 test-slow

# An interpreter that is not there is named, not passed over in silence.
.PHONY: test-versions
test-versions:
	@for version in $(VERSIONS); do \
		found=; \
		for p in python$$version "$$HOME"/.pyenv/versions/$$version.*/bin/python$$version; do \
			"$$p" -c "import ensurepip, sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" 2>/dev/null \
			&& { found=$$p; break; }; \
		done; \
		if test -z "$$found"; then echo "Python $$version: not found, not tested"; continue; fi; \
		echo "Python $$version"; \
		$(MAKE) pytest VENV=.venvs/$$version PYTHON="$$found" $(NO_VOLUME) || exit 1; \
	done

.PHONY: test-lowest
test-lowest:
	$(MAKE) pytest VENV=.venvs/lowest PINS='$(LOWEST)' $(NO_VOLUME)

.PHONY: test-dateutil-4
test-dateutil-4:
	$(MAKE) pytest VENV=.venvs/dateutil-4 PINS='$(NEWEST_DATEUTIL)' $(NO_VOLUME)

# pytest answers 5 when no test is marked slow.
.PHONY: test-slow
test-slow: $(VENV)/.engines-stamp
	MQLKIT_PROFILE=long $(PYTEST) -m slow --timeout 1800 || test $$? -eq 5

.PHONY: docs
docs: $(VENV)/.docs-stamp
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build

.PHONY: bench
bench: $(VENV)/.test-stamp
	@for script in benchmarks/*.py; do \
		test -e "$$script" || { echo 'no benchmarks yet'; break; }; \
		echo "$$script"; $(BIN)/python "$$script" || exit 1; \
	done

# The modules it changes are listed in pyproject.toml: those where a surviving mutant hurts most.
.PHONY: mutation
mutation: $(VENV)/.mutation-stamp
	$(BIN)/mutmut run
	$(BIN)/mutmut results

# The release is built twice: two builds of the same files must not differ by a byte.
.PHONY: release
release: $(VENV)/.release-stamp
	rm -rf dist build/again
	SOURCE_DATE_EPOCH=1767225600 $(BIN)/python -m build --outdir dist
	SOURCE_DATE_EPOCH=1767225600 $(BIN)/python -m build --outdir build/again
	@for file in dist/*; do cmp "$$file" "build/again/$${file#dist/}" || exit 1; done
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist

.PHONY: clean
clean:
	rm -rf .venv .venvs build dist docs/_build htmlcov mqlkit-demo mutants .coverage .coverage.* \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
