"""Imports of each function: its own package, shared ones, and libraries that were decided on.

Imports are paid for at every cold start.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.unit.template.rules import load

# One worker has them all, so that the imports of a function are listed once.
pytestmark = pytest.mark.xdist_group("imports")

ROOT = Path(__file__).parents[3]

EDGE = frozenset(
    {
        "aws_lambda_powertools",
        "aws_sdk_signers",
        "botocore",
        "standardwebhooks",
        "typing_extensions",
    }
)
"""The webhook functions sign their own calls to AWS and read no model: see
``docs/adr/0004-the-edge-signs-its-own-calls.md``.
"""

AWS = frozenset(
    {
        "aws_lambda_powertools",
        "botocore",
        "dateutil",
        "jmespath",
        "six",
        "urllib3",
    }
)
MODELS = frozenset(
    {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
)
HTTP = frozenset({"certifi", "httpx", "idna"})
CONSUMER = AWS | MODELS | HTTP
CONFIGURED = CONSUMER | {"tzdata"}
PUBLISHER = CONFIGURED | {"orjson"}
FILES = frozenset({"pathvalidate"})
LENS = frozenset({"stdnum"})

LIBRARIES = {
    "trading_grid_webhook": EDGE,
    "wix_webhook": EDGE | {"cryptography", "jwt"},
    "trading_grid_feed": CONSUMER,
    "status_publisher": PUBLISHER,
    "notice_publisher": PUBLISHER | {"nh3"},
    "onboarding_sync": PUBLISHER | {"nh3"},
    "transaction_monitor": CONFIGURED | LENS,
    "activity_publisher": PUBLISHER | LENS,
    "case_opener": CONFIGURED | LENS,
    "form_intake": PUBLISHER | LENS | FILES,
    "request_publisher": PUBLISHER,
    "document_sync": PUBLISHER | FILES,
    "partner_messenger": PUBLISHER | {"nh3"},
    "portal_ringer": CONSUMER | {"orjson", "standardwebhooks"},
    "reconciler": PUBLISHER | FILES | {"nh3"},
}
"""By function.

A name that is new here is a decision: say why it is worth its time at each cold start, or import it
where it is used.
"""

SHARED = frozenset(
    [
        "clients",
        "compact_texts",
        "concurrency",
        "configuration",
        "edge",
        "errors",
        "files",
        "lazy_imports",
        "mapping",
        "models",
        "partner_requests",
        "people",
        "ports",
        "publication",
        "runtime",
    ]
)

DEVELOPMENT_ONLY = frozenset({"_distutils_hack", "click", "pygments", "rich", "tenacity"})
"""Optional imports of libraries, which are not in the layer."""

LOOK = """
import json, sys
before = set(sys.modules)
import handler
{then}
new = set(sys.modules) - before
print(json.dumps(sorted(name for name in new if name.count(".") < 3)))
"""


def imported(function: str, *, standard: bool = False, then: str = "") -> set[str]:
    """Third-party and own modules that a cold start of a function imports.

    ``standard``: those of the standard library, too. ``then``: a statement to run after it.
    """
    return {
        name
        for name in json.loads(run(function, LOOK.replace("{then}", then)))
        if standard or name.split(".")[0] not in sys.stdlib_module_names
    }


@cache
def run(function: str, program: str) -> str:
    """Run a program in a new process that can import a function's handler; return its output."""
    paths = os.pathsep.join([str(ROOT / "layers/common"), str(ROOT / "functions" / function)])
    environment = {**os.environ, "PYTHONPATH": paths, "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("function", LIBRARIES)
def test_function_imports_its_own_package_what_is_shared_and_no_library_that_nobody_decided_on(
    function: str,
) -> None:
    modules = imported(function)

    packages = {name.split(".")[1] for name in modules if name.startswith("gridwix.")}
    libraries = (
        {name.split(".")[0] for name in modules if not name.startswith("_")}
        - {"gridwix", "handler"}
        - DEVELOPMENT_ONLY
    )
    reconciled = frozenset(LIBRARIES) if function == "reconciler" else frozenset({function})
    assert packages <= SHARED | reconciled
    assert libraries - LIBRARIES[function] == set()


@pytest.mark.parametrize("function", ["trading_grid_webhook", "wix_webhook"])
def test_webhook_functions_load_no_module_that_libraries_import_in_vain(function: str) -> None:
    loaded = imported(function, standard=True)

    assert loaded.isdisjoint({"asyncio.events", "jmespath", "cryptography.x509.base"})


@pytest.mark.parametrize("function", ["form_intake", "document_sync", "reconciler"])
def test_functions_load_the_guard_of_transfers_at_its_first_use_and_no_asynchronous_network(
    function: str,
) -> None:
    use = "from gridwix.clients.files import guard; guard.new_transport()"

    assert imported(function, standard=True).isdisjoint({"ssrfguard", "httpcore"})
    used = imported(function, standard=True, then=use)
    assert "ssrfguard.httpx" in used
    assert used.isdisjoint({"asyncio.events", "anyio.streams.memory"})


def test_reconciler_loads_the_collections_of_the_full_comparison_at_its_first_page() -> None:
    use = "from gridwix.reconciler.wiring import full_wiring; full_wiring.full_comparison"
    own = {"gridwix.reconciler.service", "gridwix.document_sync.reconciled"}

    assert imported("reconciler").isdisjoint(own)
    assert own <= imported("reconciler", then=use)


@pytest.mark.parametrize("function", LIBRARIES)
def test_function_loads_the_configuration_if_the_template_gives_it_the_table_of_its_versions(
    function: str,
) -> None:
    # What has loaded it looks for a new version before each batch.
    logical_id = "".join(word.capitalize() for word in function.split("_"))
    properties = load()["Resources"][f"{logical_id}Function"]["Properties"]
    full = "from gridwix.reconciler.wiring import full_wiring; full_wiring.full_comparison"
    then = full if function == "reconciler" else ""

    loaded = "gridwix.runtime.configuration" in imported(function, then=then)

    assert loaded == ("CONFIGURATION_TABLE" in properties["Environment"]["Variables"])


def test_sweep_of_the_reconciler_loads_no_configuration() -> None:
    assert "gridwix.runtime.configuration" not in imported("reconciler")


def test_garbage_is_not_collected_during_imports_and_again_before_the_first_batch() -> None:
    program = """
import gc, sys
collected = []
import gridwix
gc.callbacks.append(lambda phase, info: collected.append(phase))
import handler
from gridwix.runtime.garbage_collection import YOUNG_OBJECTS, tune_garbage_collection
during = len(collected)
tune_garbage_collection()
print(during, gc.get_threshold()[0] == YOUNG_OBJECTS, gc.isenabled())
"""

    assert run("reconciler", program).split() == ["0", "True", "True"]


def test_every_function_is_looked_at() -> None:
    assert set(LIBRARIES) == {
        path.parent.name for path in (ROOT / "functions").glob("*/handler.py")
    }
