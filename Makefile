# Pharos. `make run` and `make test` are all it takes; `make help` lists the rest.
# Every target is a thin line over .venv/bin/python and first sets up what it needs.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
PYTHON := .venv/bin/python
# Without compiled files every process would compile the same hundreds of modules again at each start.
unexport DJANGO_SETTINGS_MODULE PYTHONPATH PYTHONDONTWRITEBYTECODE

.PHONY: help run demo-reset demo-fill test check bench faults screenshots messages lock sbom setup setup-dev

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## build what is missing, then serve everything at http://localhost:8000 (PORT, VAR_DIR, ...)
	@$(PYTHON) -m helpdesk.launcher

demo-reset: setup ## delete the data in VAR_DIR; the next `make run` begins anew
	@$(PYTHON) -m helpdesk.launcher.reset

demo-fill: setup-dev ## put TICKETS=10000 believable tickets into the running demo
	@$(PYTHON) -m bench.fill $(or $(TICKETS),10000)

test: setup-dev ## run all tests in parallel (TESTS=path narrows, PYTEST_ARGS=... passes through)
	@$(PYTHON) -m pytest $(if $(TESTS),$(TESTS),tests) --numprocesses=logical --maxprocesses=8 --dist=loadgroup $(PYTEST_ARGS)

check: setup-dev ## lint, types, floors, house checks, front end: the same as CI
	@$(PYTHON) -m tools.checks

bench: setup-dev ## measure speed (BENCH=name for one); results in VAR_DIR/bench
	@$(PYTHON) -m bench $(BENCH)

faults: setup-dev ## break things on purpose (FAULT=F1 for one); results in VAR_DIR/faults
	@$(PYTHON) -m tests.faults $(FAULT)

screenshots: setup-dev ## take pictures of every page into docs/screenshots
	@$(PYTHON) -m tests.browser.screenshots

messages: setup-dev ## collect translatable texts into locale/ and compile them
	@$(PYTHON) -m tools.messages

lock: setup-dev ## write requirements/*.txt anew from pyproject.toml
	@tools/lock

sbom: setup-dev ## write the bill of materials (CycloneDX 1.6) of all packages and programs into VAR_DIR/sbom.cdx.json
	@$(PYTHON) -m tools.sbom $(or $(VAR_DIR),var)/sbom.cdx.json

setup:
	@python3 tools/bootstrap.py --runtime

setup-dev:
	@python3 tools/bootstrap.py --dev
