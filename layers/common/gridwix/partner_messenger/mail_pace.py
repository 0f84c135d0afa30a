"""Rate limit of emails: allows so many per minute, and defers each further one to a later time."""

from datetime import UTC, datetime, timedelta

from gridwix.partner_messenger.attempts import MAIL_PACE, Postponed
from gridwix.partner_messenger.ports import MailPace
from gridwix.ports import Clock


def mail_burst(per_minute: int) -> int:
    """Return the size of the token bucket of emails: half of the emails per minute, at least 1.

    The bucket refills with the other half during a minute, so no 60 seconds see more emails than
    the limit. Half is the best size for a run once a minute: the tokens that flow in between two
    runs just fill the bucket.

    >>> mail_burst(60), mail_burst(2)
    (30, 1)
    """
    return max(1, per_minute // 2)


class PacedMails:
    """Rate limit of the emails of a run. The limit is shared by all workers.

    An email that the limit refuses is deferred, each one of a run to a later time than the one
    before, at the rate at which the limit permits emails. If all refused emails were retried at the
    same time, most would be refused again.
    """

    def __init__(self, pace: MailPace, per_minute: int, clock: Clock) -> None:
        self._pace = pace
        self._interval = timedelta(minutes=1) / (per_minute - mail_burst(per_minute))
        self._clock = clock
        self.begin_run()

    def begin_run(self) -> None:
        """Start a new run: forget the retry times that were assigned in an earlier run."""
        self._refused_until = self._turn = datetime.min.replace(tzinfo=UTC)

    def next_turn(self) -> datetime | None:
        """Return the time at which to retry an email, if the rate limit is known to be used up now.

        None if the email may be tried.
        """
        return self._assign_turn() if self._now() < self._refused_until else None

    def take(self) -> None:
        """Count one email against the rate limit.

        Raises Postponed, with the time of the retry, if the limit refuses the email. Raises
        UpstreamError if the limit cannot be read.
        """
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
