"""No row that gridwix makes is too large for Wix, in any script; the newest stays, the rest is
counted.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from html import escape
from itertools import count
from typing import Any, NamedTuple, get_args, get_origin

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridwix.clients.wix.bulk import save_chunks
from gridwix.clients.wix.codec import encode
from gridwix.mapping.cuts import CUT
from gridwix.mapping.html import sanitize_html
from gridwix.mapping.row_sizes import LONGEST_TEXT, fit_row, marked_fields, wire_size
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.portal.onboarding import OnboardingProgressRow, OnboardingStepRow
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.partner_activity import PartnerActivityRow
from gridwix.models.portal.partner_documents import PartnerDocumentRow
from gridwix.models.portal.partner_messages import PartnerMessageRow
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.portal.partner_status import PartnerStatusRow
from gridwix.models.portal.rows import MAX_ROW_BYTES, RowModel
from gridwix.models.portal.sections import SECTION_OF
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.models.texts import Sentence
from gridwix.models.wix import MAX_ITEM_BYTES, Refusal
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.service_notices import notice_row
from gridwix.publication.merge import Owner, merge_fields
from tests.examples import examples
from tests.factories import NOW, case, comment, notice, texts

ROWS: tuple[type[RowModel], ...] = (
    OnboardingProgressRow,
    OnboardingStepRow,
    OpenIssueRow,
    PartnerActivityRow,
    PartnerDocumentRow,
    PartnerMessageRow,
    PartnerRequestRow,
    PartnerStatusRow,
    ServiceNoticeRow,
)

SCRIPTS = {
    "Latin": "Labels are missing on pallet 4. ",
    "Japanese": "パレットのラベルが足りません。",
    "Chinese": "托盘上缺少标签请补发。",
    "ampersands": '&"<>\\&&"',
    "emoji": "👩🏽‍🚒🇩🇪e\u0301 ",
    "control": "\x01\n\t",
}

BOUNDED = {
    *("partner_id", "partner_ids", "member_id", "roles", "record", "reference", "attachments"),
    *("program_id", "program_key", "step_key", "form_key", "key", "waits_on", "locale"),
    *("status", "status_label", "state", "state_label", "category", "category_label", "type"),
    "classification",
    *("priority", "priority_label", "phase", "phase_label", "owner", "owner_label", "kind"),
    *("kind_label", "impact", "impact_label", "waits_for", "author", "direction", "campaign"),
    *("number", "po_number", "shipment_id", "invoice_number", "exception", "error_code"),
    *("problem", "team", "importance", "document_type", "document_types", "standard"),
    *("required_document_types", "file_id", "file_name", "media_type", "days", "lines", "daily"),
    *("failed_daily",),
}
"""Fields of texts and lists that are ids, codes and labels, which gridwix or its sources bound."""


class Plan(NamedTuple):
    """The contents of a generated row: its script, the length of its texts and of its lists."""

    script: str
    length: int
    entries: int


PLANS = st.builds(
    Plan,
    st.sampled_from(sorted(SCRIPTS)),
    st.sampled_from([0, 9, 300, 2_000, 20_000]),
    st.integers(0, 100),
).filter(lambda plan: plan.length * plan.entries <= 400_000)


def make_row(row: type[RowModel], plan: Plan, numbers: "count[int]") -> RowModel:
    """A row full of numbered texts, so that each entry can be told from the others."""
    made = {}
    for name, field in row.model_fields.items():
        if name in {marks.shrinking.omitted for marks in _shrinking(row).values()}:
            continue
        marks = marked_fields(row)[name]
        words = None if marks.by_people is None else marks.by_people.is_html
        made[name] = _value(field.annotation, words, plan, numbers)
    return row.model_construct(**made)


def _value(wanted: Any, is_html: bool | None, plan: Plan, numbers: "count[int]") -> Any:
    wanted = getattr(wanted, "__value__", wanted)
    some = [one for one in get_args(wanted) if one is not type(None)]
    if get_origin(wanted) is tuple:
        return tuple(_value(some[0], is_html, plan, numbers) for _ in range(plan.entries))
    if get_origin(wanted) in {Mapping, dict}:
        return {name: _value(some[1], None, plan, numbers) for name in ("en", "de", "fr", "es")}
    if some and type(None) in get_args(wanted):
        return _value(some[0], is_html, plan, numbers)
    if wanted is Sentence:
        values = {"title": _words(plan, numbers), "count": 3}
        return Sentence(code="x", values={**values, "more": (Sentence(code="y", values=values),)})
    if isinstance(wanted, type) and issubclass(wanted, RowModel):
        return make_row(wanted, plan, numbers)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return next(iter(wanted))
    if wanted in {int, bool, datetime, date}:
        return {int: 7, bool: True, datetime: NOW, date: NOW.date()}[wanted]
    if is_html is None:
        return f"id{next(numbers)}"
    words = _words(plan, numbers)
    return sanitize_html(f"<p>{escape(words)}</p>") if is_html else words


def _words(plan: Plan, numbers: "count[int]") -> str:
    words = SCRIPTS[plan.script]
    return f"{next(numbers)} {words * (plan.length // len(words))}"


def _shrinking(row: type[RowModel]) -> dict[str, Any]:
    return {name: marks for name, marks in marked_fields(row).items() if marks.shrinking}


def _first_words(entry: Any) -> str:
    """The first number of an entry, which is never cut off."""
    found = entry if isinstance(entry, str) else next(iter(entry.model_dump(mode="json").values()))
    return str(found).removeprefix("<p>").split()[0].rstrip(CUT)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
@settings(deadline=None, max_examples=examples(4))
@given(plan=PLANS)
# Of all plans, those that leave least room: few examples would seldom reach them.
@example(plan=Plan("Japanese", 20_000, 5))
@example(plan=Plan("Latin", 300, 100))
def test_row_of_any_contents_when_fitted_then_keeps_the_newest_and_counts_the_others(
    row: type[RowModel], plan: Plan
) -> None:
    made = make_row(row, plan, count(1))

    fitted = fit_row(made)

    sent = encode(data_item("x" * 50, made).data)
    assert len(sent) <= row.max_bytes
    assert data_item("x" * 50, fitted).data == data_item("x" * 50, made).data
    assert fit_row(fitted) == fitted
    for name, marks in _shrinking(row).items():
        all_entries, kept = getattr(made, name), getattr(fitted, name)
        assert bool(kept) == bool(all_entries)
        newest = all_entries[: len(kept)]
        if marks.shrinking.keeps == "last":
            newest = all_entries[len(all_entries) - len(kept) :]
        assert [_first_words(one) for one in kept] == [_first_words(one) for one in newest]
        if marks.shrinking.omitted:
            left_out = getattr(fitted, marks.shrinking.omitted, None) or 0
            assert len(kept) + left_out == len(all_entries)


def test_rows_above_when_listed_then_are_those_of_all_collections() -> None:
    assert len(ROWS) == len(SECTION_OF)


@pytest.mark.parametrize("row", sorted(RowModel.__subclasses__(), key=str))
def test_field_of_a_row_when_it_has_no_bound_then_is_marked(row: type[RowModel]) -> None:
    free = {
        name
        for name, field in row.model_fields.items()
        if ("str" in str(field.annotation) or "tuple" in str(field.annotation))
        and "Sentence" not in str(field.annotation)
        and marked_fields(row)[name] == (None, None)
    }

    assert free - {"texts"} <= BOUNDED


def test_size_of_a_row_when_measured_then_is_that_of_what_the_client_sends() -> None:
    row = make_row(PartnerStatusRow, Plan("Japanese", 300, 9), count(1))

    assert wire_size(row.model_dump(by_alias=True, exclude_none=True)) == len(
        encode(data_item("x", row).data)
    )


def test_row_that_fits_when_made_then_is_sent_as_it_is() -> None:
    row = make_row(OpenIssueRow, Plan("Japanese", 300, 9), count(1))

    assert fit_row(row) is row


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_issue_with_a_hundred_long_comments_when_published_then_is_not_refused(
    script: str,
) -> None:
    words = SCRIPTS[script]
    said = [
        comment(
            f"cmt_{n:03}", f"{n} {words * (9_000 // len(words))}", format="markdown"
        ).model_copy(update={"created_at": NOW + timedelta(minutes=n)})
        for n in range(100)
    ]
    row = open_issue(case(), said, texts())
    assert row is not None
    refused: list[Refusal] = []

    item = data_item("case_1", row)
    list(save_chunks(CollectionId("OpenIssues"), [item], refused))

    shown = item.data["comments"]
    assert refused == []
    assert shown[-1]["text"].startswith("99 ")
    assert len(shown) + item.data["earlierComments"] == 100
    # The room is used: one more comment would not fit.
    assert len(encode(item.data)) > MAX_ROW_BYTES - 2 * len(encode(shown[0])) - 100


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_notice_with_twenty_long_entries_when_published_then_is_not_refused(script: str) -> None:
    words = SCRIPTS[script]
    body = "<p>" + words * (20_000 // len(words))
    updates = [
        {
            "id": f"u{n:02}",
            "at": NOW + timedelta(hours=n),
            "status": "monitoring",
            "bodyHtml": f"<p>{n}</p>{body}",
        }
        for n in range(20)
    ]
    row = notice_row(notice(updates=updates), (), texts())
    assert row is not None
    refused: list[Refusal] = []

    item = data_item("ntc_1", row)
    list(save_chunks(CollectionId("ServiceNotices"), [item], refused))

    shown = item.data["entries"]
    assert refused == []
    assert shown[0]["html"].startswith("<p>19</p>")
    assert len(shown) + item.data.get("earlierEntries", 0) == 20


def test_text_in_a_row_that_is_too_large_when_cut_then_says_so_and_so_does_its_sentence() -> None:
    subject = "標" * 400_000
    row = OpenIssueRow.model_construct(
        **{**dict(open_issue(case(), [comment()], texts()) or ()), "subject": subject},
    ).model_copy(update={"sentences": {"subject": Sentence(code="x", values={"subject": subject})}})

    fitted = fit_row(row)

    said = (fitted.sentences or {})["subject"].values["subject"]
    assert fitted.subject == said
    assert fitted.subject.endswith(f"標{CUT}")
    assert LONGEST_TEXT - 9 <= len(fitted.subject.encode()) <= LONGEST_TEXT


def test_comment_in_a_row_that_is_too_large_when_cut_then_says_that_its_end_is_missing() -> None:
    made = make_row(OpenIssueRow, Plan("Latin", 20_000, 1), count(1))
    assert isinstance(made, OpenIssueRow)
    long = made.comments[0].model_copy(update={"text": "x" * 500_000, "shortened": None})

    fitted = fit_row(made.model_copy(update={"comments": (long,)}))

    assert fitted.comments[0].shortened
    assert fitted.comments[0].text.endswith(CUT)


def test_audience_of_a_row_when_it_leaves_little_room_then_stays_whole_and_texts_give_way() -> None:
    made = make_row(ServiceNoticeRow, Plan("Chinese", 9_000, 19), count(1))
    audience = tuple(PartnerId(f"GC{number:012}") for number in range(25_000))

    item = data_item("ntc_1", made.model_copy(update={"partner_ids": audience}))

    assert tuple(item.data["partnerIds"]) == audience
    assert len(encode(item.data)) <= MAX_ROW_BYTES


def test_step_that_editors_change_when_merged_then_has_room_for_both_sides() -> None:
    longest = dict.fromkeys(("instructions", "title", "program_name"), "李" * 20_000)
    made = make_row(OnboardingStepRow, Plan("Chinese", 9, 3), count(1)).model_copy(update=longest)
    owners = dict.fromkeys(("instructions", "title", "programName"), Owner.PORTAL)
    source = data_item("x", made).data
    earlier = {name: source[name].replace("李", "文") for name in owners}
    edited = {name: source[name].replace("李", "漢") for name in owners}
    row = {**source, **edited, "agreed": earlier}

    merged = {**row, **merge_fields(source, row, owners).changes}

    assert len(merged["conflicts"]) == 3
    assert len(encode(merged)) <= MAX_ITEM_BYTES


def test_row_of_every_day_when_made_then_has_the_time_of_utc() -> None:
    assert wire_size(datetime(2026, 1, 2, tzinfo=UTC)) == len(
        encode(datetime(2026, 1, 2, tzinfo=UTC))
    )
