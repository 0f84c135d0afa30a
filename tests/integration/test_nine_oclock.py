"""Each symptom of the page "Nine o'clock" is played, and the page's own commands mend it.

The commands are read from the page, and run as an operator's shell runs them. A test in
``tests/unit/ops/test_nine_oclock.py`` compares the symptoms of the page with those played here.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from gridwix.mapping.references import reference
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_LINKS, PARTNER_STATUS
from gridwix.models.wix import DataItem
from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.paths import ROOT
from ops.queues import read_attributes, read_depth
from tests.integration.test_commands import streams
from tests.nine_oclock import Symptom, arguments_of, read_symptoms
from tests.printed import one_line_rows

SYMPTOMS = read_symptoms()
PRAIRIE = "GC070000000101"
MEMBER = "9a0c7e11-5d1f-4c55-8e0e-7f4f1f0b9c01"
INVOICE_FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01"
BULK = "/wix-data/v2/bulk/items/save"

PLAYED: dict[str, list[str]] = {}
"""The tests that play a symptom, by its title."""


def plays[F: Callable[..., None]](title: str) -> Callable[[F], F]:
    """Mark a test that plays a symptom of the page."""

    def mark(test: F) -> F:
        PLAYED.setdefault(title, []).append(test.__name__)
        return test

    return mark


def follow(local: LocalEnvironment, command: str, *options: str, **names: str) -> tuple[int, str]:
    """Run a command of the page. Return exit code and output, with each row on one line."""
    arguments = arguments_of(command, **names)
    # The helper adds the stack.
    if "--stack" in arguments:
        at = arguments.index("--stack")
        assert arguments[at : at + 2] in (["--stack", "STACK"], ["--stack", STACK_NAME])
        del arguments[at : at + 2]
    code, out, err = streams(local, *arguments, *options)
    return code, one_line_rows(out + err)


def quoted_command(shown: str, name: str) -> str:
    """Return the command that another command's output names, between backticks."""
    (found,) = set(re.findall(rf"`(gridwix {name}[^`]*)`", shown))
    return str(found)


@pytest.fixture(scope="module", autouse=True)
def member(local_cloud: LocalEnvironment) -> None:
    """A member of the site, without a partner."""
    local_cloud.wix.order(
        "members", {"id": MEMBER, "loginEmail": f"{MEMBER}@x.example", "status": "APPROVED"}
    )


@pytest.fixture(autouse=True)
def calm(local_cloud: LocalEnvironment) -> Iterator[None]:
    local_cloud.wait_until_idle()
    yield
    local_cloud.trading_grid.clear("faults")
    local_cloud.wix.clear("faults")
    local_cloud.wait_until_idle()


REFUSED = "gridwix refused"
PORTAL_IS_WRONG: Symptom = SYMPTOMS['"The portal is wrong for our partner"']


@plays(PORTAL_IS_WRONG.title)
def test_portal_is_wrong_because_somebody_removed_the_row(local_cloud: LocalEnvironment) -> None:
    (look,) = PORTAL_IS_WRONG.commands
    local_cloud.connections.wix.remove_item(PARTNER_STATUS, item_id(PRAIRIE))

    _, seen = follow(local_cloud, look)
    mend = PORTAL_IS_WRONG.command_for("somebody removed it")
    code, mended = follow(local_cloud, mend, "--yes")
    _, after = follow(local_cloud, look)

    assert "somebody removed it" in seen
    assert code == 0, mended
    assert "somebody removed it" not in after
    assert "The row is up to date" in after
    assert "The row is up to date" in PORTAL_IS_WRONG.answers
    assert item_id(PRAIRIE) in local_cloud.partner_rows()


