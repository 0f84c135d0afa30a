#!/usr/bin/env bash
# pytest 9.1.1, pytest-xdist 3.8.0: whether tests stay together by `xdist_group` depends on how the command line names them.
#
# A conftest.py in a folder gives each of the folder's tests the mark `xdist_group("together")` in `pytest_collection_modifyitems`, as pytest's documentation
# shows for marks. The suite is run with `--numprocesses 2 --dist loadgroup`.
#
# Guess:   all tests of the folder run on one worker, however pytest is started.
# Found:   they do with `pytest` and with `pytest tests` (the conftest.py is found while collecting). With `pytest tests/slow` they are spread over both
#          workers, without a word: the conftest.py of a folder that the command line names is loaded before xdist's plugin is there, so its hook is called
#          after xdist's, which has read the marks by then. With `@pytest.hookimpl(tryfirst=True)` on the hook they stay together both ways.
# Cost:    a session-scoped fixture that is meant to exist once (a local cloud) is started on every worker, but only when somebody runs that folder alone.
#
# Output seen:
#   pytest             : 1 worker(s)
#   pytest tests       : 1 worker(s)
#   pytest tests/slow  : 2 worker(s)
#   pytest tests/slow  : 1 worker(s) (tryfirst)
#
# Exits with 1 if that changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.1.1 pytest-xdist==3.8.0

mkdir -p "$work/suite/tests/slow"
cd "$work/suite"
printf '[pytest]\ntestpaths = tests\naddopts = --import-mode=importlib\n' >pytest.ini
cat >tests/slow/test_slow.py <<'PY'
import time

import pytest


@pytest.mark.parametrize("number", range(6))
def test_slow(number, worker_id):
    with open("workers", "a") as seen:
        seen.write(f"{worker_id}\n")
    time.sleep(0.5)
PY

conftest() {
  cat >tests/slow/conftest.py <<PY
import pytest


$1
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xdist_group("together"))
PY
}

failed=0
workers() { # workers EXPECTED NOTE ARGUMENTS...
  local expected=$1 note=$2
  shift 2
  rm -f workers
  "$work/venv/bin/pytest" -q -p no:cacheprovider --numprocesses 2 --dist loadgroup "$@" >/dev/null
  local found
  found=$(sort -u workers | wc -l)
  printf 'pytest %-12s: %s worker(s) %s\n' "$*" "$found" "$note"
  [ "$found" = "$expected" ] || failed=1
}

conftest ''
workers 1 ''
workers 1 '' tests
workers 2 '' tests/slow
conftest '@pytest.hookimpl(tryfirst=True)'
workers 1 '(tryfirst)' tests/slow
exit $failed
