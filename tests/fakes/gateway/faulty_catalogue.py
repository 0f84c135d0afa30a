"""The planted faults, each with the rule of the kit that is about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from emulators.common.clock import rfc3339
from tests.fakes.gateway import faulty_feed as feed
from tests.fakes.gateway import faulty_records as records
from tests.fakes.gateway import faulty_sources as sources
from tests.fakes.gateway import faulty_webhooks as webhooks
from tests.fakes.gateway.faulty import Answer, Document, Fault, Request, problem_answer
from tests.fakes.gateway.faulty_records import CASE, is_collection
from tests.fakes.gateway.faulty_tools import (
    Match,
    changed,
    drop_header,
    drop_query,
    match,
    refuse_never,
    spoil_answer,
    spoil_items,
    spoil_problem,
    spoil_request,
    spoil_success,
    without,
)
from tests.fakes.gateway.faulty_webhooks import SpoiltWebhooks

TRANSITIONS = match("POST", "/*/*/transitions")
STEP_TRANSITIONS = match("POST", "/enrollments/*/steps/*/transitions")
CONTENT = match("GET", "/documents/*/versions/*/content")
VERSIONS = match("GET", "/documents/*/versions")
DOCUMENT = match("GET", "/documents/*")


@dataclass(frozen=True)
class Planted:
    """One planted fault: a name, the rule that finds it, and how a new one is made."""

    name: str
    rule: str
    make: Callable[[], Fault]


def _answer(matches: Match, spoil: Callable[[Request, Answer], Answer]) -> Callable[[], Fault]:
    return partial(spoil_answer, matches, spoil)


def _success(matches: Match, spoil: Callable[[Document], Document]) -> Callable[[], Fault]:
    return partial(spoil_success, matches, spoil)


def _items(matches: Match, spoil: Callable[[Document], Document]) -> Callable[[], Fault]:
    return partial(spoil_items, matches, spoil)


def _request(matches: Match, spoil: Callable[[Request], Request]) -> Callable[[], Fault]:
    return partial(spoil_request, matches, spoil)


def _refuse_never(collection: str, status: int = 409) -> Callable[[], Fault]:
    moves = match("POST", f"/{collection}/*/transitions")
    return partial(
        refuse_never,
        moves,
        status,
        lambda request, record: changed(record, status=request.document["to"]),
    )


def _hooks(spoil: Callable[[webhooks.Sent], webhooks.Sent | None]) -> Callable[[], Fault]:
    return partial(SpoiltWebhooks, spoil)


def _everything(_: Request) -> bool:
    return True


def _created(request: Request) -> bool:
    return request.method == "POST" and len(request.parts) == 1


def _later(page: Document) -> Document:
    return changed(page, asOf=rfc3339(datetime.fromisoformat(page["asOf"]) + timedelta(days=1)))


def _without_milliseconds(record: Document) -> Document:
    return changed(record, updatedAt=record["updatedAt"].partition(".")[0] + "Z")


def _reversed(page: Document) -> Document:
    return changed(page, items=page["items"][::-1])


def _without_tombstones(page: Document) -> Document:
    return changed(page, items=[item for item in page["items"] if not item.get("deletedAt")])


def _with_unknown_step(record: Document) -> Document:
    steps = [changed(step, waitsOn=["no_such_step"]) for step in record["steps"]]
    return changed(record, steps=steps)


def _status(wanted: int, status: int) -> Callable[[Request, Answer], Answer]:
    return lambda _, answer: replace(answer, status=status) if answer.status == wanted else answer


def _with_valid_members(request: Request) -> Request:
    """Leave out, and add, what the gateway would refuse in a new case."""
    if request.headers.get("content-type") != "application/json" or b"}" not in request.body:
        return request
    document = request.document
    document.setdefault("category", "other")
    return request.with_document(without(document, "gatewayCheck"))


PLANTED: tuple[Planted, ...] = (
    Planted("401 is missing", "authentication.no_token", records.authenticate_everybody),
    Planted("any token is taken", "authentication.wrong_token", records.authenticate_everybody),
    Planted(
        "a write needs no token",
        "authentication.write_without_token",
        records.authenticate_everybody,
    ),
    Planted(
        "a required member is missing",
        "responses.schema",
        _items(match("GET", "/partners"), lambda record: without(record, "role")),
    ),
    Planted(
        "a version is a text",
        "responses.schema",
        _success(CASE, lambda record: changed(record, version=str(record["version"]))),
    ),
    Planted("201 is 200", "responses.status", _answer(_created, _status(201, 200))),
    Planted(
        "JSON is text",
        "responses.media_type",
        _answer(CASE, lambda _, answer: answer.with_header("content-type", "text/json")),
    ),
    Planted("milliseconds are missing", "responses.times", _success(CASE, _without_milliseconds)),
    Planted(
        "a problem is application/json",
        "problems.media_type",
        _answer(
            _everything,
            lambda _, answer: (
                answer.with_header("content-type", "application/json")
                if answer.status >= 400
                else answer
            ),
        ),
    ),
    Planted(
        "a problem has no code",
        "problems.schema",
        partial(spoil_problem, lambda problem: without(problem, "code")),
    ),
    Planted(
        "a problem has no requestId",
        "problems.schema",
        partial(spoil_problem, lambda problem: without(problem, "requestId")),
    ),
    Planted("not-found is 400", "problems.status", _answer(_everything, _status(404, 400))),
    Planted(
        "a missing record is empty",
        "problems.not_found",
        _answer(
            match("GET", "/*/*"),
            lambda _, answer: problem_answer(403, "forbidden") if answer.status == 404 else answer,
        ),
    ),
    Planted("a bad limit is forgiven", "problems.limit_refused", partial(drop_query, "limit")),
    Planted(
        "bad JSON is a validation",
        "problems.malformed",
        _answer(
            match("POST", "/cases"),
            lambda _, answer: problem_answer(422, "validation") if answer.status == 400 else answer,
        ),
    ),
    Planted(
        "forms are taken",
        "problems.unsupported_media_type",
        _answer(
            match("POST", "/cases"),
            lambda _, answer: problem_answer(400, "malformed") if answer.status == 415 else answer,
        ),
    ),
    Planted(
        "unknown members are dropped",
        "problems.unknown_member",
        _request(match("POST", "/cases"), _with_valid_members),
    ),
    Planted(
        "a missing member is made up",
        "problems.missing_member",
        _request(match("POST", "/cases"), _with_valid_members),
    ),
    Planted(
        "an unknown partner is an upstream error",
        "problems.unknown_partner",
        _answer(
            match("POST", "/cases"),
            lambda request, answer: (
                problem_answer(502, "upstream") if answer.status == 422 else answer
            ),
        ),
    ),
    Planted("a list is reversed", "lists.order", _success(is_collection, _reversed)),
    Planted("limit is ignored", "lists.limit", partial(drop_query, "limit")),
    Planted(
        "a page has no limit by default",
        "lists.default_limit",
        _answer(
            match("GET", "/partners"),
            lambda request, answer: (
                answer
                if request.value("limit")
                else answer.with_document(
                    changed(answer.document, items=answer.document["items"][:1] * 101)
                )
            ),
        ),
    ),
    Planted("a page repeats its last record", "lists.no_repeats", records.repeat_last_of_page),
    Planted("a page skips a record", "lists.no_losses", records.skip_first_of_page),
    Planted(
        "a cursor is taken with other filters", "lists.cursor_of_filters", records.accept_any_cursor
    ),
    Planted(
        "a bad cursor begins again", "lists.cursor_invalid", records.begin_again_for_bad_cursor
    ),
    Planted(
        "updatedSince is exclusive",
        "lists.updated_since_closed",
        partial(records.shift_updated_since, timedelta(milliseconds=1)),
    ),
    Planted(
        "updatedSince is ignored",
        "lists.updated_since_filters",
        partial(drop_query, "updatedSince"),
    ),
    Planted(
        "a bad updatedSince is ignored",
        "lists.updated_since_form",
        partial(drop_query, "updatedSince"),
    ),
    Planted("partnerId is ignored", "lists.partner_filter", partial(drop_query, "partnerId")),
    Planted(
        "only one partnerId is used",
        "lists.partner_filter_repeated",
        partial(records.shorten_filter, "partnerId"),
    ),
    Planted("status is ignored", "lists.status_filter", partial(drop_query, "status")),
    Planted(
        "only one status is used",
        "lists.status_filter_several",
        partial(records.shorten_filter, "status"),
    ),
    Planted("asOf is in the future", "lists.as_of", _success(is_collection, _later)),
    Planted("asOf hides a change", "lists.overlap", _success(is_collection, _later)),
    Planted("pages are offsets", "lists.paging_while_changing", records.page_by_offset),
    Planted(
        "a weak ETag",
        "reads.etag",
        _answer(
            match("GET", "/*/*"),
            lambda _, answer: answer.with_header("etag", f"W/{answer.headers.get('etag')}"),
        ),
    ),
    Planted(
        "a list has another name",
        "reads.same_as_list",
        _items(match("GET", "/partners"), lambda record: changed(record, name="Spoilt")),
    ),
    Planted(
        "304 is missing",
        "reads.not_modified",
        partial(drop_header, "if-none-match", match("GET", "/*/*")),
    ),
    Planted(
        "304 for any other ETag",
        "reads.modified",
        _answer(
            match("GET", "/*/*"),
            lambda request, answer: (
                Answer(304, {}, b"") if "if-none-match" in request.headers else answer
            ),
        ),
    ),
    Planted("304 for a changed record", "reads.modified_after_change", records.answer_not_modified),
    Planted(
        "a tombstone is not in its list",
        "tombstones.listed",
        _success(is_collection, _without_tombstones),
    ),
    Planted(
        "a tombstone has an old version",
        "tombstones.version",
        _items(
            is_collection,
            lambda record: changed(record, version=1) if record.get("deletedAt") else record,
        ),
    ),
    Planted(
        "the collections with a source are forbidden",
        "capabilities.answered",
        partial(sources.answer_capabilities, 403),
    ),
    Planted(
        "the collections with a source are a page",
        "capabilities.form",
        partial(sources.answer_capabilities, 200, "text/html"),
    ),
    Planted(
        "the collections with a source are members",
        "capabilities.form",
        partial(sources.spoil_names, lambda names: dict.fromkeys(names, True)),
    ),
    Planted(
        "the collections with a source are objects",
        "capabilities.form",
        partial(sources.spoil_names, lambda names: [{"name": name} for name in names]),
    ),
    Planted("the names come alone", "capabilities.form", sources.answer_bare_list),
    Planted(
        "a collection is named twice",
        "capabilities.form",
        partial(sources.spoil_names, lambda names: [*names, names[0]]),
    ),
    Planted(
        "a collection with a source has no list",
        "capabilities.served",
        partial(sources.refuse_list, "service-notices", 404),
    ),
    Planted(
        "a collection with a source is not made yet",
        "capabilities.served",
        partial(sources.refuse_list, "approvals", 501),
    ),
    Planted(
        "a collection has another name than its list",
        "capabilities.served",
        partial(sources.spoil_names, lambda names: [name.title() for name in names]),
    ),
    Planted(
        "a collection with records has no source",
        "capabilities.complete",
        partial(sources.leave_out, "compliance-checks"),
    ),
    Planted(
        "no collection has a source",
        "capabilities.complete",
        partial(sources.spoil_names, lambda _: []),
    ),
    Planted(
        "a collection in which records begin has no source",
        "capabilities.created",
        partial(sources.leave_out, "collaboration-requests"),
    ),
    Planted("a new record is at version 2", "versions.start_at_one", records.patch_new_case),
    Planted("a version jumps", "versions.grow_by_one", records.patch_twice),
    Planted(
        "a write has a constant ETag",
        "versions.etag",
        _answer(match("PATCH", "/cases/*"), lambda _, answer: answer.with_header("etag", '"v1"')),
    ),
    Planted("an ETag does not change", "versions.etag_of_reads", records.keep_first_etag),
    Planted("a version falls", "versions.read_after_change", records.read_older_version),
    Planted(
        "a list lags behind",
        "versions.list_after_change",
        _items(match("GET", "/cases"), lambda record: changed(record, version=1)),
    ),
    Planted(
        "updatedAt falls",
        "versions.times",
        _success(
            match("PATCH", "/cases/*"),
            lambda record: changed(record, updatedAt="2020-01-01T00:00:00.000Z"),
        ),
    ),
    Planted(
        "428 is missing", "preconditions.missing", partial(records.write_without_precondition, 428)
    ),
    Planted(
        "412 is missing", "preconditions.stale", partial(records.write_without_precondition, 412)
    ),
    Planted(
        "currentVersion is missing",
        "preconditions.current_version",
        partial(spoil_problem, lambda problem: without(problem, "currentVersion")),
    ),
    Planted("a refused write is made", "preconditions.nothing_changed", records.write_and_refuse),
    Planted(
        "both of two writes succeed",
        "preconditions.race",
        partial(records.write_without_precondition, 412),
    ),
    Planted(
        "an idempotency key is lost",
        "idempotency.replayed",
        partial(drop_header, "idempotency-key", match("POST", "/cases")),
    ),
    Planted("a replay has no ETag", "idempotency.etag", records.replay_without_etag),
    Planted("a key is taken for another body", "idempotency.reused", records.answer_by_key_alone),
    Planted("a key is forgotten", "idempotency.kept", partial(records.forget_keys, 3)),
    Planted("two posts at once create two", "idempotency.at_once", records.create_twice_at_once),
    Planted(
        "a repeated transition is refused",
        "idempotency.transition",
        partial(drop_header, "idempotency-key", TRANSITIONS),
    ),
    Planted(
        "a comment is written twice",
        "idempotency.comment",
        partial(drop_header, "idempotency-key", match("POST", "/cases/*/comments")),
    ),
    Planted(
        "a request is created twice",
        "idempotency.request",
        partial(drop_header, "idempotency-key", match("POST", "/collaboration-requests")),
    ),
    Planted(
        "a case cannot wait",
        "transitions.case",
        partial(records.refuse_transition, "cases", "awaiting_internal"),
    ),
    Planted(
        "a case cannot be cancelled",
        "transitions.case_cancelled",
        partial(records.refuse_transition, "cases", "cancelled"),
    ),
    Planted("a case takes any status", "transitions.case_refused", _refuse_never("cases")),
    Planted("a case opens without a reason", "transitions.case_reason", records.give_reason),
    Planted(
        "a request cannot be completed",
        "transitions.request",
        partial(records.refuse_transition, "collaboration-requests", "completed"),
    ),
    Planted(
        "a request is never a duplicate",
        "transitions.request_ended",
        partial(records.refuse_transition, "collaboration-requests", "duplicate"),
    ),
    Planted(
        "a request takes any status",
        "transitions.request_refused",
        _refuse_never("collaboration-requests"),
    ),
    Planted(
        "a partner cannot be suspended",
        "transitions.partner",
        partial(records.refuse_transition, "partners", "suspended"),
    ),
    Planted("a partner takes any status", "transitions.partner_refused", _refuse_never("partners")),
    Planted(
        "an enrollment cannot be put on hold",
        "transitions.enrollment",
        partial(records.refuse_transition, "enrollments", "on_hold"),
    ),
    Planted(
        "an enrollment takes any status",
        "transitions.enrollment_refused",
        _refuse_never("enrollments"),
    ),
    Planted(
        "a check is never pending",
        "transitions.compliance_check",
        partial(records.refuse_transition, "compliance-checks", "pending"),
    ),
    Planted(
        "a check takes any status",
        "transitions.compliance_check_refused",
        _refuse_never("compliance-checks"),
    ),
    Planted(
        "the history lacks a status",
        "transitions.history",
        _success(
            match("POST", "/cases/*/transitions"),
            lambda case: changed(case, statusHistory=case["statusHistory"][1:]),
        ),
    ),
    Planted(
        "an enrollment waits on no step",
        "steps.keys",
        _items(match("GET", "/enrollments"), _with_unknown_step),
    ),
    Planted("a locked step begins", "steps.locked", records.begin_locked_steps),
    Planted("a step is waived without a reason", "steps.reason", records.give_reason),
    Planted(
        "a step needs no If-Match",
        "steps.preconditions",
        partial(records.write_without_precondition, 428),
    ),
    Planted(
        "a step has the version before",
        "steps.moved",
        _success(
            STEP_TRANSITIONS,
            lambda step: changed(step, enrollmentVersion=step["enrollmentVersion"] - 1),
        ),
    ),
    Planted("the cascade is missing", "steps.unlocked", records.hide_unlocked_steps),
    Planted(
        "relocked is missing",
        "steps.relocked",
        _success(STEP_TRANSITIONS, lambda step: without(step, "relocked")),
    ),
    Planted(
        "a patch changes another member",
        "patches.members",
        _success(match("PATCH", "/cases/*"), lambda case: changed(case, description="Spoilt")),
    ),
    Planted(
        "null clears nothing",
        "patches.null",
        _success(match("PATCH", "/cases/*"), lambda case: changed(case, nextStep="Spoilt")),
    ),
    Planted(
        "an empty patch is a change",
        "patches.empty",
        partial(refuse_never, match("PATCH", "/cases/*"), 422, lambda _, case: case),
    ),
    Planted(
        "a patch takes any member",
        "patches.unknown_member",
        partial(refuse_never, match("PATCH", "/cases/*"), 422, lambda _, case: case),
    ),
    Planted(
        "a partner keeps a new name",
        "patches.partner",
        _success(match("PATCH", "/partners/*"), lambda one: changed(one, legalName="Spoilt")),
    ),
    Planted(
        "a reference is not added",
        "references.added",
        _success(
            match("PUT", "/cases/*/transaction-refs/*"),
            lambda case: changed(case, transactionRefs=[]),
        ),
    ),
    Planted("a reference raises the version", "references.idempotent", records.put_reference_twice),
    Planted("a reference is doubled", "references.replaced", records.add_reference_again),
    Planted(
        "a cancelled case takes references",
        "references.ended",
        partial(
            refuse_never, match("PUT", "/cases/*/transaction-refs/*"), 409, lambda _, case: case
        ),
    ),
    Planted(
        "comments come newest first",
        "comments.listed",
        _success(match("GET", "/*/*/comments"), _reversed),
    ),
    Planted(
        "a comment keeps the version",
        "comments.version",
        _success(
            match("GET", "/collaboration-requests/*"), lambda record: changed(record, version=1)
        ),
    ),
    Planted(
        "a rejected request takes comments",
        "comments.ended",
        partial(
            refuse_never,
            match("POST", "/collaboration-requests/*/comments"),
            409,
            lambda _, record: record,
        ),
    ),
    Planted(
        "a comment can be empty",
        "comments.empty",
        partial(refuse_never, match("POST", "/cases/*/comments"), 422, lambda _, record: record),
    ),
    Planted("an upload needs credentials", "uploads.sent", records.refuse_bytes),
    Planted("other bytes are taken", "uploads.other_bytes", records.take_any_bytes),
    Planted("more bytes are taken", "uploads.more_bytes", records.take_any_bytes),
    Planted("bytes need not be sent", "uploads.not_sent", records.take_any_bytes),
    Planted("an upload is made up", "uploads.unknown", records.take_any_bytes),
    Planted(
        "a digest can be anything",
        "uploads.form",
        _request(
            match("POST", "/uploads"),
            lambda request: request.with_document(
                changed(request.document, sha256=request.document["sha256"].lower())
            ),
        ),
    ),
    Planted("versions come newest first", "documents.versions", _success(VERSIONS, _reversed)),
    Planted(
        "expand has other versions",
        "documents.expand",
        _success(
            DOCUMENT,
            lambda document: changed(document, versions=[]) if "versions" in document else document,
        ),
    ),
    Planted(
        "Content-Digest is wrong",
        "documents.digest",
        _answer(
            CONTENT,
            lambda _, answer: answer.with_header("content-digest", records.digest_of(b"")),
        ),
    ),
    Planted(
        "sizeBytes is wrong",
        "documents.size",
        _items(VERSIONS, lambda version: changed(version, sizeBytes=version["sizeBytes"] + 1)),
    ),
    Planted("Range is ignored", "documents.ranges", partial(drop_header, "range", CONTENT)),
    Planted("a range is one byte off", "documents.ranges", records.shift_ranges),
    Planted("416 is missing", "documents.no_such_range", records.ignore_unknown_ranges),
    Planted(
        "an unknown version is empty",
        "documents.no_such_version",
        _answer(
            CONTENT, lambda _, answer: Answer(200, {}, b"") if answer.status == 404 else answer
        ),
    ),
    Planted(
        "a new document is published",
        "documents.created",
        _success(
            match("POST", "/documents"), lambda document: changed(document, status="published")
        ),
    ),
    Planted(
        "a draft cannot be reviewed",
        "documents.review",
        partial(records.refuse_transition, "documents", "in_review"),
    ),
    Planted("a draft can be published", "documents.unpublished", _refuse_never("documents")),
    Planted(
        "a version is current at once",
        "documents.version_added",
        _success(DOCUMENT, lambda document: changed(document, currentVersion=1)),
    ),
    Planted(
        "a rejected version is in review",
        "documents.rejected",
        _items(VERSIONS, lambda version: changed(version, status="in_review")),
    ),
    Planted(
        "an approved version is not published",
        "documents.published",
        _success(DOCUMENT, lambda document: changed(document, status="in_review")),
    ),
    Planted(
        "the content is another one",
        "documents.content",
        _answer(CONTENT, lambda _, answer: replace(answer, body=answer.body[:-1] + b"?")),
    ),
    Planted("same bytes are a new version", "documents.same_bytes", records.version_same_bytes),
    Planted(
        "a document cannot be withdrawn",
        "documents.transitions",
        partial(records.refuse_transition, "documents", "withdrawn"),
    ),
    Planted(
        "an approval is not pending",
        "approvals.opened",
        _success(match("GET", "/approvals/*"), lambda found: changed(found, status="approved")),
    ),
    Planted(
        "a second approval is opened",
        "approvals.same_subject",
        _success(match("POST", "/approvals"), lambda found: changed(found, id="apr_spoilt")),
    ),
    Planted(
        "an approval needs no subject",
        "approvals.unknown_subject",
        _answer(
            match("POST", "/approvals"),
            lambda _, answer: problem_answer(502, "upstream") if answer.status == 404 else answer,
        ),
    ),
    Planted(
        "a decision keeps the version",
        "approvals.decided",
        _success(match("POST", "/approvals/*/decision"), lambda found: changed(found, version=1)),
    ),
    Planted(
        "an approval is decided twice",
        "approvals.once",
        partial(refuse_never, match("POST", "/approvals/*/decision"), 409, lambda _, found: found),
    ),
    Planted(
        "updates come oldest first",
        "notices.updates",
        _items(
            match("GET", "/service-notices"),
            lambda notice: changed(notice, updates=notice["updates"][::-1]),
        ),
    ),
    Planted(
        "a program waits on no step",
        "notices.program_steps",
        _items(match("GET", "/onboarding-programs"), _with_unknown_step),
    ),
    Planted("cursor=now gives old events", "feed.now", feed.begin_now_at_the_oldest),
    Planted("cursor=now is in the past", "feed.now", feed.begin_now_earlier),
    Planted("old events follow cursor=now", "feed.only_newer", feed.begin_now_earlier),
    Planted(
        "a bad cursor of the feed begins again",
        "feed.cursor_invalid",
        records.begin_again_for_bad_cursor,
    ),
    Planted("an expired cursor gives nothing", "feed.cursor_expired", feed.forgive_old_cursor),
    Planted("a kept event comes twice", "feed.kept_once", feed.repeat_events_in_page),
    Planted("kept events are swapped", "feed.kept_order", feed.repeat_sequence),
    Planted("a page is shuffled when read again", "feed.kept_again", feed.shuffle_reread_events),
    Planted("the limit of the feed is ignored", "feed.limit", partial(drop_query, "limit")),
    Planted("an event is ahead of its record", "feed.not_ahead", feed.raise_versions),
    Planted("the feed has a gap", "feed.complete", feed.lose_events),
    Planted("an event comes twice", "feed.once", feed.repeat_events),
    Planted("events of a subject are swapped", "feed.order", feed.swap_events),
    Planted("a sequence does not increase", "feed.order", feed.repeat_sequence),
    Planted("an event has a version of the future", "feed.versions", feed.raise_versions),
    Planted("an event says something else", "feed.data", partial(feed.spoil_data, "priority", "?")),
    Planted(
        "an event names no member", "feed.changed", partial(feed.spoil_data, "changed", ["id"])
    ),
    Planted("hasMore is always false", "feed.again", feed.deny_more),
    Planted("a second reader gets another order", "feed.again", feed.shuffle_reread_events),
    Planted("types is ignored", "feed.types", partial(drop_query, "types")),
    Planted(
        "an endpoint has no secret",
        "webhooks.created",
        _success(match("POST", "/webhook-endpoints"), lambda one: changed(one, secrets=[])),
    ),
    Planted("no webhook is sent", "webhooks.delivered", _hooks(webhooks.drop_webhook)),
    Planted(
        "a webhook differs from the feed", "webhooks.delivered", _hooks(webhooks.with_other_event)
    ),
    Planted("a webhook has another id", "webhooks.id", _hooks(webhooks.with_other_id)),
    Planted("a signature is wrong", "webhooks.signature", _hooks(webhooks.with_wrong_signature)),
    Planted("a webhook is old", "webhooks.timestamp", _hooks(webhooks.with_old_time)),
    Planted(
        "a webhook is not retried",
        "webhooks.retried",
        partial(SpoiltWebhooks, status=lambda _: 202),
    ),
    Planted("a retry has a new id", "webhooks.retried_id", _hooks(webhooks.with_new_id_on_retry)),
    Planted(
        "a retry keeps its signature",
        "webhooks.retried_signature",
        lambda: SpoiltWebhooks(webhooks.with_first_signature_on_retry({})),
    ),
    Planted(
        "deliveries are not listed",
        "webhooks.deliveries",
        _success(
            match("GET", "/webhook-endpoints/*/deliveries"), lambda page: changed(page, items=[])
        ),
    ),
    Planted(
        "types of an endpoint are ignored",
        "webhooks.types",
        _request(
            match("POST", "/webhook-endpoints"),
            lambda request: request.with_document(changed(request.document, types=[])),
        ),
    ),
    Planted(
        "a replay is not made",
        "webhooks.replayed",
        _answer(
            match("POST", "/webhook-endpoints/*/replay"),
            lambda _, answer: answer.with_document({"queued": 0}),
        ),
    ),
    Planted(
        "a rotation keeps one secret",
        "webhooks.rotated",
        _success(
            match("POST", "/webhook-endpoints/*/rotate-secret"),
            lambda one: changed(one, secrets=one["secrets"][:1]),
        ),
    ),
    Planted(
        "one of two secrets signs", "webhooks.both_sign", _hooks(webhooks.with_newest_signature)
    ),
    Planted(
        "a deleted endpoint is there",
        "webhooks.deleted",
        _answer(
            match("GET", "/webhook-endpoints/*"),
            lambda _, answer: problem_answer(403, "forbidden") if answer.status == 404 else answer,
        ),
    ),
)
