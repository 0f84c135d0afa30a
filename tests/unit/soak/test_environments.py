"""Execution environments of the soak test: own modules, own variables, and nothing that leaks."""

from dataclasses import is_dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from gridwix.errors import RecordFault
from soak.hosting.environments import ExecutionEnvironment
from soak.hosting.modules import private_modules
from tests.unit.soak.lambda_host import VARIABLES, Stack

FUNCTIONS = sorted(path.parent.name for path in Path("functions").glob("*/handler.py"))

KNOWN_STATE = {
    "gridwix.runtime.closed_budget.closed_budget",
    "gridwix.runtime.correlation._ids",
    "gridwix.runtime.environment._before_batch",
    "gridwix.runtime.environment._forget",
    "gridwix.runtime.observability.logger",
    "gridwix.runtime.observability.metrics",
    "gridwix.runtime.record_faults.fault_log",
}
"""State of modules that is not in a cache. ``_before_batch`` and ``_forget`` change at import."""

CONSTANT = (str, int, float, tuple, frozenset, type, ModuleType, FunctionType, type(None))


def runtime(environment: ExecutionEnvironment, name: str) -> Any:
    return environment.modules[f"gridwix.runtime.{name}"]


def begin(stack: Stack, folder: str = "status_publisher", **variables: str) -> ExecutionEnvironment:
    given = {"POWERTOOLS_SERVICE_NAME": folder, **variables}
    return ExecutionEnvironment.begin(folder, given, stack.services())


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_environment_of_each_function_when_it_begins_has_modules_of_its_own(folder: str) -> None:
    one, other = begin(Stack(), folder), begin(Stack(), folder)

    shared = [name for name in one.modules if one.modules[name] is other.modules[name]]
    assert len(one.modules) > 3
    assert shared == []


def test_private_modules_hold_the_wiring_and_no_use_case() -> None:
    found = private_modules()

    assert {"gridwix.runtime.aws", "gridwix.status_publisher.wiring"} <= found
    assert {"gridwix.edge.responses", "gridwix.reconciler.full_wiring"} <= found
    assert not {"gridwix.publication.publisher", "gridwix.clients.http"} & found
    assert not {"gridwix.document_sync.service", "gridwix.models.events"} & found


def test_private_modules_keep_no_state_that_a_new_environment_would_find() -> None:
    found = set()
    for folder in FUNCTIONS:
        for name, module in begin(Stack(), folder).modules.items():
            for member, value in vars(module).items():
                # What is written in capitals is constant.
                if member.startswith("__") or member.isupper() or isinstance(value, CONSTANT):
                    continue
                if type(value).__module__ in ("typing", "re") or hasattr(value, "cache_clear"):
                    continue
                owner = type(value).__module__
                is_own = owner in private_modules() or owner.startswith("soak.")
                if isinstance(value, dict | list | set) or (is_own and not is_dataclass(value)):
                    found.add(f"{name}.{member}")
    imported = {
        one
        for one in found
        if one.rpartition(".")[2] in ("closed_budget", "fault_log", "logger", "metrics")
    }

    assert found - imported <= KNOWN_STATE
    assert found >= KNOWN_STATE


def test_faults_of_an_environment_are_not_seen_by_another() -> None:
    one, other = begin(Stack()), begin(Stack())

    runtime(one, "record_faults").fault_log.note(RecordFault("partners/P1", "name"))
    runtime(one, "correlation").begin_correlation(["ab"])

    assert runtime(other, "record_faults").fault_log.drain() == []
    assert runtime(other, "correlation").correlation_headers() == {}
    assert runtime(one, "correlation").correlation_headers()["X-Request-ID"] == "ab"


def test_environment_that_begins_again_has_forgotten_everything() -> None:
    stack = Stack()
    one = begin(stack, JOURNAL_TABLE="first")
    first = runtime(one, "journal").journal()
    runtime(one, "record_faults").fault_log.note(RecordFault("partners/P1", "name"))
    runtime(one, "correlation").begin_correlation(["ab"])
    runtime(one, "observability").logger.append_keys(member="old")
    one.throw_away()

    again = begin(stack, JOURNAL_TABLE="second")

    assert again is one
    assert runtime(again, "journal").journal() is not first
    assert runtime(again, "journal").journal().table == "second"
    assert runtime(again, "record_faults").fault_log.drain() == []
    assert runtime(again, "correlation").correlation_headers() == {}
    runtime(again, "observability").logger.warning("line")
    assert stack.telemetry.lines[-1].members == {}


def test_environments_see_their_own_variables_and_not_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONFIGURATION_TABLE", "of the process")

    one, other = begin(Stack(), A="1"), begin(Stack(), "form_intake")

    assert runtime(one, "journal_entries").function_name() == "status_publisher"
    assert runtime(other, "journal_entries").function_name() == "form_intake"
    assert not runtime(one, "configuration")._has_versions()


def test_environments_share_the_bundled_configuration_which_is_frozen() -> None:
    one, other = begin(Stack()), begin(Stack(), "form_intake")

    assert runtime(one, "configuration").configuration() is (
        runtime(other, "configuration").configuration()
    )


def test_webhook_when_it_is_posted_runs_the_real_handler() -> None:
    stack = Stack()

    responses = stack.post_event()
    stack.scheduler.run()

    assert responses[0]["statusCode"] == 202, responses
    made = stack.calls.made
    assert (made[0], made.count("PutEvents")) == ("GetSecretValue", 1), made
    assert stack.telemetry.sums["trading_grid_webhook", "WebhooksAccepted", ""] == 1
    assert VARIABLES["BUS_NAME"] == "bus"
