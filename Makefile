# Everything a machine needs beyond make and Python 3.11 is set up here.
PYTHON ?= python3
ARGS ?=
SEEDS ?= 50
VENV := .venv
UV := .uv/bin/uv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Byte code is worth keeping: a run of a flow is a process of its own.
export PYTHONDONTWRITEBYTECODE :=
export PIP_ROOT_USER_ACTION := ignore

.PHONY: demo test test-postgresql test-browser full check format simulate stock-day books bench bench-products bench-idle bench-webhooks bench-workers lock clean

demo: $(STAMP) ## the whole pipeline against the sandbox, in the Prefect UI
	@$(BIN)/centra-visma demo $(ARGS)

test: $(STAMP) ## every test that needs no special machine; many wait for others, so three at once fill two cores
	@$(BIN)/pytest -n 3 --dist loadfile $(ARGS)

test-postgresql: $(STAMP) ## the tests of steps once more, their ledgers on a PostgreSQL of our own
	@LEDGER=postgresql $(BIN)/pytest -n 2 tests/tasks_ $(ARGS)

test-browser: $(STAMP) ## the Prefect UI in a headless Chromium: form, run, Retry, approval; PICTURES=folder keeps screenshots
	@BROWSER=$${BROWSER:-yes} $(BIN)/pytest -n 0 tests/browser $(ARGS)

full: $(STAMP) ## the same with full effort: 5,000 examples of each property, 10,000 orders; 200 days of stock
	@EFFORT=full $(BIN)/pytest -n 2 --timeout 7200 $(ARGS)
	@$(BIN)/python -m tests.stock_day --seeds 200

check: $(STAMP) ## format, lint, types, import contracts, dependencies
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .

simulate: $(STAMP) ## SEEDS worlds full of faults: 0 lost, 0 doubled, 0 wrong
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

stock-day: $(STAMP) ## SEEDS days of 2,000 sales, shipments, returns, counts, deliveries: never more on sale than there is
	@$(BIN)/python -m tests.stock_day --seeds $(SEEDS) $(ARGS)

books: $(STAMP) ## generated orders with returns, certified: how many were rounded, by what
	@$(BIN)/python -m tests.books $(ARGS)

bench: $(STAMP) ## calls an order, and memory, measured; stock: own time, too
	@$(BIN)/python -m benchmarks.orders $(ARGS)
	@$(BIN)/python -m benchmarks.stock

bench-products: $(STAMP) ## calls of a large catalogue, and that nothing changed is no write
	@$(BIN)/python -m benchmarks.products $(ARGS)

bench-idle: $(STAMP) ## what a run with nothing to do takes more than an empty flow
	@$(BIN)/python -m benchmarks.idle $(ARGS)

bench-webhooks: $(STAMP) ## how fast the receiver answers webhooks, each stored for good
	@$(BIN)/python -m benchmarks.webhooks $(ARGS)

bench-workers: $(STAMP) ## one worker and two on one PostgreSQL: time of the same work, and that nothing is doubled
	@$(BIN)/python -m benchmarks.workers $(ARGS)

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(UV) ## pin what pyproject.toml asks for
	@$(UV) pip compile pyproject.toml --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -q -o requirements.lock
	@$(UV) pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -q -o requirements-dev.lock

$(UV):
	@$(PYTHON) -m pip --version >/dev/null 2>&1 \
	  && $(PYTHON) -m pip install --quiet --disable-pip-version-check --target .uv "uv>=0.8,<1" >&2 \
	  || { $(PYTHON) -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.8,<1" >&2; }
	@test -x $(UV) || { echo "uv could not be installed: python needs pip or venv" >&2; exit 1; }

$(STAMP): $(UV) pyproject.toml requirements-dev.lock
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV) >&2
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.lock >&2
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable . >&2
	@touch $(STAMP)

clean:
	@rm -rf $(VENV) .uv .demo .mypy_cache .ruff_cache .pytest_cache
