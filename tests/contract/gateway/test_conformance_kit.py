"""The conformance kit finds nothing in the emulator, and each planted fault by its rule."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.seed import BALTIC
from emulators.trading_grid.tenant import new_tenant
from ops.cli import app
from ops.emulator import Emulator
from ops.gateway.check.capabilities import CAPABILITIES
from ops.gateway.check.gateway import Limits
from ops.gateway.check.receiver import Receiver
from ops.gateway.check.report import Report, Verdict
from ops.gateway.check.rules import Need
from ops.gateway.check.runner import check_gateway
from ops.gateway.check.session import Options
from ops.outputs.gateway_check import gateway_check_output
from ops.schemas import schema_path
from ops.waiting import STANDSTILL
from tests.fakes.gateway.faulty import FaultyGateway
from tests.fakes.gateway.faulty_catalogue import PLANTED, Planted
from tests.fakes.gateway.faulty_records import keep_content_elsewhere, refuse_transition
from tests.fakes.gateway.faulty_sources import answer_capabilities
from tests.fakes.gateway.faulty_tools import Match, fail_once, match
from tests.fakes.gateway.faulty_values import send_hostile_values
from tests.fakes.gateway.hubs import BASE, ProfileClient, serve_gateway

PARTNERS = 30
PATIENT = Limits(
    request_seconds=STANDSTILL, run_seconds=10 * STANDSTILL, webhook_patience=STANDSTILL
)
"""For a gateway that is right: on a busy machine it takes its time."""

HASTY = replace(PATIENT, patience=0.5, webhook_patience=0.5)
"""For a planted fault that is seen by what does not come. Less patience finds more, never less."""

EXPIRED_SECONDS = 15 * 24 * 3600
"""Age of events that the feed no longer has."""

FOUND_BY_WAITING = frozenset(
    {
        "webhooks.delivered",
        "webhooks.deliveries",
        "webhooks.retried",
        "versions.list_after_change",
        "capabilities.created",
        "lists.overlap",
        "feed.complete",
        "feed.versions",
    }
)
TRAFFIC = ("problems.not_found", "reads.etag", "versions.start_at_one")
NOT_PLANTED = frozenset({"uploads.protected"})
"""Without a planted fault: it needs TLS, which the emulator does not have."""


@dataclass(frozen=True)
class Grid:
    """A running emulator behind a layer that can have a fault.

    ``fresh_enrollments`` have a step that others wait on alone. Each test takes one: steps do not
    go back.
    """

    layer: FaultyGateway
    url: str
    token: str
    fresh_enrollments: list[dict[str, Any]]
    options: Options

    @property
    def origin(self) -> str:
        """The address of the emulator, without the path of the profile."""
        return self.url.partition("/community")[0]

    def run(self, *only: str, options: Options | None = None) -> Report:
        """Run the kit, with webhooks."""
        receiver = Receiver("127.0.0.1", 0)
        try:
            return check_gateway(
                self.url, self.token, options or self.options, receiver=receiver, only=only
            )
        finally:
            receiver.close()

    def options_for_steps(self) -> Options:
        """Return options with an enrollment that no other test has used."""
        enrollment = self.fresh_enrollments.pop()
        return replace(self.options, partner=enrollment["partnerId"], enrollment=enrollment["id"])


@pytest.fixture(scope="module")
def grid() -> Iterator[Grid]:
    tenant = new_tenant(partners=PARTNERS, retry_scale=0.001)
    layer = FaultyGateway(build_app(tenant))
    store, community = tenant.store, tenant.community
    with thread(layer) as url:
        emulator = Emulator(url)
        info = emulator.info()
        emulator.order("clock", {"advance": -EXPIRED_SECONDS})
        emulator.order("changes", {"count": 1, "seed": 9})
        old_cursor = httpx.get(
            f"{info['communityBaseUrl']}/events?cursor=now",
            headers={"authorization": f"Bearer {_new_token(url, info)}"},
        ).json()["nextCursor"]
        emulator.order("changes", {"count": 5, "seed": 10})
        emulator.order("clock", {"advance": EXPIRED_SECONDS})
        emulator.order("changes", {"count": 60, "seed": 11})
        emulator.clear("entities/cases/case_01J9ZT")
        emulator.order(
            "library/doc_rg_2026/versions", {"fileName": "guide-v2.pdf", "text": "version 2"}
        )
        program = store.select("onboarding-programs")[0]
        checks = store.select("compliance-checks", statuses=("pending", "failed"))
        partner = next(
            one["id"]
            for one in store.select("partners", statuses=("active",))
            if one["id"] in {check["partnerId"] for check in checks}
        )
        fresh = [
            community.enroll(partner, program, f"enr_check_{number}", 0, lambda _: "2027-01-01")
            for number in range(12)
        ]
        options = Options(
            write=True,
            partner=partner,
            enrollment=fresh.pop()["id"],
            deleted="cases/case_01J9ZT",
            expired_cursor=old_cursor,
            limits=PATIENT,
        )
        yield Grid(layer, info["communityBaseUrl"], _new_token(url, info), fresh, options)


def _new_token(url: str, info: dict[str, Any]) -> str:
    answer = httpx.post(
        f"{url}/v1/oauth2/tokens?grant_type=client_credentials",
        auth=(info["consumerKey"], info["consumerSecret"]),
    )
    return str(answer.json()["access_token"])


def is_observed(name: str) -> bool:
    """Return whether every response is held to a rule, so that it needs the traffic of others."""
    return any(
        rule.name == name and rule.check is None
        for capability in CAPABILITIES
        for rule in capability.rules
    )


def texts(report: Report) -> list[str]:
    """Return what does not hold, for the message of a failed test."""
    return [
        f"{finding.rule.name}: {fault.text}"
        for finding in report.findings
        for fault in finding.faults
    ]


def test_emulator_passes_every_rule(grid: Grid) -> None:
    report = grid.run()

    skipped = {
        finding.rule.name: finding.reason
        for finding in report.findings
        if finding.verdict is Verdict.SKIPPED
    }
    assert texts(report) == []
    assert skipped == {}
    assert report.left == []
    assert report.holds


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_planted_fault_is_found_by_its_rule(grid: Grid, planted: Planted) -> None:
    hasty = planted.rule in FOUND_BY_WAITING
    options = grid.options_for_steps() if planted.rule.startswith("steps.") else grid.options
    grid.layer.fault = planted.make()
    try:
        report = grid.run(
            *TRAFFIC if is_observed(planted.rule) else (planted.rule,),
            options=replace(options, limits=HASTY if hasty else PATIENT),
        )
    finally:
        grid.layer.fault = None

    assert planted.rule in report.broken_rules(), texts(report)
    assert not report.holds


def test_own_gateway_passes_every_rule() -> None:
    with serve_gateway() as hub:
        client = ProfileClient(hub)
        hub.play_changes(20)
        hub.delete_record("cases", "case_01J9ZT")
        options = Options(
            write=True,
            partner=BALTIC,
            enrollment="enr_01J9QK",
            deleted="cases/case_01J9ZT",
            limits=PATIENT,
        )
        receiver = Receiver("127.0.0.1", 0)
        try:
            token = client.headers["authorization"].removeprefix("Bearer ")
            report = check_gateway(hub.url + BASE, token, options, receiver=receiver)
        finally:
            receiver.close()

    skipped = {
        finding.rule.name: finding.reason
        for finding in report.findings
        if finding.verdict is Verdict.SKIPPED
    }
    assert texts(report) == []
    assert report.left == []
    # The partner is not active yet, and the clock of a test server cannot be in the past.
    assert set(skipped) <= {"transitions.partner", "feed.cursor_expired"}


def test_content_that_is_kept_elsewhere_is_read_without_the_token(grid: Grid) -> None:
    grid.layer.fault = keep_content_elsewhere()
    try:
        report = grid.run("documents")
    finally:
        grid.layer.fault = None

    assert texts(report) == []


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "text/html"), (405, "text/plain"), (501, "application/json")]
)
def test_gateway_that_does_not_tell_its_sources_keeps_the_profile(
    grid: Grid, status: int, kind: str
) -> None:
    grid.layer.fault = answer_capabilities(status, kind)
    try:
        report = grid.run("capabilities")
    finally:
        grid.layer.fault = None

    verdicts = {finding.rule.name: finding.verdict for finding in report.findings}
    own = {name: verdict for name, verdict in verdicts.items() if name.startswith("capabilities.")}
    assert texts(report) == []
    assert own.pop("capabilities.answered") is Verdict.HOLDS
    assert set(own.values()) == {Verdict.SKIPPED}
    assert len(own) == 4


@pytest.mark.parametrize("location", ["ftp://{host}/{path}", "/elsewhere", "http://u:p@{host}/"])
def test_redirect_of_content_to_an_unsafe_address_is_a_fault(grid: Grid, location: str) -> None:
    grid.layer.fault = keep_content_elsewhere(location)
    try:
        report = grid.run("documents.digest")
    finally:
        grid.layer.fault = None

    assert report.broken_rules() == {"documents.digest"}
    assert "redirects to no absolute URL with HTTPS" in texts(report)[0]


def test_run_without_permission_only_reads(grid: Grid) -> None:
    before = len(Emulator(grid.origin).requests())

    report = grid.run(options=Options(limits=PATIENT))

    methods = {entry["method"] for entry in Emulator(grid.origin).requests()[before:]}
    assert methods == {"GET"}
    assert texts(report) == []
    assert {
        finding.rule.need
        for finding in report.findings
        if finding.verdict is Verdict.SKIPPED and "--write" in finding.reason
    } == {Need.WRITE, Need.WEBHOOKS}


def test_run_closes_what_it_has_created(grid: Grid) -> None:
    headers = {"authorization": f"Bearer {grid.token}"}
    started = httpx.get(f"{grid.url}/events?cursor=now", headers=headers).json()["nextCursor"]

    grid.run("versions", "transitions", "documents", "webhooks")

    created, cursor = set[str](), started
    while True:
        page = httpx.get(
            f"{grid.url}/events", params={"cursor": cursor, "limit": 200}, headers=headers
        ).json()
        created |= {
            event["subject"]
            for event in page["items"]
            if event["type"].endswith((".created", ".received"))
            or event["data"]["after"].get("category") == "other"
        }
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            break
    states = {
        httpx.get(f"{grid.url}/{subject}", headers=headers).json()["status"] for subject in created
    }
    assert len(created) > 10
    assert states <= {"closed", "cancelled", "completed", "rejected", "duplicate", "withdrawn"}
    assert httpx.get(f"{grid.url}/webhook-endpoints", headers=headers).json()["items"] == []


def test_run_that_reaches_its_limit_still_closes_what_it_has_created(grid: Grid) -> None:
    report = grid.run(
        "versions", options=replace(grid.options, limits=replace(PATIENT, requests=9))
    )

    reasons = {finding.reason for finding in report.findings}
    assert any("the run has used its 9 requests" in reason for reason in reasons)
    assert report.left == []


def test_records_that_stay_open_are_named(grid: Grid) -> None:
    grid.layer.fault = refuse_transition("cases", "cancelled")
    try:
        report = grid.run("patches.empty")
    finally:
        grid.layer.fault = None

    assert len(report.left) == 1
    assert "the transition to cancelled answers 409" in report.left[0]


@pytest.mark.parametrize(
    ("rule", "write"),
    [
        ("transitions.partner", match("POST", "/partners/*/transitions")),
        ("patches.partner", match("PATCH", "/partners/*")),
    ],
)
def test_partner_is_restored_after_a_failed_rule(grid: Grid, rule: str, write: Match) -> None:
    address = f"{grid.url}/partners/{grid.options.partner}"
    headers = {"authorization": f"Bearer {grid.token}"}
    before = httpx.get(address, headers=headers).json()
    grid.layer.fault = fail_once(write, 2)
    try:
        report = grid.run(rule)
    finally:
        grid.layer.fault = None

    after = httpx.get(address, headers=headers).json()
    assert report.broken_rules() == {rule}
    assert report.left == []
    assert after["version"] > before["version"]
    assert [after[name] for name in ("status", "legalName")] == [
        before[name] for name in ("status", "legalName")
    ]


def run_command(grid: Grid, *arguments: str) -> Result:
    """Run ``gridwix gateway check`` against the emulator, with a token in the environment."""
    environment = {"GRIDWIX_GATEWAY_TOKEN": grid.token}
    return CliRunner().invoke(app, ["gateway", "check", *arguments], env=environment)


def test_command_prints_capabilities_and_ends_with_0(grid: Grid) -> None:
    result = run_command(grid, grid.url, "--only", "reads")

    assert result.exit_code == 0
    assert "Single reads" in result.stdout
    assert "reads.etag" in result.stdout
    assert "not checked: it writes, which was not allowed (--write)" in result.stdout


def test_command_says_once_per_capability_why_its_rules_were_not_checked(grid: Grid) -> None:
    short = run_command(grid, grid.url, "--only", "versions", "--only", "authentication")
    verbose = run_command(
        grid, grid.url, "--only", "versions", "--only", "authentication", "--verbose"
    )

    reason = "not checked: it writes, which was not allowed (--write)"
    assert short.stdout.count(reason) == 2
    assert "? │ 7 rules │" in short.stdout
    assert "? │ authentication.write_without_token │" in short.stdout
    assert "versions.start_at_one" not in short.stdout
    assert verbose.stdout.count(reason) == 8
    assert "versions.start_at_one" in verbose.stdout
    assert "8 not checked" in short.stdout
    assert "8 not checked" in verbose.stdout


def test_command_shows_the_exchange_of_a_fault_and_ends_with_1(grid: Grid) -> None:
    grid.layer.fault = next(one for one in PLANTED if one.name == "a weak ETag").make()
    try:
        result = run_command(grid, grid.url, "--only", "reads")
    finally:
        grid.layer.fault = None

    assert result.exit_code == 1
    assert "✗ reads.etag: partners: the ETag is W/" in result.stdout
    assert "GET /partners/" in result.stdout
    assert "etag: W/" in result.stdout
    assert grid.token not in result.stdout


def test_command_prints_json_for_programs(grid: Grid) -> None:
    result = run_command(grid, grid.url, "--only", "lists.order", "--json")

    report = json.loads(result.stdout)
    Draft202012Validator(json.loads(schema_path("gateway check").read_text())).validate(report)
    assert report["holds"] is True
    assert report["counts"]["broken"] == 0
    rules = {rule["rule"]: rule for part in report["capabilities"] for rule in part["rules"]}
    assert rules["lists.order"]["verdict"] == "holds"


def test_command_gets_a_token_and_receives_webhooks(grid: Grid) -> None:
    info = Emulator(grid.origin).info()
    environment = {
        "GRIDWIX_GATEWAY_CONSUMER_KEY": info["consumerKey"],
        "GRIDWIX_GATEWAY_CONSUMER_SECRET": info["consumerSecret"],
    }
    arguments = [
        grid.url,
        "--token-url",
        f"{grid.origin}/v1/oauth2/tokens",
        "--write",
        "--partner",
        str(grid.options.partner),
        "--webhook-listen",
        "127.0.0.1:0",
        "--only",
        "webhooks.signature",
    ]

    result = CliRunner().invoke(app, ["gateway", "check", *arguments], env=environment)

    assert result.exit_code == 0, result.output
    assert "✓ │ webhooks.signature" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--write"], "--partner"),
        (["--partner", "GC1"], "need --write"),
        (["--webhook-url", "https://a.example"], "needs --webhook-listen"),
        (["--write", "--partner", "GC1", "--webhook-listen", "8090"], "HOST:PORT"),
    ],
)
def test_command_line_that_permits_by_halves_is_refused(
    grid: Grid, arguments: list[str], fault: str
) -> None:
    result = run_command(grid, grid.url, *arguments)

    assert result.exit_code == 2
    assert fault in result.stderr


@pytest.mark.parametrize("seed", range(2))
def test_hostile_values_are_faults_and_stop_nothing(grid: Grid, seed: int) -> None:
    grid.layer.fault = send_hostile_values(seed)
    try:
        report = grid.run(options=replace(grid.options, limits=HASTY))
    finally:
        grid.layer.fault = None

    assert "responses.schema" in report.broken_rules()
    shown = json.dumps(gateway_check_output(report).model_dump(mode="json"), ensure_ascii=False)
    assert len(report.findings) == sum(len(one.rules) for one in CAPABILITIES)
    assert "\x1b" not in shown
    assert shown.encode()


def test_every_rule_has_a_planted_fault() -> None:
    rules = {rule.name for capability in CAPABILITIES for rule in capability.rules}

    assert rules - {planted.rule for planted in PLANTED} == NOT_PLANTED
    assert len(PLANTED) > 100
    assert len({planted.name for planted in PLANTED}) == len(PLANTED)
