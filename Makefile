# Everything that a developer runs. `make` alone lists it.
# Needs make, a Python 3.9 or later with venv, and a package index. The rest is put under .tools and .venv, and only when its lock file has changed.

# The first of these that runs: a .python-version file can leave pyenv's python3 without an interpreter.
PYTHON ?= $(firstword $(foreach name,python3.13 python3 /usr/bin/python3 python,$(shell $(name) -c 'print("$(name)")' 2>/dev/null)) python3)
UV := .tools/bin/uv
BIN := .venv/bin
ARGS ?=
# Four workers, also on two processors: tests wait for half of their time.
PYTEST_ARGS ?= --numprocesses 4 --dist loadgroup
EVENT ?=
FN ?=
T ?= tests/unit
BASE ?= main
TEMPLATES := template.yaml gateway/template.yaml ops/pipeline/deployer.yaml

export SAM_CLI_TELEMETRY := 0
export UV_NO_PROGRESS := 1
# As pip does: a company's proxy signs with a certificate that only the system's store has.
SYSTEM_CERTS := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
ifneq ($(SYSTEM_CERTS),)
export UV_SYSTEM_CERTS ?= 1
export NODE_EXTRA_CA_CERTS ?= $(SYSTEM_CERTS)
endif
# Images of containers set it, and then each of our many processes compiles again all that it imports.
unexport PYTHONDONTWRITEBYTECODE

READY := .venv/.ready .tools/ministack/.ready .tools/sam/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-one test-changed check words bench soak cost invoke build config schemas alarms cli logs pictures lock chromium clean
.DELETE_ON_ERROR:

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## Play a partner's day on this machine, to watch in a browser; ARGS=--check plays it, asserts it and ends
	@$(BIN)/gridwix demo $(ARGS)

test: $(READY) $(if $(wildcard tests/browser),chromium) ## Pass the tests; PYTEST_ARGS takes pytest's options
	@$(BIN)/pytest $(PYTEST_ARGS)

test-one: $(READY) ## Pass one test, file or folder: make test-one T=tests/unit/ops/test_project.py
	@$(BIN)/pytest --numprocesses 0 $(T)

test-changed: $(READY) ## Pass the fast tests that concern what differs from main (or BASE=branch)
	@tests=$$($(BIN)/python -m ops.affected_tests $(BASE)) || exit 1; \
	  if [ -z "$$tests" ]; then echo "No test concerns what differs from $(BASE)."; else $(BIN)/pytest $(PYTEST_ARGS) $$tests; fi

check: $(READY) .tools/checkov/.ready ## Format, lint, types, layers, prose, templates, .github, the OpenAPI document
	@$(MAKE) --no-print-directory --jobs=2 .check-types .check-prose .check-templates .check-openapi .check-code .check-files

# Parts of check, the longest first: two at a time.
.PHONY: .check-types .check-prose .check-templates .check-openapi .check-code .check-files
.check-types:
	@$(BIN)/mypy

.check-prose:
	@$(BIN)/python -m ops.prose

.check-templates:
	@$(BIN)/cfn-lint $(TEMPLATES)
	@.tools/checkov/bin/checkov --config-file ops/checkov.yaml $(addprefix --file ,$(TEMPLATES))

.check-openapi:
	@$(BIN)/python -m ops.openapi_lint

.check-code:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python -m ops.conditionals
	@$(BIN)/lint-imports --no-logo

.check-files:
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*_*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.renovate .github/renovate.json
	@$(BIN)/pre-commit validate-config

words: $(READY) ## Report docstrings that are riddles, and figures of names and docstrings; ARGS="--against CHECKOUT" compares
	@$(BIN)/python -m ops.words $(ARGS)

bench: $(READY) $(if $(filter peers,$(ARGS)),.tools/peers/.ready) ## Measure what the limits of AWS and Wix leave room for; ARGS=peers compares with dlt and airbyte-cdk
	@$(BIN)/python -m benchmarks $(ARGS)