@plays(PORTAL_IS_WRONG.title)
def test_portal_is_wrong_because_a_message_is_a_dead_letter(local_cloud: LocalEnvironment) -> None:
    (look,) = PORTAL_IS_WRONG.commands
    sqs, pair = local_cloud.stack.aws.sqs, local_cloud.stack.queue("status_publisher")
    policy = read_attributes(sqs, pair.url)["RedrivePolicy"]
    # One attempt in place of twenty, which take hours.
    once = re.sub(r'("maxReceiveCount": ?"?)\d+', r"\g<1>1", policy)
    assert once != policy
    sqs.set_queue_attributes(QueueUrl=pair.url, Attributes={"RedrivePolicy": once})
    local_cloud.wix.order("faults", {"kind": "status", "status": 403, "path": BULK, "times": 1000})
    try:
        change_a_check(local_cloud)
        local_cloud.wait_for(
            lambda: read_depth(sqs, pair.dead_letter_url).total == 1, "the dead letter"
        )
        _, seen = follow(local_cloud, look)
        _, status = follow(local_cloud, SYMPTOMS['"All partners see old data"'].commands[0])
    finally:
        # "Remove the cause"
        local_cloud.wix.clear("faults")
        sqs.set_queue_attributes(QueueUrl=pair.url, Attributes={"RedrivePolicy": policy})
    code, moved = follow(local_cloud, quoted_command(seen, "redrive"), "--yes")
    local_cloud.wait_until_idle()
    _, after = follow(local_cloud, look)

    assert "is in its dead-letter queue" in seen
    assert "is in its dead-letter queue" in PORTAL_IS_WRONG.answers
    assert "1 dead letter" in status
    assert (code, "1 message is back" in moved) == (0, True)
    assert "dead-letter queue" not in after
    assert "The row is up to date" in after


def change_a_check(local: LocalEnvironment) -> None:
    check = local.gateway.get_record("compliance-checks", "chk_asn_timing_pgf")
    to = "pending" if check["status"] == "failed" else "failed"
    local.gateway.make_transition("compliance-checks", check, to, "Again.")


@plays(PORTAL_IS_WRONG.title)
def test_portal_is_wrong_because_a_message_waits(local_cloud: LocalEnvironment) -> None:
    (look,) = PORTAL_IS_WRONG.commands
    local_cloud.wix.order("faults", {"kind": "status", "status": 403, "path": BULK, "times": 1000})
    change_a_check(local_cloud)
    waiting = re.compile(r"waits \((\w+), next attempt ")
    try:
        seen = local_cloud.wait_for(
            lambda: waiting.search(follow(local_cloud, look)[1]), "the first attempt to fail"
        )
    finally:
        local_cloud.wix.clear("faults")
    local_cloud.wait_until_idle()
    _, after = follow(local_cloud, look)

    assert seen is not None
    assert "waits (REASON, next attempt ...)" in PORTAL_IS_WRONG.answers
    assert f"`{seen[1]}`" in (ROOT / "docs/runbook.md").read_text()
    assert "The row is up to date" in after


@plays(PORTAL_IS_WRONG.title)
def test_portal_is_wrong_because_wix_refused_the_row(local_cloud: LocalEnvironment) -> None:
    (look,) = PORTAL_IS_WRONG.commands
    options = {"ids": [item_id(PRAIRIE)], "code": "WDE0009", "description": "Too large"}
    local_cloud.wix.order("faults", {"kind": "refuse_items", "options": options, "times": 1000})
    change_a_check(local_cloud)
    try:
        local_cloud.wait_for(
            lambda: item_id(PRAIRIE) in follow(local_cloud, REFUSED)[1], "the refusal"
        )
        _, seen = follow(local_cloud, look)
        _, reason = follow(local_cloud, PORTAL_IS_WRONG.command_for("Wix refused the row"))
    finally:
        local_cloud.wix.clear("faults")
    # "Correct the record in Trading Grid": what is changed now is accepted.
    change_a_check(local_cloud)
    local_cloud.wait_until_idle()
    _, after = follow(local_cloud, look)

    assert "Wix refused the row" in seen
    assert "WDE0009" in reason
    assert "Too large" in reason
    assert "Wix refused the row" not in after
    assert "The row is up to date" in after


@plays(PORTAL_IS_WRONG.title)
def test_portal_is_wrong_and_nothing_is_known_of_the_id(local_cloud: LocalEnvironment) -> None:
    sentence = "Nothing is known of ..."
    issue = local_cloud.connections.wix.query_items(OPEN_ISSUES, limit=1).items[0]

    code, seen = follow(local_cloud, "gridwix trace case_of_nobody")
    by_row = PORTAL_IS_WRONG.command_for(sentence).replace("case_1", issue.id)
    found, row = follow(local_cloud, by_row)

    assert (code, found) == (1, 0)
    assert sentence.removesuffix(" ...") in seen
    assert "The row is up to date" in row


