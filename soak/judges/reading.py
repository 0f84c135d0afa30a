"""Reads the records of Trading Grid, and returns the facts that the judges keep of them."""

from collections.abc import Callable, Mapping
from sys import intern
from typing import Any

from soak.judges.facts import (
    MOST_ENTRIES,
    MOST_LISTED,
    Audience,
    Case,
    Check,
    Enrollment,
    Facts,
    Head,
    Library,
    Notice,
    Partner,
    Program,
    Request,
    Step,
)
from soak.judges.tokens import moment_of, tokens_in

type Document = Mapping[str, Any]


def facts_of(collection: str, document: Document) -> Facts | None:
    """Return the facts of a record; None for a collection that the judges do not look at.

    Args:
        collection: Its collection, such as ``cases``.
        document: The record, readable.
    """
    read = _READERS.get(collection)
    return None if read is None else read(document)


def _head(document: Document, partner: str) -> Head:
    return Head(
        partner,
        int(document.get("version") or 0),
        moment_of(document.get("updatedAt")),
        intern(document.get("status") or ""),
        document.get("deletedAt") is not None,
    )


def _owner(document: Document) -> str:
    return document.get("partnerId") or ""


def _partner(document: Document) -> Partner:
    return Partner(
        _head(document, document["id"]),
        intern(document.get("role") or ""),
        intern(document.get("country") or ""),
        tokens_in(document.get("name")),
    )


def _step(step: Document) -> Step:
    # A step without an owner is the hub's: the documents do not say so; the code does.
    return Step(
        intern(step["key"]),
        intern(step["status"]),
        intern(step.get("owner") or "hub"),
        intern(step.get("kind") or ""),
        step.get("dueOn"),
        tokens_in(step.get("title")),
        tokens_in(step.get("note")),
        tuple(step.get("requiredDocumentTypes") or ()),
    )


def _enrollment(document: Document) -> Enrollment:
    return Enrollment(
        _head(document, _owner(document)),
        intern(document["programId"]),
        document["programVersion"],
        document["percentComplete"],
        document.get("targetGoLive"),
        moment_of(document.get("createdAt")),
        tuple(_step(step) for step in document.get("steps") or ()),
    )


def _check(document: Document) -> Check:
    title = tokens_in(document["title"])
    action = document.get("nextAction")
    return Check(
        _head(document, _owner(document)),
        document.get("dueOn"),
        title,
        tokens_in(action) if action else title,
        document.get("requiredDocumentType") or "",
    )


def _case(document: Document) -> Case:
    public = [
        change for change in document.get("statusHistory") or () if change["visibility"] == "public"
    ]
    public.sort(key=lambda change: moment_of(change["at"]) or 0)
    return Case(
        _head(document, _owner(document)),
        document["number"],
        intern(document["category"]),
        intern(document["priority"]),
        moment_of(document.get("dueAt")),
        tokens_in(document["subject"]),
        tokens_in(document.get("nextStep")),
        document.get("nextStep") is not None,
        intern(document.get("nextStepOwner") or ""),
        intern((document.get("routedBy") or {}).get("ruleKey") or ""),
        tuple(intern(change["status"]) for change in public[-MOST_LISTED:]),
        len(public),
        len(document.get("transactionRefs") or ()),
        tuple(
            reference["correlationId"]
            for reference in document.get("transactionRefs") or ()
            if reference.get("correlationId")
        ),
    )


def _audience(value: Document | None) -> Audience:
    given = value or {}
    return Audience(
        bool(given.get("all")),
        tuple(given.get("partnerIds") or ()),
        tuple(given.get("roles") or ()),
        tuple(given.get("regions") or ()),
    )


def _notice(document: Document) -> Notice:
    updates = sorted(
        document.get("updates") or (),
        key=lambda update: (moment_of(update["at"]) or 0, update["id"]),
        reverse=True,
    )
    return Notice(
        _head(document, ""),
        intern(document["kind"]),
        intern(document["impact"]),
        tokens_in(document["title"]),
        tokens_in(document.get("workaround")),
        _audience(document["audience"]),
        tuple(tokens_in(update["bodyHtml"]) for update in updates[:MOST_ENTRIES]),
        len(updates),
    )


def _library(document: Document) -> Library:
    audience = document.get("audience")
    return Library(
        _head(document, _owner(document)),
        intern(document["category"]),
        intern(document["classification"]),
        document["currentVersion"],
        tokens_in(document["title"]),
        # A document without an audience is for everybody: the code says so, the documents do not.
        _audience({"all": True} if audience is None else audience),
        document.get("effectiveFrom"),
        document.get("expiresOn"),
    )


def _program(document: Document) -> Program:
    return Program(
        _head(document, ""),
        intern(document["key"]),
        tokens_in(document["name"]),
        tokens_in(document.get("instructionsHtml")),
        tuple(
            (intern(step["key"]), tuple(step.get("locale") or ("en",)), tokens_in(step["title"]))
            for step in document.get("steps") or ()
        ),
    )


def _request(document: Document) -> Request:
    return Request(
        _head(document, _owner(document)),
        document["number"],
        moment_of(document.get("dueAt")),
        tokens_in(document.get("nextStep")),
        document.get("sourceSubmissionId") or "",
    )


_READERS: Mapping[str, Callable[[Document], Facts]] = {
    "partners": _partner,
    "enrollments": _enrollment,
    "compliance-checks": _check,
    "cases": _case,
    "service-notices": _notice,
    "documents": _library,
    "onboarding-programs": _program,
    "collaboration-requests": _request,
}
