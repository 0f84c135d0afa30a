"""Judges that each submission got to Trading Grid exactly once, with its answers.

Rules: docs/functions/form_intake.md. The model of Trading Grid reports what the functions make:
:class:`Made` has the shape of its own class of that name.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from soak.inputs import FileReady, Submission
from soak.judges.people import People
from soak.judges.tokens import Tokens, parts_of, tokens_in
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World

COMMENTS = frozenset({"case_comment", "request_comment"})
"""Actions of a submission that add a public comment."""

SETTLED_TARGETS = frozenset({"closed", "cancelled", "completed", "rejected", "duplicate"})
"""Statuses of cases and requests that take no comment of a partner."""


class Made(Protocol):
    """Something that a call of the functions has made or changed in Trading Grid.

    ``kind``: case, request, comment, transition, step, transaction-ref, version. ``record`` is the
    name of the record (``cases/case_1``), ``document`` what was made, ``wish`` the call's body.
    """

    @property
    def at(self) -> float: ...
    @property
    def kind(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def document(self) -> Mapping[str, Any]: ...
    @property
    def wish(self) -> Mapping[str, Any]: ...


class Sent(NamedTuple):
    """A submission as it was sent. ``accepted`` False: the sender got no answer, so the webhook may
    have accepted it or not.
    """

    form: str
    action: str
    member: str
    partner: str
    target: str
    token: str
    step: str
    answer: bool | None
    files: tuple[str, ...]
    accepted: bool


class DeliveryJudge:
    """Judges what each submission has become in Trading Grid.

    Args:
        world: The newest state of the records.
        people: The members.
        findings: Gets what is wrong.
    """

    def __init__(self, world: World, people: People, findings: Findings) -> None:
        self._world = world
        self._people = people
        self._findings = findings
        self.sent: dict[str, Sent] = {}
        self._refused: set[str] = set()
        self._requests: dict[str, list[tuple[str, str, Tokens]]] = {}
        self._comments: dict[str, list[str]] = {}
        self._reasons: dict[str, list[str]] = {}
        self._closed: dict[str, int] = {}
        self._steps: dict[str, list[str]] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._files: dict[str, str] = {}
        self._ever_settled: set[str] = set()

    def note_settled(self, collection: str, identifier: str, status: str) -> None:
        """Record that a case or a request has a status that takes no comments, even if only for a
        moment.
        """
        if collection in ("cases", "collaboration-requests") and status in SETTLED_TARGETS:
            self._ever_settled.add(identifier)

    def observe_file(self, given: FileReady) -> None:
        """Record a member's upload."""
        self._files[given.file_id] = given.sha256

    def observe_sent(self, given: Submission, *, accepted: bool) -> None:
        """Record a submission that the webhook has accepted, or may have accepted."""
        known = self.sent.get(given.id)
        self.sent[given.id] = Sent(
            given.form,
            given.action,
            given.member_id,
            given.partner_id,
            given.target,
            next(iter(tokens_in(given.token)), ""),
            given.step,
            given.accepted,
            given.files,
            accepted or (known is not None and known.accepted),
        )

    def observe_refused(self, given: Submission) -> None:
        """Record a submission that the webhook has refused."""
        self._refused.add(given.id)

    def observe_made(self, made: Made) -> None:
        """Record something that the functions have made in Trading Grid."""
        identifier = made.record.partition("/")[2]
        match made.kind:
            case "request":
                document = made.document
                self._requests.setdefault(str(document.get("sourceSubmissionId")), []).append(
                    (
                        document["id"],
                        document.get("partnerId") or "",
                        tokens_in(document.get("answers")),
                    )
                )
            case "comment":
                for token in tokens_in(made.document.get("body")):
                    self._comments.setdefault(token, []).append(identifier)
            case "transition":
                for token in tokens_in(made.wish.get("reason")):
                    self._reasons.setdefault(token, []).append(identifier)
                if made.wish.get("to") == "closed":
                    self._closed[identifier] = self._closed.get(identifier, 0) + 1
            case "step":
                for evidence in made.wish.get("evidence") or ():
                    self._steps.setdefault(evidence["id"], []).append(identifier)
            case "version":
                key = (identifier.partition("/")[0], str(made.document.get("sha256")))
                self._versions[key] = self._versions.get(key, 0) + 1

    def request_of(self, submission: str) -> str | None:
        """Return the id of the request that a submission has become; None if there is none."""
        made = self._requests.get(submission)
        return made[0][0] if made else None

    def judge(self, rows: Mapping[str, Mapping[str, Any]], held: frozenset[str]) -> None:
        """Judge that each accepted submission was delivered exactly once, unless it may have been
        refused.

        Args:
            rows: The rows of PartnerRequests.
            held: Submissions that wait for a person, or whose event lies in a dead-letter queue,
                and refused rows.
        """
        for identifier, sent in self.sent.items():
            name = f"{sent.action} {identifier} of {sent.partner}"
            if identifier in self._refused and not sent.accepted:
                continue
            # Wix may have refused the row that says so.
            refusal = (
                rows.get(identifier, {}).get("status") == "not_possible"
                or f"PartnerRequests/{identifier}" in held
            )
            times = self._count(name, identifier, sent)
            if times > 1:
                self._findings.add(Kind.DOUBLED, f"{name} was delivered {times} times")
            elif (
                times == 0
                and sent.accepted
                and identifier not in held
                and not (refusal and self._may_be_refused(sent))
            ):
                self._findings.add(Kind.LOST, f"{name} never got to Trading Grid")
        for identifier in self._refused | self._requests.keys():
            if identifier not in self.sent and identifier in self._requests:
                self._findings.add(Kind.DOUBLED, f"request of {identifier}, which nobody accepted")
        self._judge_closings()

    def _count(self, name: str, identifier: str, sent: Sent) -> int:
        """Return the number of times that a submission was delivered. Also judges what was made of
        it.
        """
        if sent.action == "request":
            made = self._requests.get(identifier, [])
            for request, partner, tokens in made:
                self._judge_request(f"{name}, request {request},", sent, partner, tokens)
            return len(made)
        if sent.action in COMMENTS:
            return self._count_at_target(name, sent, self._comments.get(sent.token, []))
        if sent.action == "case_resolution":
            if sent.answer:
                return min(1, self._closed.get(sent.target, 0))
            return self._count_at_target(name, sent, self._reasons.get(sent.token, []))
        if sent.action == "step_submission":
            targets = [record.partition("/")[0] for record in self._steps.get(identifier, [])]
            return self._count_at_target(name, sent, targets)
        digests = {self._files.get(file, "") for file in sent.files}
        return max((self._versions.get((sent.target, one), 0) for one in digests), default=0)

    def _count_at_target(self, name: str, sent: Sent, targets: list[str]) -> int:
        for target in targets:
            if target != sent.target:
                self._findings.add(Kind.FOREIGN, f"{name} got to {target}, not to {sent.target}")
        return len(targets)

    def _judge_request(self, name: str, sent: Sent, partner: str, tokens: Tokens) -> None:
        if sent.token and sent.token not in tokens:
            self._findings.add(Kind.LOST, f"{name} lacks its answers: {sent.token}")
        number = self._world.partner_number(sent.partner)
        for token in tokens:
            if number is not None and parts_of(token).partner not in (0, number):
                self._findings.add(Kind.FOREIGN, f"{name} has {token}")
        # Without a link at that moment, as always of a visitor, a person has to assign the partner.
        if partner not in (sent.partner, ""):
            self._findings.add(Kind.FOREIGN, f"{name} is of {partner}")

    def _may_be_refused(self, sent: Sent) -> bool:
        """Return True if Trading Grid may have refused a follow-up because it was not possible.

        A case or request takes a comment unless it is over, or was deleted; what else it allows
        depends on its status at that moment. A member who has left since is answered as if there
        was no such record.
        """
        member = self._people.members.get(sent.member)
        if member is None or sent.partner not in member.links:
            return True
        if sent.action not in COMMENTS:
            return sent.action != "request"
        collection = "cases" if sent.action == "case_comment" else "collaboration-requests"
        facts = self._world.records[collection].get(sent.target)
        return facts is None or facts.head.deleted or sent.target in self._ever_settled

    def _judge_closings(self) -> None:
        """Judge that the functions close cases no more often than partners accepted the
        resolution.
        """
        accepted: dict[str, int] = {}
        for sent in self.sent.values():
            if sent.action == "case_resolution" and sent.answer:
                accepted[sent.target] = accepted.get(sent.target, 0) + 1
        for target, times in self._closed.items():
            if times > accepted.get(target, 0):
                self._findings.add(
                    Kind.DOUBLED,
                    f"cases/{target} was closed {times} times,"
                    f" accepted {accepted.get(target, 0)} times",
                )
