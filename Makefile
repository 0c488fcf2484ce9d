# Proofkeep.  `make demo` and `make test` work on a fresh clone with Python 3.11 or newer (pip, venv) and make.

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/.proofkeep-installed
# PYTHON=/path/to/python3 chooses the interpreter; otherwise the first of these that is new enough is taken.
PYTHONS := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3 python3.14)
# Three workers, also on two cores, as many tests wait for a clock; each starts a small PostgreSQL of its own.  The order
# is that of the tests, which put what takes longest first.
WORKERS := -n 3 --dist loadscope --no-loadscope-reorder
ARGS ?=

# The tools that look at deploy/ weigh more than the agent, so they have an environment of their own.
DEPLOY ?= .venv-deploy
DEPLOY_STAMP := $(DEPLOY)/.installed
# What runs in production and nothing else, for the bill of materials.
RUNTIME := build/runtime
# Licences under which a part of the agent would bind those who distribute it.  LGPL (psycopg) does not.
FORBIDDEN := GPL-2.0-only;GPL-2.0-or-later;GPL-3.0-only;GPL-3.0-or-later;AGPL-3.0-only;AGPL-3.0-or-later;SSPL-1.0
FORBIDDEN := $(FORBIDDEN);GPL;GPLv2;GPLv3;AGPL;AGPLv3;GNU General Public License (GPL)
FORBIDDEN := $(FORBIDDEN);GNU General Public License v2 (GPLv2);GNU General Public License v2 or later (GPLv2+)
FORBIDDEN := $(FORBIDDEN);GNU General Public License v3 (GPLv3);GNU General Public License v3 or later (GPLv3+)
FORBIDDEN := $(FORBIDDEN);GNU Affero General Public License v3
FORBIDDEN := $(FORBIDDEN);GNU Affero General Public License v3 or later (AGPLv3+);UNKNOWN

.PHONY: help setup demo test lint deploy-lint format bench sbom lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## virtual environment with the locked packages, once and after each change of the lock

$(STAMP): requirements-dev.lock pyproject.toml
	@too_old=""; no_venv=""; chosen=""; \
	for candidate in $(PYTHONS); do \
	  version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { too_old="$$candidate is $$version"; continue; }; \
	  "$$candidate" -c 'import venv, ensurepip' 2>/dev/null || { no_venv="$$candidate ($$version)"; continue; }; \
	  chosen="$$candidate"; break; \
	done; \
	if [ -z "$$chosen" ] && [ -n "$$no_venv" ]; then \
	  echo "make: $$no_venv has no venv module. Install it (Debian, Ubuntu: apt-get install python3-venv) and try again." >&2; exit 1; fi; \
	if [ -z "$$chosen" ]; then \
	  echo "make: Python 3.11 or newer is needed; $${too_old:-none of $(PYTHONS) was found}. Install one or say: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "setup 1/3: $(VENV) with $$("$$chosen" --version)"; \
	"$$chosen" -m venv --clear $(VENV)
	@echo "setup 2/3: locked packages (about a minute the first time)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@echo "setup 3/3: proofkeep itself"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup ## collect from a loopback cloud account and show the control matrix
	@$(BIN)/proofkeep demo $(ARGS)

test: setup ## the whole suite, real PostgreSQL included; ARGS="-k name" narrows it
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

lint: setup ## ruff, formatting, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

deploy-lint: $(DEPLOY_STAMP) ## Dockerfile, compose file, chart, roles, rules and dashboard
	$(DEPLOY)/bin/hadolint Dockerfile
	$(DEPLOY)/bin/python -m pytest --quiet deploy/lint

$(DEPLOY_STAMP): requirements-deploy.lock | $(STAMP)
	@echo "deploy-lint: tools into $(DEPLOY) (about 400 MB, once)"
	@$(BIN)/python -m venv --clear $(DEPLOY)
	@$(DEPLOY)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-deploy.lock
	@touch $@

format: setup ## rewrite the files in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## time, memory and size against the budgets
	$(BIN)/python tests/benchmarks/run.py $(ARGS)

sbom: setup $(DEPLOY_STAMP) ## bill of materials and licences of what runs in production, into build/
	rm -rf $(RUNTIME) build/wheel
	$(BIN)/hatchling build -t wheel -d build/wheel
	$(BIN)/python -m venv --without-pip $(RUNTIME)
	$(PIP) --python $(RUNTIME)/bin/python install --quiet --require-hashes -r requirements.lock
	$(PIP) --python $(RUNTIME)/bin/python install --quiet --no-deps --no-index --find-links build/wheel proofkeep
	$(DEPLOY)/bin/cyclonedx-py environment $(RUNTIME)/bin/python --pyproject pyproject.toml --mc-type application \
	  --gather-license-texts --output-reproducible --output-format JSON --output-file build/sbom.json
	$(DEPLOY)/bin/pip-licenses --python $(RUNTIME)/bin/python --from=mixed --order=license --format=markdown \
	  --output-file=build/licences.md --fail-on "$(FORBIDDEN)"
	@rm -rf $(RUNTIME) build/wheel
	@echo "build/sbom.json (CycloneDX) and build/licences.md"

# uv writes requirements files with hashes and, told so, without any address.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: ## renew the locks (needs uv)
	$(LOCK) --extra aws --extra azure --extra gcp --extra postgres --extra otel pyproject.toml -o requirements.lock
	$(LOCK) --all-extras pyproject.toml -o requirements-dev.lock
	$(LOCK) requirements-deploy.in -o requirements-deploy.lock
	echo 'hatchling>=1.27,<2' | $(LOCK) - -o requirements-build.lock

clean: ## remove the virtual environment, caches and build products
	rm -rf $(VENV) $(DEPLOY) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