soak: $(READY) ## Play a million events with every fault, and judge what is left; ARGS=--short takes a minute
	@$(BIN)/python -m soak $(ARGS)

cost: $(READY) ## Print what a million changes cost on AWS, and a month without any; ARGS="--against CHECKOUT" compares
	@$(BIN)/python -m benchmarks.cost $(ARGS)

invoke: $(READY) ## Run one function in a container: make invoke FN=status_publisher EVENT=compliance_passed (needs Docker)
	@$(BIN)/gridwix invoke $(FN) $(EVENT)

build: $(READY) ## Build the functions and their layer for this machine's processor
	@$(BIN)/gridwix build

config: $(READY) ## Check config/ and put it into the layer and the portal
	@$(BIN)/python -m ops.configuration

schemas: $(READY) ## Write the JSON schemas of bus events and commands from the models, and the gateway's copy of its profile
	@$(BIN)/python -m ops.schemas

alarms: $(READY) ## Write the tables of alarms of the runbook and of the gateway's README from the templates
	@$(BIN)/python -m ops.alarm_page

cli: $(READY) ## Write docs/cli.md, the reference of the commands, from their help
	@$(BIN)/python -m ops.cli_page

logs: $(READY) ## Write docs/logs.md from the logging calls of the functions and the vocabulary
	@$(BIN)/python -m ops.log_page

pictures: $(READY) $(if $(filter operations,$(ARGS)),,chromium) ## Take the pictures of the docs, from the local environment; ARGS=operations leaves the portal out
	@$(BIN)/python -m ops.pictures $(ARGS)

lock: .tools/.ready ## Resolve all dependencies anew and write the lock files
	@$(UV) lock --quiet
	@$(UV) export --quiet --no-dev --no-emit-project --no-header --no-annotate --output-file layers/common/requirements.txt
	@$(UV) export --quiet --only-group gateway --no-emit-project --no-header --no-annotate --output-file gateway/layer/requirements.txt
	@for name in uv ministack sam checkov peers generators; do \
	  $(UV) pip compile --quiet --universal --generate-hashes --python-version=3.13 \
	    ops/requirements/$$name.in --output-file=ops/requirements/$$name.txt || exit 1; done

chromium: ## Install Chromium for the browser tests, where this user may
	@scripts/install-chromium

clean: ## Remove everything that was built or installed here
	@rm -rf .venv .tools .aws-sam .state .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.tools/.ready: ops/requirements/uv.txt
	@echo "Setting up: package installer"
	@$(PYTHON) -m venv .tools || { echo "A Python 3.9 or later with its venv module is needed (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@$(UV) python find --quiet 3.13 >/dev/null 2>&1 || $(UV) python install --quiet 3.13 2>/dev/null || \
	  { echo "Python 3.13 is needed: it was not found here and could not be downloaded. Install it (pyenv install 3.13) and try again." >&2; exit 1; }
	@touch $@

.venv/.ready: .tools/.ready uv.lock pyproject.toml .python-version
	@echo "Setting up: gridwix"
	@$(UV) sync --quiet --locked
	@touch $@

.tools/ministack/.ready: ops/requirements/ministack.txt .tools/.ready
	@echo "Setting up: local cloud"
	@$(UV) venv --quiet --allow-existing --python 3.13 $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $<
	@touch $@

.tools/sam/.ready: ops/requirements/sam.txt .tools/.ready
	@echo "Setting up: AWS SAM"
	@$(UV) venv --quiet --allow-existing --python 3.13 $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $<
	@touch $@

.tools/checkov/.ready: ops/requirements/checkov.txt .tools/.ready
	@echo "Setting up: checkov"
	@$(UV) venv --quiet --allow-existing --python 3.13 $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $<
	@touch $@

.tools/peers/.ready: ops/requirements/peers.txt .tools/.ready
	@echo "Setting up: tools to compare with"
	@$(UV) venv --quiet --allow-existing --python 3.13 $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $<
	@touch $@
