"""Stores from which an erasure can remove no single item: logs, the archive of events, backups.

Only logs can be searched. An erasure reports these stores, each with the date by which the data
about the person or partner will have expired there.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, override

from ops.erasure.ports import Findings, PersonalStore, Remainder
from ops.erasure.retention import Retention
from ops.erasure.subject import Subject

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

MAX_PAGES = 500
"""Maximum number of pages of log events to read per log group and searched id. Most are empty."""

LOGS_STAY = "CloudWatch Logs removes no single line: it removes each after its retention"
ARCHIVE_STAYS = (
    "EventBridge removes no single event of its archive. An event holds ids: that of the member"
    " and of its rows, and what the site tells of their removal"
)
BACKUPS_STAY = (
    "a backup for point-in-time recovery is one of the whole table. Who restores one runs the"
    " command again"
)


class _OnlyReported(PersonalStore):
    """A store that an erasure reports, and from which it removes nothing."""

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return 0


class LogStore(_OnlyReported):
    """The log groups of a stack, searched for the ids of the person or partner.

    Names and addresses are not searched: gridwix logs neither.

    Args:
        logs: The CloudWatch Logs client.
        groups: Names of the log groups.
        retention: The retention of the stack's stores.
        now: The current time.
    """

    name = "logs"

    def __init__(
        self,
        logs: "CloudWatchLogsClient",
        groups: Iterable[str],
        retention: Retention,
        now: datetime,
    ) -> None:
        self._logs = logs
        self._groups = sorted(groups)
        self._retention = retention
        self._now = now

    @override
    def find(self, subject: Subject) -> Findings:
        newest: dict[str, datetime] = {}
        for group in self._groups:
            # Not the address: CloudTrail would keep it as an argument of the call.
            for word in subject.ids:
                if (at := self._newest_line(group, word, subject)) is not None:
                    newest[group] = max(at, newest.get(group, at))
        if not newest:
            return Findings()
        until = self._retention.until("LogRetentionInDays", max(newest.values()))
        return Findings((), (Remainder("log lines", LOGS_STAY, until, tuple(newest)),))

    def _newest_line(self, group: str, word: str, subject: Subject) -> datetime | None:
        """Return the time of the newest log line that contains a word; None if there is none.

        After ``MAX_PAGES`` pages it returns the current time, since newer lines may follow.
        """
        since = self._now.timestamp() - self._retention.days("LogRetentionInDays") * 86_400
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int(since * 1000), filterPattern=f'"{word}"'
        )
        times = list[float]()
        for number, page in enumerate(pages):
            if number >= MAX_PAGES:
                return self._now
            times += [
                event["timestamp"] / 1000
                for event in page["events"]
                if subject.is_named_in(event["message"])
            ]
        return datetime.fromtimestamp(max(times), UTC) if times else None


class ArchiveStore(_OnlyReported):
    """The archive of the event bus. No API call can search it, so an erasure only reports it."""

    name = "event archive"

    def __init__(self, retention: Retention, now: datetime) -> None:
        self._retention = retention
        self._now = now

    @override
    def find(self, subject: Subject) -> Findings:
        if not (self._retention.has_archive and subject.ids):
            return Findings()
        until = self._retention.until("ArchiveDays", self._now)
        return Findings((), (Remainder("events", ARCHIVE_STAYS, until),))


class BackupStore(_OnlyReported):
    """Backups of the tables from which an erasure removes data. They keep it until they expire."""

    name = "backups"

    def __init__(self, tables: Iterable[str], retention: Retention, now: datetime) -> None:
        self._tables = tuple(tables)
        self._retention = retention
        self._now = now

    @override
    def find(self, subject: Subject) -> Findings:
        until = self._retention.until("BackupDays", self._now)
        return Findings((), (Remainder("backups", BACKUPS_STAY, until, self._tables),))
