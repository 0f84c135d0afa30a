# Everything that a developer runs. `make` alone lists it.
UV := .tools/bin/uv

.venv/.ready: .tools/bin/uv uv.lock
	@$(UV) sync --quiet --locked
	@touch $@

.tools/bin/uv:
	@python3 -m venv .tools
	@.tools/bin/pip install --quiet 'uv==0.13.9'

test: .venv/.ready ## Pass the tests
	@.venv/bin/pytest

check: .venv/.ready ## Format, lint, types
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .

.PHONY: test check
