"""Plans of redrives: dead letters that would go back to their queue."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, override

from ops.dead_letters import CauseFinder, Examination, Selection, examine_dead_letters
from ops.plans.application import Outcome, PlanKind
from ops.plans.files import PlanError
from ops.plans.header import new_header
from ops.plans.models import MovedMessage, RedrivePlan
from ops.queues import HOLD, MAX_HELD, read_depth, redrive_messages
from ops.stack import QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class RedrivePlans(PlanKind[RedrivePlan]):
    """Makes plans of redrives, and moves exactly the dead letters of a plan to their source queue.

    Args:
        stack: The deployed stack, gridwix's or the gateway's.
        report: Receives the number of messages that were looked at or moved.
    """

    def __init__(self, stack: Stack, report: Callable[[int], None] = lambda _: None) -> None:
        self._stack = stack
        self._report = report

    def make(
        self, pair: QueuePair, selection: Selection, limit: int | None = None
    ) -> tuple[RedrivePlan, Examination]:
        """Return a plan of a redrive of the oldest dead letters that match a selection. Moves none.

        Args:
            pair: The queue and its dead-letter queue.
            selection: The dead letters to move.
            limit: Maximum number of messages; None for all.

        Returns:
            The plan, and all dead letters by cause. :func:`check_complete` checks that all dead
            letters of the queue were looked at.

        Raises:
            UpstreamError: The journal cannot be read.
        """
        found = examine_dead_letters(
            self._stack, pair, CauseFinder.of(self._stack, pair.name), selection, self._report
        )
        letters = sorted(found.chosen, key=lambda letter: (letter.sent_at, letter.message_id))
        plan = RedrivePlan(
            **new_header(self._stack),
            function=pair.name,
            cause=selection.cause,
            since=selection.since,
            limit=limit,
            changes=tuple(
                MovedMessage(
                    message=letter.message_id,
                    event=letter.event_id or None,
                    cause=letter.cause,
                    sent_at=letter.sent_at,
                )
                for letter in letters[:limit]
            ),
        )
        return plan.seal(), found

    @override
    def remake(self, plan: RedrivePlan) -> RedrivePlan:
        pair, selection = self._stack.queue(plan.function), Selection(plan.cause, plan.since)
        held = read_depth(self._stack.aws.sqs, pair.dead_letter_url).in_flight
        # All of them: a message of the plan that has another cause now is still there.
        every, found = self.make(pair, Selection())
        check_complete(plan.function, found)
        kept = {message.message for message in plan.changes}
        if held and not kept <= {message.message for message in every.changes}:
            raise PlanError(
                f"dead letters of {plan.function} are hidden, by another command or by one"
                " that ended in the middle",
                f"try again when it has ended, or in {HOLD // 60} minutes",
            )
        # Beyond its limit a plan leaves messages on purpose: they are not new.
        latest = max((_order(message) for message in plan.changes), default=None)
        changes = tuple(
            message
            for message in every.changes
            if message.message in kept
            or (
                selection.matches(message)
                and (plan.limit is None or (latest is not None and _order(message) < latest))
            )
        )
        header = {"cause": plan.cause, "since": plan.since, "limit": plan.limit}
        return every.model_copy(update={**header, "changes": changes})

    @override
    def carry_out(self, plan: RedrivePlan, pending: Collection[str]) -> Outcome:
        wanted = {change.message for change in plan.changes if change.name in pending}
        if not wanted:
            return Outcome(0)
        seen: set[str] = set()

        def choose(messages: "list[MessageTypeDef]") -> "list[MessageTypeDef]":
            chosen = [message for message in messages if message["MessageId"] in wanted]
            seen.update(message["MessageId"] for message in chosen)
            return chosen

        result = redrive_messages(
            self._stack.aws.sqs,
            self._stack.queue(plan.function),
            limit=len(wanted),
            moved=self._report,
            choose=choose,
        )
        left = [
            f"message {message}: it left the dead-letter queue in the moment before"
            for message in sorted(wanted - seen)
        ]
        if result.refused:
            left.append(f"SQS refused {result.refused} messages: they stay")
        notes = []
        if result.doubled:
            notes.append(
                f"SQS did not delete {result.doubled} of the messages from the dead-letter queue:"
                " the next redrive sends them again"
            )
        return Outcome(result.moved, left, notes)


def check_complete(function: str, found: Examination) -> None:
    """Raise PlanError unless all dead letters of a function were examined and are visible again.

    There can be more dead letters than one plan can look at. SQS can also refuse to make examined
    dead letters visible again: they stay hidden for up to ``HOLD`` seconds, in which a plan with
    them could not be applied.
    """
    if found.is_full:
        raise PlanError(
            f"{function} has more dead letters than one plan can look at ({MAX_HELD:,})",
            "redrive some of them first, with --limit",
        )
    if found.hidden:
        raise PlanError(
            f"SQS refused to show {found.hidden} messages of {function} again at once, so a"
            " plan could not be applied",
            f"try again in {HOLD // 60} minutes. It takes sqs:ChangeMessageVisibility",
        )


def _order(message: MovedMessage) -> tuple[datetime, str]:
    return message.sent_at, message.message
