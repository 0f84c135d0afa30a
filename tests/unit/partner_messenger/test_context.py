"""Data that templates can use, and the keys of occasions."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.configuration.campaigns import FIELDS, UNTOLD, Ahead, RecordKind, Trigger, member_of
from gridwix.models.ids import PartnerId
from gridwix.models.time_zones import time_zone
from gridwix.models.trading_grid.entities import Payload
from gridwix.models.trading_grid.onboarding import StepInstance
from gridwix.partner_messenger.context import (
    MAX_ITEMS,
    MAX_TEXT,
    NAMES,
    generated_texts,
    record_fields,
    template_context,
)
from gridwix.partner_messenger.dispatches import Text
from gridwix.partner_messenger.messages import digest_text, rendered_text, rendered_texts
from gridwix.partner_messenger.record_cache import MessageRecord
from gridwix.partner_messenger.selection import (
    date_occasions,
    digest_dispatch,
    dispatch_id,
    event_occasions,
    is_version_current,
    triggered_campaigns,
)
from gridwix.runtime.configuration import configuration
from ops.campaigns import COLLECTIONS, OF_KIND, STEP, sample_of
from tests.factories import (
    BALTIC,
    NOW,
    PRAIRIE_GOLD,
    case,
    change,
    check,
    enrollment,
    notice,
    partner,
    texts,
)
from tests.fakes.messaging import campaigns
from tests.unit.mapping.test_case_texts import opened

P1 = PartnerId(PRAIRIE_GOLD)
EACH = campaigns(each={}).campaigns["each"]


def words(
    kind: RecordKind, entity: MessageRecord, locale: str = "en", zone: tzinfo | None = None
) -> Mapping[str, Any]:
    fields = record_fields(kind, entity, STEP)
    assert fields is not None
    said = texts()
    return template_context(
        kind,
        fields,
        generated_texts(entity, said),
        partner(country="US"),
        said,
        "https://portal.example",
        locale,
        zone,
    )


@pytest.mark.parametrize("kind", OF_KIND)
def test_context_is_plain_data_of_the_names_that_templates_know(kind: RecordKind) -> None:
    found = words(kind, sample_of(kind))

    assert set(found) == NAMES
    assert json.loads(json.dumps(found)) == found


def test_context_holds_nobody_else_and_nothing_internal() -> None:
    said = str(words("notice", notice(audience={"partnerIds": [PRAIRIE_GOLD, BALTIC]})))
    said += str(
        words(
            "case",
            case(
                assignee="Robin Vega",
                transactionRefs=[{"message": "quoted document", "correlationId": "c-1"}],
            ),
        )
    )
    said += str(words("check", check(findings=[{"message": "late"}])))

    assert not any(text in said for text in (BALTIC, "Robin", "quoted document", "late"))


def test_values_are_cut_and_subclasses_of_text_are_plain() -> None:
    class Loud(str):
        def __str__(self) -> str:
            raise AssertionError("a value did something")

    record = case(subject="x" * 9_999).model_copy(update={"next_step": Loud("call us")})
    found = words("case", record)["record"]
    many = words(
        "notice",
        notice(affectedTransactionTypes=[{"code": str(n), "standard": "x12"} for n in range(99)]),
    )["record"]

    assert (len(found["subject"]), type(found["next_step"]), len(many["transaction_types"])) == (
        MAX_TEXT,
        str,
        MAX_ITEMS,
    )


def test_record_that_is_gone_or_of_another_kind_has_no_fields() -> None:
    steps = [{"key": STEP, "status": "available"}]

    assert record_fields("case", case(deletedAt=NOW)) is None
    assert record_fields("check", case()) is None
    assert record_fields("step", enrollment(steps=steps), "other") is None
    assert record_fields("step", enrollment(steps=steps, status="withdrawn"), STEP) is None
    assert record_fields("step", enrollment(steps=steps, status="completed"), STEP) is not None


def test_body_is_cleaned_whatever_the_template_holds() -> None:
    body = (
        '<p onclick="x()">Hi</p><script>alert(1)</script><a href="javascript:x">a</a>'
        '<img src="https://t.example/p.png"><iframe src="https://x.example"></iframe>'
    )
    text = {"title": "Hi\r\nBcc: x@y.example", "body": body + '<a href="{{ portal.url }}">b</a>'}
    campaign = campaigns(hostile={"texts": {"en": text}}).campaigns["hostile"]

    made = rendered_text(campaign, "en", partial(words, "check", check()), UTC)

    assert made.title == "Hi Bcc: x@y.example"
    assert not any(
        bad in made.body for bad in ("script", "onclick", "javascript", "<img", "iframe")
    )
    assert 'href="https://portal.example"' in made.body


def test_message_has_labels_and_gridwixs_case_texts_in_its_language_and_a_persons_as_is() -> None:
    text = {
        "title": "{{ record.subject }}",
        "body": "<p>{{ labels.status }}: {{ record.next_step }}</p>",
    }
    campaign = campaigns(
        spoken={"texts": {"en": text, "de": text, "fr": text, "it": text}}
    ).campaigns["spoken"]
    ours = opened("ship_notice_rejected", status="awaiting_partner").model_copy(
        update={"next_step": "Call dock 4."}
    )

    made = rendered_texts(campaign, partial(words, "case", ours), UTC)

    assert made["de"].title == "856 Lieferavis zu Bestellung 4500187734 wurde abgelehnt"
    assert made["de"].body == "<p>Wartet auf Sie: Call dock 4.</p>"
    assert made["fr"].title == "Document refusé – 856 avis d’expédition (commande 4500187734)"
    assert made["fr"].body == "<p>En attente de votre réponse: Call dock 4.</p>"
    assert made["en"] == made["it"] == Text(ours.subject, "<p>Waiting for you: Call dock 4.</p>")


def test_digest_names_what_would_make_it_too_long() -> None:
    texts = [Text(f"Issue {number} <b>", "<p>" + "x" * 9_000 + "</p>") for number in range(5)]

    made = digest_text(texts, "de", configuration().messaging)

    assert made.title == "Ihr Partnerportal heute"
    assert len(made.body) <= 20_000
    assert [f"Issue {number} &lt;b&gt;" in made.body for number in range(5)] == [True] * 5
    assert made.body.count("x" * 9_000) == 2


keys = st.tuples(
    *(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8) for _ in range(5))
)


@given(st.lists(keys, min_size=2, max_size=2, unique=True))
def test_dispatches_that_differ_in_anything_have_ids_that_differ_and_fit_wix(
    pair: list[tuple[str, str, str, str, str]],
) -> None:
    one, other = (dispatch_id(*key) for key in pair)

    assert one != other
    assert dispatch_id(*pair[0]) == one
    assert len(one) <= 50


def test_occasions_of_an_event_are_named_by_it_or_by_its_record() -> None:
    made = campaigns(
        each={},
        once={"trigger": {"events": ["case.created"], "once": "record"}},
        later={"trigger": {"events": ["case.created"], "after_hours": [1, 2]}},
    ).campaigns
    event = change("evt_7", subject="cases/case_1")
    names = {
        key: [one.occasion for one in event_occasions(key, campaign, event, {}, 3, P1, NOW)]
        for key, campaign in made.items()
    }

    assert names == {"each": ["evt_7"], "once": ["cases/case_1"], "later": ["evt_7+1h", "evt_7+2h"]}


def test_occasion_of_a_version_is_named_by_it_and_over_when_another_is_current() -> None:
    trigger = {"events": ["document.version_added"], "once": "version"}
    made = campaigns(
        now={"trigger": trigger}, later={"trigger": {**trigger, "after_hours": [24]}}
    ).campaigns
    event = change("evt_7", type="document.version_added", subject="documents/doc_1")
    known = {
        key: next(event_occasions(key, campaign, event, {"version": 2}, 9, P1, NOW))
        for key, campaign in made.items()
    }

    assert {key: one.occasion for key, one in known.items()} == {
        "now": "documents/doc_1@v2",
        "later": "documents/doc_1@v2+24h",
    }
    for version, current in ((1, False), (2, True), (20, False)):
        assert [
            is_version_current(made[key], one, {"version": version}) for key, one in known.items()
        ] == [current, current]
    assert is_version_current(EACH, known["now"], {"version": 3})


CHANGING: Mapping[RecordKind, type[Payload]] = {
    kind: COLLECTIONS[collection]
    for kind, collection in OF_KIND.items()
    if collection in COLLECTIONS
} | {"step": StepInstance}
"""Model of the record that the events of each kind are about; of an invitation nothing changes."""


@pytest.mark.parametrize("kind", CHANGING)
def test_every_field_that_can_be_said_to_have_changed_is_a_member_of_its_record(
    kind: RecordKind,
) -> None:
    # A record's own version is none of its fields: every event raises it.
    aliases = {field.alias for field in CHANGING[kind].model_fields.values()} - {"version"}

    assert {
        member_of(kind, field) for field in FIELDS[kind] - UNTOLD.get(kind, frozenset())
    } <= aliases
    assert not {member_of(kind, field) for field in UNTOLD.get(kind, frozenset())} & aliases


@pytest.mark.parametrize(
    ("trigger", "changed", "before", "begins"),
    [
        ({}, [], None, True),
        ({"changed": ["due_at", "priority"]}, ["dueAt"], None, True),
        ({"changed": ["due_at", "priority"]}, ["subject", "due_at"], None, False),
        ({"changed": ["due_at"]}, ["dueAt", "status"], "open", True),
        ({"changed": ["due_at"]}, ["dueAt", "status"], "new", False),
        ({"changed": ["due_at", "status"]}, ["status"], "new", True),
        ({"changed": ["due_at"], "when": {}}, ["dueAt"], "new", True),
    ],
)
def test_event_begins_a_campaign_if_what_it_names_has_changed(
    trigger: dict[str, Any], changed: list[str], before: str | None, begins: bool
) -> None:
    asked = {
        "events": ["case.updated"],
        "when": {"status": ["open", "awaiting_partner"]},
        **trigger,
    }
    event = change(
        type="case.updated", subject="cases/case_1", changed=changed, status={"before": before}
    )

    assert [
        key for key, _ in triggered_campaigns(event, campaigns(one={"trigger": asked}).campaigns)
    ] == ["one"] * begins


@settings(deadline=None)
@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    ahead=st.integers(-40, 400),
    days=st.sets(st.integers(0, 365), min_size=1, max_size=4),
)
def test_dates_that_draw_near_are_those_to_come_at_nine_in_the_morning(
    day: date, ahead: int, days: set[int]
) -> None:
    trigger = Trigger(
        events=("compliance.status_changed",), ahead=Ahead(field="valid_until", days=tuple(days))
    )
    campaign = EACH.model_copy(update={"trigger": trigger})
    now, zone = datetime(day.year, day.month, day.day, 12, tzinfo=UTC), time_zone("America/Chicago")
    end = day + timedelta(days=ahead)

    made = list(
        date_occasions(
            "certificate",
            campaign,
            "compliance-checks/c",
            {"valid_until": end.isoformat()},
            1,
            P1,
            zone,
            now,
        )
    )

    assert all(one.due_at > now and one.due_at.astimezone(zone).hour == 9 for one in made)
    wanted = {number for number in days if end - timedelta(days=number) >= day}
    assert {(end - one.due_at.astimezone(zone).date()).days for one in made} == wanted


def test_digests_of_a_time_are_one_for_each_person_channel_and_kind() -> None:
    (occasion,) = event_occasions("each", EACH, change(), {}, 1, P1, NOW)

    ids = {
        digest_dispatch(occasion, kind, NOW + timedelta(days=number)).id
        for kind in ("transactional", "marketing")
        for number in (0, 0, 1)
    }

    assert len(ids) == 4
