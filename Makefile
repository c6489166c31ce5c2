# The one entry for people and for CI.  Needs Python 3.11 or newer and make; everything else comes from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

# What is compiled is kept, wherever make is called from: a hundred processes that the tests start would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench soak lock screenshots clean

# `make demo` is for a visitor: only what runs Vertti.  The other targets want the development lock.
demo: $(VENV)/runtime
	$(BIN)/vertti demo

# Four processes for two cores, for half of the time a test waits; a file stays in one, so that its servers start once.
test: $(VENV)/development
	$(BIN)/python -m pytest -m "not soak" -n 4 --dist loadfile $(PYTEST)

check: $(VENV)/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/development
	$(BIN)/python -m benchmarks $(BENCH)

soak: $(VENV)/development
	$(BIN)/python -m pytest -m soak --timeout=3600 $(PYTEST)

lock: $(VENV)/development
	$(COMPILE) $(UPGRADE) --group dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) --group build -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist

$(VENV)/runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/development: requirements-dev.lock pyproject.toml tests/servers/js/package-lock.json
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	cd tests/servers/js && $(CURDIR)/$(BIN)/npm ci >/dev/null
	touch $@ $(VENV)/runtime