@plays('"We sent a form, and nobody answers"')
def test_form_that_nobody_answers_is_found_by_its_reference_and_released(
    local_cloud: LocalEnvironment,
) -> None:
    if local_cloud.own_gateway is not None:
        pytest.skip("only the emulator can be told to refuse a request")
    trace, held_list = SYMPTOMS['"We sent a form, and nobody answers"'].commands
    link_member(local_cloud, PRAIRIE)
    local_cloud.trading_grid.order(
        "faults",
        {
            "kind": "status",
            "status": 422,
            "path": "/community/v1/collaboration-requests",
            "method": "POST",
            "times": 1,
        },
    )
    answers = {
        "invoice_number": "INV-90001",
        "question": "Which price will you pay?",
        "your_name": "Dana",
        "email": "ap@prairiegold.example",
    }
    order = {"formId": INVOICE_FORM, "submissions": answers, "memberId": MEMBER}
    identifier = str(local_cloud.wix.order("submissions", order)["submission"]["id"])
    (mentioned,) = re.findall(r"GX-\S+", trace)
    try:
        local_cloud.wait_for(
            lambda: identifier in follow(local_cloud, held_list)[1], "the submission to be held"
        )
        _, listed = follow(local_cloud, held_list)
        _, story = follow(local_cloud, trace.replace(mentioned, reference(identifier)))
        code, released = follow(local_cloud, held_list, "--release", identifier, "--yes")
        local_cloud.wait_until_idle()
        _, after = follow(local_cloud, held_list)
        _, answered = follow(local_cloud, trace.replace(mentioned, reference(identifier)))
    finally:
        unlink_member(local_cloud)

    assert reference(identifier) in listed
    assert "refused" in listed
    assert "refused" in story
    assert (code, "is queued for delivery" in released) == (0, True)
    assert identifier not in after
    assert "collaboration-requests/" in answered


OLD_DATA = SYMPTOMS['"All partners see old data"']


@plays(OLD_DATA.title)
def test_old_data_of_all_partners_because_a_function_is_paused(
    local_cloud: LocalEnvironment,
) -> None:
    status, doctor = OLD_DATA.commands
    (look,) = PORTAL_IS_WRONG.commands
    streams(local_cloud, "pause", "status-publisher", "--yes")
    change_a_check(local_cloud)

    try:
        _, row = follow(local_cloud, look)
        code, seen = follow(local_cloud, status)
        # The command is in the row of the fault.
        _, resumed = follow(local_cloud, quoted_command(seen, "resume"), "--yes")
    finally:
        streams(local_cloud, "resume", "status-publisher", "--yes")
    local_cloud.wait_until_idle()
    right, after = follow(local_cloud, status)
    healthy, checked = follow(local_cloud, doctor, "--timeout", "60")

    # Nobody but the queue knows of the event, and the page sends the reader there.
    assert "no event about it is waiting" in row
    assert status in PORTAL_IS_WRONG.answers["no event about it is waiting"]
    assert code == 1
    assert "paused for" in seen
    assert "status_publisher runs again: about" in resumed
    assert (right, "Nothing is wrong" in after) == (0, True)
    assert (healthy, "Nothing is wrong" in checked) == (0, True)


@plays('"A section is empty, or missing"')
def test_section_that_is_missing_has_no_source_and_doctor_names_one(
    local_cloud: LocalEnvironment,
) -> None:
    symptom = SYMPTOMS['"A section is empty, or missing"']
    (doctor,) = symptom.commands
    if local_cloud.own_gateway is None:
        settings = f"{local_cloud.trading_grid.url}/__emulator/settings"
        httpx.post(settings, json={"withoutSource": ["service-notices"]}).raise_for_status()
    # The rights to one collection are gone as well: that is a fault, and a level is none.
    fault = {"kind": "status", "status": 403, "path": "/wix-data/v2/collections*", "times": 1000}
    local_cloud.wix.order("faults", fault)
    try:
        code, seen = follow(local_cloud, doctor, "--timeout", "60")
    finally:
        local_cloud.wix.clear("faults")
        if local_cloud.own_gateway is None:
            httpx.post(settings, json={"withoutSource": []}).raise_for_status()

    assert code == 1
    assert "lacks the permission for Wix Data (manage collections and indexes)" in seen
    assert "`Level`" in symptom.text
    # The sources of the gateway are those of the checkout, whichever these are.
    assert local_cloud.own_gateway is not None or "Level | notices | - | " in seen, seen


TOLD = SYMPTOMS['"They were not told", "they were told twice"']


