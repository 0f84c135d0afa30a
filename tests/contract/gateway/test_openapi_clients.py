"""Strangers' tools read the profile's OpenAPI file, and gridwix's client takes what a mock of it
answers.

An integration team is handed this file. It makes clients of it, and puts a mock server in front of
them.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.common.server import open_listener
from gridwix.clients.http import new_client
from gridwix.clients.http_auth import StaticBearer
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.errors import RecordFault
from gridwix.models.files import FileFacts
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import NewCase, RoutedBy, Team, TransactionRef
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.event_feed import CloudEvent
from gridwix.models.trading_grid.requests import NewRequest, RequestRouting, Submitter
from gridwix.models.trading_grid.transitions import StepEvidence, Transition
from ops.npm_packages import locked_addresses, program_command
from ops.openapi_lint import PROFILE, TOOLS, lint
from ops.waiting import STANDSTILL, wait_for
from ops.yaml_files import load_trusted_yaml
from tests.npm_packages import install_packages, needs_npm
from tests.python_packages import install_environment

pytestmark = pytest.mark.xdist_group("openapi_clients")

VERBS = {"get", "put", "post", "patch", "delete"}
KEY = "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a10"
PRAIRIE_GOLD = PartnerId("GC070000000101")
RECORDS = {
    "partners": PRAIRIE_GOLD,
    "onboarding-programs": "prg_supplier_na",
    "enrollments": "enr_01J9PG",
    "compliance-checks": "chk_asn_timing_pgf",
    "cases": "case_01J9ZT",
    "collaboration-requests": "req_01JA11",
    "documents": "doc_coi_pgf",
    "approvals": "apr_01JA31",
    "service-notices": "ntc_01JA41",
}
"""The records of the document's examples."""

KINDS = RECORDS.keys() - {"approvals"}


def operations() -> dict[str, dict[str, Any]]:
    """Return the successes with a JSON body of each operation: status, and the schema's name."""
    found: dict[str, dict[str, Any]] = {}
    for path in load_trusted_yaml(PROFILE.read_text())["paths"].values():
        for verb in path.keys() & VERBS:
            answers = path[verb]["responses"].items()
            found[path[verb]["operationId"]] = {
                status: answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                for status, answer in answers
                if status < "300" and "application/json" in answer.get("content", {})
            }
    return found


@pytest.fixture(scope="module")
def packages() -> Path:
    """The folder with the tools of npm, installed once per lock file."""
    return install_packages(TOOLS)


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program that must succeed, and return what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=STANDSTILL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_lock_file_names_no_registry_but_npms_own() -> None:
    addresses = locked_addresses(TOOLS)

    assert addresses
    assert all(address.startswith("https://registry.npmjs.org/") for address in addresses)


@needs_npm
def test_linters_find_a_mistake_of_each_kind(packages: Path, tmp_path: Path) -> None:
    spoilt = PROFILE.read_text().replace("      summary: List partners\n", "", 1)
    old = "'Event types, separated by commas'"
    assert old in spoilt
    document = tmp_path / "spoilt.yaml"
    document.write_text(spoilt.replace(old, old.strip("'"), 1))

    problems = lint(packages, document)

    assert {problem.split(": ")[1] for problem in problems} == {"redocly", "spectral"}
    assert any("operation-summary" in problem for problem in problems)
    assert any("separated by commas" in problem for problem in problems)


def test_openapi_python_client_makes_a_client_in_which_every_operation_has_its_answer(
    tmp_path: Path,
) -> None:
    programs = install_environment("generators")
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")

    said = run(
        *(programs / "openapi-python-client", "generate", "--path", PROFILE),
        *("--output-path", "made", "--config", "config.yaml", "--fail-on-warning"),
        cwd=tmp_path,
    )

    assert "WARNING" not in said
    made = {path.stem: path.read_text() for path in (tmp_path / "made").glob("*/api/*/*.py")}
    for name, answers in operations().items():
        module = made[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()]
        (parse,) = [
            node
            for node in ast.parse(module).body
            if isinstance(node, ast.FunctionDef) and node.name == "_parse_response"
        ]
        assert parse.returns is not None
        told = set(ast.unparse(parse.returns).split(" | "))
        assert {*answers.values(), "Problem"} <= told, name
    assert "File" in made["get_document_content"]


