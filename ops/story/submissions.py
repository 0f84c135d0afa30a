"""Explains what became of a form submission, for ``gridwix trace``. Pure."""

from gridwix.partner_requests.submissions import Stage, Submission


def explain_submission(submission: Submission) -> str:
    """Return one sentence: what became of a submission, and until when the inbox keeps it.

    The sentence contains nothing of the content of the submission.
    """
    name = f"Submission {submission.id}"
    ends = "" if submission.ends_at is None else f"; kept until {submission.ends_at:%Y-%m-%d}"
    match submission.stage:
        case Stage.OPEN:
            return (
                f"{name} was accepted {submission.received_at:%Y-%m-%d %H:%M:%S} and waits for its"
                f" delivery to Trading Grid{ends}"
            )
        case Stage.HELD:
            reason = ": ".join(filter(None, [submission.held_for, submission.file_fault]))
            return (
                f"{name} is held for review ({reason or 'unknown'}): `gridwix submissions` lists"
                f" it{ends}"
            )
        case Stage.DELIVERED if submission.outcome is not None and submission.outcome.refusal:
            return (
                f"{name} could not be done ({submission.outcome.refusal}):"
                f" {submission.outcome.record} is unchanged{ends}"
            )
        case Stage.DELIVERED:
            record = "" if submission.outcome is None else f" as {submission.outcome.record}"
            return f"{name} is in Trading Grid{record}{ends}"
        case Stage.REMOVED:
            return f"{name} was removed by an operator{ends}"
