"""One erasure: finds the data of a person or partner in every store, then removes it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.errors import GridwixError
from ops.erasure.ports import PersonalStore, TooLarge
from ops.erasure.report import ErasureReport, StoreReport
from ops.erasure.subject import Subject

FAILURES = (GridwixError, ClientError, BotoCoreError, TooLarge)
"""Errors that end the work on one store of an erasure. The report names them."""


def find_everywhere(
    stores: Sequence[PersonalStore],
    subject: Subject,
    at: datetime,
    report: Callable[[str], None] = lambda _: None,
) -> ErasureReport:
    """Find the data that each store holds of a person or partner. Changes nothing.

    Args:
        stores: The stores.
        subject: The person or partner.
        at: The current time.
        report: Receives the name of each store before the store is searched.

    Returns:
        The report of a dry run. A store that failed has a fault in it.
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
    """Remove the data that was found, store by store. Idempotent and resumable.

    Stops at the first store that fails or that could not be searched, since later stores hold what
    the next run needs to find the person again.

    Args:
        stores: The stores, in the order in which data is removed.
        found: The report of :func:`find_everywhere` on the same stores.
        report: Receives the name of each store before data is removed there.

    Returns:
        The report with the number of removed items of each store.
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
    """Return the code of an error, and its message if gridwix wrote it.

    A message of AWS is left out, since it may have personal data.
    """
    match error:
        case GridwixError() | TooLarge():
            return f"{error.code}: {error}"
        case ClientError():
            about = error.response.get("Error", {})
            return f"aws: {about.get('Code', '')} of {error.operation_name}"
        case _:
            return f"aws: {type(error).__name__}"