@needs_npm
def test_hey_api_makes_a_client_in_which_every_operation_has_its_answer(
    packages: Path, tmp_path: Path
) -> None:
    run(
        *program_command(packages, "openapi-ts"),
        *("--input", PROFILE, "--output", tmp_path / "made"),
        *("--client", "@hey-api/client-fetch"),
        cwd=packages,
    )

    types = (tmp_path / "made/types.gen.ts").read_text()
    calls = (tmp_path / "made/sdk.gen.ts").read_text()
    for name, answers in operations().items():
        assert f"export const {name} = " in calls
        title = name[0].upper() + name[1:]
        (body,) = re.findall(
            rf"^export type {title}Responses = \{{(.*?)^\}};", types, re.MULTILINE | re.DOTALL
        )
        told = dict(re.findall(r"^    (\d+): (\w+);", body, re.MULTILINE))
        assert answers.items() <= told.items(), name


@pytest.fixture(scope="module")
def mock(packages: Path, tmp_path_factory: Any) -> Iterator[str]:
    """The address of prism, a mock server of the document. It refuses what breaks the document."""
    with open_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("prism") / "log"
    program = program_command(packages, "prism")
    command = [*program, "mock", str(PROFILE), "--port", str(port), "--errors"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:

        def is_up() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return httpx.get(f"{url}/capabilities").status_code > 0
            except httpx.TransportError:
                return False

        wait_for(is_up, "prism")
        yield url
    finally:
        process.terminate()
        process.wait(STANDSTILL)


@needs_npm
def test_gridwix_takes_what_a_mock_of_the_document_answers(mock: str) -> None:
    faults: list[RecordFault] = []
    with new_client() as http:
        auth = StaticBearer("a-token")
        community = CommunityClient(http, auth, base_url=mock, note=faults.append)
        changed = ChangedRecordsClient(http, auth, base_url=mock, note=faults.append)

        read_everything(community)
        write_everything(community)
        for kind in KINDS:
            changed.changed(kind, datetime(2026, 11, 1, tzinfo=UTC), None)

    assert faults == []


def read_everything(community: CommunityClient) -> None:
    """Call each reading method. Faults of lists are noted by the client."""
    ids = [PRAIRIE_GOLD]
    community.every_partner()
    community.partners(ids)
    community.enrollments(ids)
    community.compliance_checks(ids)
    community.open_cases(ids)
    community.cases(ids)
    community.comments("case_01J9ZT")
    community.request_comments("req_01JA11")
    community.documents_of(ids)
    for document in community.documents().records:
        community.versions(document)
    community.notices()
    community.programs()
    community.partner_ids(None)
    community.document_ids(None)
    community.sent_ids(None)
    for collection in ("enrollments", "compliance-checks", "cases"):
        community.owned_ids(collection, None)
    assert community.collections_with_source() is not None
    for event in community.read_events(community.head(), 100).items:
        CloudEvent.model_validate(event)
    with community.content("doc_coi_pgf", 2) as pieces:
        assert b"".join(pieces)
    for collection, identifier in RECORDS.items():
        assert community.record(f"{collection}/{identifier}") is not None


def write_everything(community: CommunityClient) -> None:
    """Call each writing method. The mock refuses what the document does not allow."""
    community.create_case(
        NewCase(
            partner_id=PRAIRIE_GOLD,
            subject="856 sent after the truck had arrived",
            category="asn_rejection",
            priority="normal",
            routed_by=RoutedBy(rule_key="asn-timing"),
            assignee_team=Team(key="edi-support"),
        ),
        KEY,
    )
    community.create_request(
        NewRequest(
            type="support",
            submitter=Submitter(name="Ada Example"),
            form_key="support",
            form_version=3,
            answers={"amount": "1234.50"},
            routing=RequestRouting(team_key="edi", rule_key="r"),
            priority="normal",
            source_submission_id="6d0b4c1e",
        ),
        KEY,
    )
    community.announce_upload(
        "a.pdf", "application/pdf", FileFacts("a" * 64, 7), "document_version"
    )
    community.add_version("doc_coi_pgf", NewDocumentVersion(upload_id="upl_01JA21"), KEY)
    community.add_comment("case_01J9ZT", NewComment(body="Sent again."), KEY)
    community.add_request_comment("req_01JA11", NewComment(body="Line 3."), KEY)
    community.put_transaction("case_01J9ZT", TransactionRef(correlation_id="7c0c5e2a-856"))
    submitted = Transition(to="submitted", evidence=(StepEvidence(kind="document", id="d"),))
    community.move("enrollments/enr_01J9PG/steps/insurance", submitted, version=13, key=KEY)
    for record in ("cases/case_01J9ZT", "collaboration-requests/req_01JA11"):
        community.move(record, Transition(to="open"), version=3, key=KEY)
