"""Pace of emails: grants as many a minute as configured, and spreads those that must wait."""

from datetime import UTC, datetime, timedelta

from gridwix.partner_messenger.attempts import MAIL_PACE, Postponed
from gridwix.partner_messenger.ports import MailPace
from gridwix.ports import Clock


def mail_burst(per_minute: int) -> int:
    """Emails that may be sent at once: half of those of a minute, at least 1.

    The bucket refills with the other half. A run that the schedule starts once a minute sends most
    with this share: what it may send at once, and what has flowed in since, are as many.

    >>> mail_burst(60), mail_burst(2)
    (30, 1)
    """
    return max(1, per_minute // 2)


class PacedMails:
    """Takes each email of a run from the pace that all workers share.

    An email that is refused gets a turn: after those that were refused before it in the same run.
    If all came back when the pace has room for one, most would be refused again.
    """

    def __init__(self, pace: MailPace, per_minute: int, clock: Clock) -> None:
        self._pace = pace
        self._interval = timedelta(minutes=1) / (per_minute - mail_burst(per_minute))
        self._clock = clock
        self.begin_run()

    def begin_run(self) -> None:
        """Forget the turns of an earlier run."""
        self._refused_until = self._turn = datetime.min.replace(tzinfo=UTC)

    def next_turn(self) -> datetime | None:
        """Turn of an email, if the pace is known to refuse it now. None if it may be tried."""
        return self._assign_turn() if self._now() < self._refused_until else None

    def take(self) -> None:
        """Take one email. Raises Postponed if the pace refuses it; UpstreamError."""
        wait = self._pace.take()
        if wait > 0:
            self._refused_until = self._now() + timedelta(seconds=wait)
            raise Postponed(self._assign_turn(), MAIL_PACE)

    def _assign_turn(self) -> datetime:
        turn = max(self._turn, self._refused_until)
        self._turn = turn + self._interval
        return turn

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
