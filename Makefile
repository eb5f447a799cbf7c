# Every target does its own set-up; the second time that costs nothing. On Windows: tools/setup.ps1, see CONTRIBUTING.md.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
CAMPAIGN ?= workflows/campaigns/fazhi-2020
OUTPUT ?= demo-output
JOBS ?= 2
N ?=
ARGS ?=
USER_EXTRAS := postgres web

##@ Run

.PHONY: demo
demo: ready-run ## The plan of 2020 in mid-course, in the browser, until Ctrl+C (ARGS="--once" only prepares it and ends)
	@$(BIN)/duban demo --output $(OUTPUT) $(ARGS)

.PHONY: rehearse
rehearse: ready-run ## Play the whole year, April to December, and check it: any campaign (CAMPAIGN=…), folder (OUTPUT=…), ARGS="--seed 7"
	@$(BIN)/duban rehearse $(CAMPAIGN) --output $(OUTPUT) $(ARGS)

##@ Prove

.PHONY: test
test: ready-test ## Run every test of the default suite (ARGS="-k deadline", JOBS=4)
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

.PHONY: slowest
slowest: ready-test ## The same, and what takes longest: the 25 slowest tests and set-ups
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations 25 $(ARGS)

.PHONY: check
check: ready-test ## What a reviewer asks first: format, lint, types, imports, sizes, generated files
	@$(BIN)/python -m pytest -n $(JOBS) -q tests/architecture
	@$(BIN)/python -m tools.generate --check

.PHONY: lint
lint: ready-test ## Ruff's rules and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports

.PHONY: format
format: ready-test ## Format the code and mend what can be mended without thought
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: types
types: ready-test ## mypy --strict
	@$(BIN)/mypy

.PHONY: coverage
coverage: ready-test ## The default suite with branch coverage, as a table and htmlcov/
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term-missing:skip-covered --cov-report=html $(ARGS)

.PHONY: storm
storm: ready-test ## The fault campaigns alone and long (N=5000; one of them: N=20000 ARGS="-k no_letter_is_lost")
	@$(BIN)/python -m pytest -m storm --rounds $(or $(N),5000) --timeout 0 -n $(JOBS) $(ARGS)

.PHONY: chaos
chaos: ready-test ## PostgreSQL killed every few seconds under load (N=300 seconds, ARGS="--seed 7")
	@$(BIN)/python -m tests.faults.chaos $(if $(N),--seconds $(N)) $(ARGS)

.PHONY: bench
bench: ready-test ## Measure against the bare driver and print ratios (N=… rounds; `make peers` first adds the peers)
	@$(BIN)/python -m tests.bench $(if $(N),--rounds $(N)) $(ARGS)

.PHONY: bench-web
bench-web: ready-test ## p95 of pages at 100,000 and 1,000,000 items beside the bare framework (by wrk where it is there; N=… rounds)
	@$(BIN)/python -m tests.bench.pages $(if $(N),--rounds $(N)) $(ARGS)

.PHONY: mutants
mutants: ready-test ## Change hash, guard and claim code in one place at a time: do the tests notice? (N=200 drawn, ARGS="guard --seed 7")
	@sh tools/setup.sh mutants
	@nice -n 10 $(BIN)/python -m tests.mutants --jobs $(JOBS) $(if $(N),--number $(N)) $(ARGS)

##@ Set up

.PHONY: setup
setup: ready-test ## Make .venv with everything, from the hashed lock

.PHONY: peers
peers: ready-test ## Add the other engines that `make bench` measures beside duban (not in any lock)
	@sh tools/setup.sh peers

.PHONY: ready-run ready-test
ready-run:
	@sh tools/setup.sh run
ready-test:
	@sh tools/setup.sh test

##@ Maintain

.PHONY: lock
lock: ## Resolve the dependencies anew into the two address-free locks (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH: pipx install uv" >&2; exit 1; }
	@uv pip compile pyproject.toml $(LOCK_OPTIONS) $(addprefix --extra ,$(USER_EXTRAS)) -o requirements.lock
	@uv pip compile pyproject.toml $(LOCK_OPTIONS) --all-extras -c requirements.lock -o requirements-test.lock
LOCK_OPTIONS := --quiet --universal --upgrade --group build --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.PHONY: docs
docs: ready-test ## Write the generated pages: schema, command reference, diagrams
	@$(BIN)/python -m tools.generate

.PHONY: screenshots
screenshots: ready-test ## Take the pictures of the README anew (needs a browser)
	@mkdir -p docs/screenshots && touch $(addprefix docs/screenshots/,workbench.jpg review.jpg board.jpg todo-phone.jpg)
	@$(BIN)/python -m pytest -q -n 1 tests/browser/test_screenshots.py && cp browser-shots/readme/*.jpg docs/screenshots/

.PHONY: clean
clean: ## Remove the environment, caches and what demos left behind
	@rm -rf .venv build dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis demo-output browser-shots
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## "; print "make TARGET" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
