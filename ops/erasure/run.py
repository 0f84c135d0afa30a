"""One erasure: finds what every store holds, then removes it, store by store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.errors import GridwixError
from ops.erasure.ports import PersonalStore, TooLarge
from ops.erasure.report import ErasureReport, StoreReport
from ops.erasure.subject import Subject

FAILURES = (GridwixError, ClientError, BotoCoreError, TooLarge)
"""Errors of one store. The report has them."""


def find_everywhere(
    stores: Sequence[PersonalStore],
    subject: Subject,
    at: datetime,
    report: Callable[[str], None] = lambda _: None,
) -> ErasureReport:
    """Find what each store holds of the subject. Changes nothing.

    Args:
        stores: The stores.
        subject: The person or partner.
        at: The current time.
        report: Receives the name of each store before it is looked through.
    """

    def look(store: PersonalStore) -> StoreReport:
        report(store.name)
        try:
            found = store.find(subject)
        except FAILURES as error:
            return StoreReport(store.name, fault=describe_failure(error))
        return StoreReport(store.name, found.ids, stays=found.stays)

    return ErasureReport(subject, at, tuple(look(store) for store in stores), dry_run=True)


def erase(
    stores: Sequence[PersonalStore],
    found: ErasureReport,
    report: Callable[[str], None] = lambda _: None,
) -> ErasureReport:
    """Remove what was found, in the order of the stores. Idempotent and resumable.

    Stops at the first store that fails: the later ones hold what a next run needs to find the
    subject again. A store that could not be looked through stops it as well.

    Args:
        stores: The stores.
        found: Their findings.
        report: Receives the name of each store before something is removed there.
    """
    done: list[StoreReport] = []
    stopped = False
    for store, part in zip(stores, found.stores, strict=True):
        if stopped or part.fault:
            stopped = True
            done.append(part if part.fault else replace(part, removed=0, fault="not reached"))
            continue
        report(store.name)
        try:
            # Also for nothing: a run before may have ended within this store.
            removed = store.remove(found.subject, part.ids)
        except FAILURES as error:
            stopped = True
            done.append(replace(part, removed=0, fault=describe_failure(error)))
        else:
            done.append(replace(part, removed=removed))
    return replace(found, stores=tuple(done), dry_run=False)


def describe_failure(error: Exception) -> str:
    """The code of an error, and its message as far as gridwix or AWS has written it."""
    match error:
        case GridwixError() | TooLarge():
            return f"{error.code}: {error}"
        case ClientError():
            about = error.response.get("Error", {})
            return f"aws: {about.get('Code', '')} of {error.operation_name}"
        case _:
            return f"aws: {type(error).__name__}"