@plays(TOLD.title)
def test_partner_who_was_not_told_is_told_once_after_a_retry(
    local_cloud: LocalEnvironment,
) -> None:
    failed, trace = TOLD.commands
    partner_id, check = partner_with_an_open_check(local_cloud)
    link_member(local_cloud, partner_id)
    local_cloud.wix.order(
        "faults",
        {"kind": "status", "status": 404, "path": "/_api/webhook-trigger/*", "times": 1000},
    )
    try:
        if check["status"] == "failed":
            check = local_cloud.gateway.make_transition("compliance-checks", check, "pending")
        local_cloud.gateway.make_transition("compliance-checks", check, "passed", "Done.")
        subject = f"compliance-checks/{check['id']}"
        local_cloud.wait_for(
            lambda: subject in follow(local_cloud, failed)[1], "the failed dispatch"
        )
        _, listed = follow(local_cloud, failed)
        _, story = follow(local_cloud, trace, "--json", RECORD=subject)
        local_cloud.wix.clear("faults")
        for dispatch in dispatches_about(listed, subject):
            code, retried = follow(local_cloud, failed, "--retry", dispatch, "--yes")
            assert code == 0, retried
        local_cloud.wait_until_idle()
        _, after = follow(local_cloud, failed)
        _, told = follow(local_cloud, trace, "--json", RECORD=subject)
    finally:
        unlink_member(local_cloud)

    assert "upstream_not_found" in listed
    by_mail = '"compliance-review-completed email": '
    assert f'{by_mail}"failed:upstream_not_found"' in story
    assert told.count(f'{by_mail}"sent"') == 1
    assert subject not in after
    assert [mail["campaign"] for mail in mails(local_cloud)] == ["compliance-review-completed"]


def partner_with_an_open_check(local: LocalEnvironment) -> tuple[str, Any]:
    """A partner of no other test, and a check of it that can be passed."""
    for number in range(190, 150, -1):
        partner_id = PartnerId(f"GC08{number:010}")
        for check in local.connections.community.compliance_checks([partner_id]).records:
            if check.status in ("failed", "pending"):
                return partner_id, local.gateway.get_record("compliance-checks", check.id)
    pytest.fail("no partner has a check that can be passed")


def dispatches_about(listed: str, subject: str) -> list[str]:
    """Return the ids of dispatches about a record in the list of `gridwix campaign failed`."""
    rows = [line.split(" | ") for line in listed.splitlines()]
    return [row[0] for row in rows if subject in row]


def mails(local: LocalEnvironment) -> list[dict[str, Any]]:
    received = local.wix.read("automations/received")["received"]
    return [call["body"] for call in received if call["body"].get("email") == f"{MEMBER}@x.example"]


@plays('"Somebody must not see this any more"')
def test_member_who_must_not_see_a_partner_any_more_is_unlinked(
    local_cloud: LocalEnvironment,
) -> None:
    links, unlink = SYMPTOMS['"Somebody must not see this any more"'].commands
    link_member(local_cloud, PRAIRIE)

    _, before = follow(local_cloud, links)
    (member,) = re.findall(MEMBER, before)
    code, said = follow(local_cloud, unlink, "--yes", MEMBER=member)
    _, after = follow(local_cloud, links)

    assert (code, "no longer acts for" in said) == (0, True)
    assert MEMBER not in after


def link_member(local: LocalEnvironment, partner_id: str) -> None:
    fields = {"memberId": MEMBER, "partnerId": partner_id, "role": "admin"}
    local.connections.wix.save_item(PARTNER_LINKS, DataItem(WixItemId(f"link-{MEMBER}"), fields))


def unlink_member(local: LocalEnvironment) -> None:
    local.connections.wix.remove_item(PARTNER_LINKS, WixItemId(f"link-{MEMBER}"))


@plays("After the incident")
def test_after_the_incident_everything_is_green(local_cloud: LocalEnvironment) -> None:
    status, doctor, reconcile = SYMPTOMS["After the incident"].commands

    codes = {
        status: follow(local_cloud, status),
        doctor: follow(local_cloud, doctor, "--timeout", "60"),
        reconcile: follow(local_cloud, reconcile),
    }

    assert {command: code for command, (code, _) in codes.items()} == dict.fromkeys(codes, 0), codes
    assert "Nothing is wrong" in codes[status][1]
    assert "Nothing is wrong" in codes[doctor][1]
