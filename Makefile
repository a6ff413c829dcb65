# Every target installs what it needs first; nothing outside the tree is touched but Debian packages that
# the optional fault and browser runs ask for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run setup test faults fuzz chromium check format lock clean

run: setup ## start the whole system on the embedded default, with the sample platform
	@$(BIN)/clausewatch up

setup: $(STAMP) ## install the locked dependencies and the project into .venv

# uv installs the lock in seconds; it is itself taken from the lock, hash-checked, by the venv's own pip.
$(STAMP): requirements.lock pyproject.toml
	@echo "clausewatch: preparing $(VENV) (about half a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "clausewatch needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "clausewatch needs Python's venv module: apt-get install python3-venv"; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $(VENV)/uv.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# Three at once on two cores: a third of the time tests wait for servers, leases and pages.
test: setup chromium ## every test, on SQLite and on PostgreSQL
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3 --dist worksteal

faults: setup ## the long form of the kill tests: every process is killed three times
	@CLAUSEWATCH_KILLS=3 $(BIN)/pytest tests/faults

# Atheris has wheels for few Pythons, so it stands beside the environment and in no lock but its own.
fuzz: setup ## coverage-guided fuzzing of extraction and of comparison, FUZZ_S seconds each (ten minutes)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target .fuzz -r tests/fuzz/requirements.txt
	@PYTHONPATH=.fuzz nice $(BIN)/python -m tests.fuzz extract -max_total_time=$(or $(FUZZ_S),600)
	@PYTHONPATH=.fuzz nice $(BIN)/python -m tests.fuzz compare -max_total_time=$(or $(FUZZ_S),600)

# Only the browser tests need it, and they say so where it is missing.
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "clausewatch: installing Chromium for the browser tests" \
			&& apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; } \
		|| echo "clausewatch: no Chromium, so the browser tests are skipped"

check: setup ## lint, types, architecture, Dockerfile and compose
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## renew both locks; they name no registry
	$(BIN)/uv pip compile --universal --upgrade --generate-hashes --no-header --no-annotate -p 3.11 --extra dev --extra browser pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate -p 3.11 -c requirements.lock pyproject.toml -o deploy/requirements.lock

clean:
	rm -rf $(VENV) .fuzz build dist *.egg-info
