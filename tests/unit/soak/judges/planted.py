"""The wrongs that are planted in the good world, and what the judges must say."""

from soak.inputs import (
    MemberLeft,
    SettingChanged,
    Submission,
    SubmissionAccepted,
    SubmissionRefused,
    TransactionShown,
    VersionAdded,
)
from soak.judges import Kind
from tests.unit.soak.judges.good_rows import FIRST, SECOND
from tests.unit.soak.judges.good_world import (
    BYTES,
    NOON,
    SECRET,
    case,
    changed,
    made,
    mail,
    submission,
)
from tests.unit.soak.judges.spoils import (
    Spoil,
    add_input,
    add_message,
    add_write,
    cut_list,
    forget_inputs,
    lose_row,
    repeat_entry,
    row_of,
    set_fields,
    spoil_all,
    text_row,
)

NIGHT = NOON + 9 * 3600
"""21 o'clock in Chicago."""

PLANTED: dict[str, tuple[Kind, str, Spoil]] = {
    # Lost: what was accepted is not there.
    "status row": (Kind.LOST, f"PartnerStatus/{SECOND}", lose_row("PartnerStatus", SECOND)),
    "issue": (Kind.LOST, "OpenIssues/case_1_1", lose_row("OpenIssues", "case_1_1")),
    "notice": (Kind.LOST, "ServiceNotices/ntc_0_1", lose_row("ServiceNotices", "ntc_0_1")),
    "progress": (
        Kind.LOST,
        "OnboardingProgress/enr_1_1",
        lose_row("OnboardingProgress", "enr_1_1"),
    ),
    "step": (Kind.LOST, "soak-1.tax.en", lose_row("OnboardingSteps", "soak-1.tax.en")),
    "document": (Kind.LOST, "PartnerDocuments/doc_1_2", lose_row("PartnerDocuments", "doc_1_2")),
    "request row": (Kind.LOST, "PartnerRequests/sub1", lose_row("PartnerRequests", "sub1")),
    "follow-up row": (Kind.LOST, "PartnerRequests/sub2", lose_row("PartnerRequests", "sub2")),
    "comment": (Kind.LOST, "lacks p1.m1.v1", cut_list("OpenIssues", "case_1_1", "comments")),
    "task": (Kind.LOST, "chk_1_1", cut_list("PartnerStatus", FIRST, "nextSteps")),
    "open case": (Kind.LOST, "TG-1-1", cut_list("PartnerStatus", FIRST, "cases")),
    "wanted document": (
        Kind.LOST,
        "steps/tax",
        cut_list("PartnerStatus", FIRST, "documentRequests"),
    ),
    "step of a partner": (Kind.LOST, "profile", cut_list("OnboardingProgress", "enr_1_1", "steps")),
    "status change": (Kind.LOST, "lacks new", cut_list("OpenIssues", "case_1_1", "history")),
    "affected document": (Kind.LOST, "affected", cut_list("OpenIssues", "case_1_1", "affected")),
    "text": (Kind.LOST, "lacks p1.p1.v1", set_fields("PartnerStatus", FIRST, partnerName="Foods")),
    "file": (
        Kind.LOST,
        "the file of version 1",
        set_fields("PartnerDocuments", "doc_1_1", fileId=""),
    ),
    "request": (Kind.LOST, "sub1", lambda world: world.made.pop(0)),
    "follow-up": (Kind.LOST, "case_comment sub2", lambda world: world.made.pop()),
    "answers": (
        Kind.LOST,
        "its answers",
        lambda world: world.made[0].document.update(answers={}),
    ),
    "case of a transaction": (
        Kind.LOST,
        "soak-1-1-2",
        add_input(TransactionShown(NOON, "t2", "soak-1-1-2", FIRST, "856", "x", False, "")),
    ),
    "message": (Kind.LOST, "case-awaiting-partner about cases/case_1_1", lambda w: w.writes.pop()),
    "reason of a refusal": (
        Kind.LOST,
        "why it is not possible",
        set_fields("PartnerRequests", "sub2", status="not_possible"),
    ),
    # Stale: an older state, or something that must not be shown any more.
    "older text": (
        Kind.STALE,
        "lacks p1.c1.v3, has ('p1.c1.v2',)",
        set_fields("OpenIssues", "case_1_1", subject="[[p1.c1.v2]] 856 rejected"),
    ),
    "older text of a task": (
        Kind.STALE,
        "lacks p1.e1.v1",
        lambda world: row_of(world, "PartnerStatus", FIRST)["nextSteps"][2].update(
            text="[[p1.e1.v0]]"
        ),
    ),
    "status": (Kind.STALE, "status open", set_fields("OpenIssues", "case_1_1", status="open")),
    "open": (Kind.STALE, "open False", set_fields("OpenIssues", "case_1_1", open=False)),
    "waits for": (Kind.STALE, "waitsFor hub", set_fields("OpenIssues", "case_1_1", waitsFor="hub")),
    "due date": (
        Kind.STALE,
        "dueAt",
        set_fields("OpenIssues", "case_1_1", dueAt={"$date": "2026-03-14T12:00:00.000Z"}),
    ),
    "failed checks": (
        Kind.STALE,
        "failedChecks 0",
        set_fields("PartnerStatus", FIRST, failedChecks=0),
    ),
    "percent": (Kind.STALE, "Percent 25", set_fields("PartnerStatus", FIRST, onboardingPercent=25)),
    "earlier comments": (
        Kind.STALE,
        "says 3 more",
        set_fields("OpenIssues", "case_1_1", earlierComments=3),
    ),
    "audience": (Kind.STALE, SECOND, set_fields("ServiceNotices", "ntc_0_1", partnerIds=[SECOND])),
    "active notice": (Kind.STALE, "active", set_fields("ServiceNotices", "ntc_0_1", active=False)),
    "number": (Kind.STALE, "number", set_fields("PartnerRequests", "sub1", number=None)),
    "received": (Kind.STALE, "received", set_fields("PartnerRequests", "sub2", status="received")),
    "version": (Kind.STALE, "version 2", set_fields("PartnerDocuments", "doc_1_1", version=2)),
    "retired step": (
        Kind.STALE,
        "retired",
        set_fields("OnboardingSteps", "soak-1.tax.en", retired=True),
    ),
    "deleted case": (
        Kind.STALE,
        "OpenIssues/case_1_1 is still there",
        add_input(changed("cases", case(4, deletedAt="2026-03-12T17:00:00Z"), "[[p1.c1.v3]]")),
    ),
    "closed case": (
        Kind.STALE,
        "cases still has TG-1-1",
        add_input(changed("cases", case(4, status="closed"), "[[p1.c1.v3]]")),
    ),
    # Doubled: twice, or never asked for.
    "row of nothing": (
        Kind.DOUBLED,
        "OpenIssues/case_9 is of no record",
        lambda world: world.rows["OpenIssues"].update(case_9={}),
    ),
    "comment twice": (
        Kind.DOUBLED,
        "p1.m1.v1 2",
        repeat_entry("OpenIssues", "case_1_1", "comments"),
    ),
    "task twice": (
        Kind.DOUBLED,
        "case_1_1 2",
        repeat_entry("PartnerStatus", FIRST, "nextSteps", 1),
    ),
    "entry twice": (
        Kind.DOUBLED,
        "p0.n1.v2 2",
        repeat_entry("ServiceNotices", "ntc_0_1", "entries"),
    ),
    "two requests": (
        Kind.DOUBLED,
        "request sub1 of GC080000000001 was delivered 2 times",
        lambda world: world.made.append(world.made[0]),
    ),
    "two comments": (Kind.DOUBLED, "case_comment", lambda w: w.made.append(w.made[1])),
    "request of a refused submission": (
        Kind.DOUBLED,
        "sub3, which nobody accepted",
        spoil_all(
            add_input(SubmissionRefused(NOON, submission("sub3", "request", "", ""), 400)),
            lambda world: world.made.append(
                made("request", "r/req_9", {"id": "req_9", "sourceSubmissionId": "sub3"})
            ),
        ),
    ),
    "two mails": (Kind.DOUBLED, "message 2", lambda world: world.messages.append(mail("more"))),
    "two inbox messages": (Kind.DOUBLED, "inbox", lambda w: w.messages.append(w.messages[1])),
    "two rows for one event": (
        Kind.DOUBLED,
        "portal",
        lambda world: world.writes.append(("PartnerMessages", "more", *world.writes[-1][2:])),
    ),
    "two cases for one transaction": (
        Kind.DOUBLED,
        "soak-1-1-1 of GC080000000001 is in the cases",
        add_input(changed("cases", case() | {"id": "case_1_9"}, "[[p1.c9.v1]]")),
    ),
    "second file of a refused row": (
        Kind.DOUBLED,
        "left over",
        spoil_all(
            lambda world: world.held.add("PartnerDocuments/doc_1_1"),
            lose_row("PartnerDocuments", "doc_1_1"),
            lambda world: world.files.update(file9=BYTES),
        ),
    ),
    "left over file": (Kind.DOUBLED, "file9", lambda world: world.files.update(file9=BYTES)),
    "closed without a word": (
        Kind.DOUBLED,
        "closed 1 times",
        lambda world: world.made.append(made("transition", "cases/case_1_1", {}, to="closed")),
    ),
    # Foreign: what is another partner's.
    "foreign row": (
        Kind.FOREIGN,
        "p2.c1.v1",
        add_write("OpenIssues", "case_1_1", None, text_row("p2.c1.v1")),
    ),
    "foreign text for all": (
        Kind.FOREIGN,
        "p2.c1.v1",
        add_write("ServiceNotices", "ntc_0_1", None, {"title": "[[p2.c1.v1]]"}),
    ),
    "foreign request": (
        Kind.FOREIGN,
        f"is of {SECOND}",
        lambda world: world.made[0].document.update(partnerId=SECOND),
    ),
    "request of a visitor who named a partner": (
        Kind.FOREIGN,
        f"is of {FIRST}",
        spoil_all(
            add_input(
                SubmissionAccepted(NOON, Submission("sub3", "form", "request", "", "", "", ""))
            ),
            lambda world: world.made.append(
                made(
                    "request",
                    "r/req_9",
                    {"id": "req_9", "sourceSubmissionId": "sub3", "partnerId": FIRST},
                )
            ),
        ),
    ),
    "foreign answers": (
        Kind.FOREIGN,
        "has p2.s1.v1",
        lambda world: world.made[0].document.update(answers=["[[p1.s1.v1]]", "[[p2.s1.v1]]"]),
    ),
    "comment on another case": (
        Kind.FOREIGN,
        "got to case_2_1",
        lambda world: setattr(world.made[1], "record", "cases/case_2_1"),
    ),
    "foreign mail": (Kind.FOREIGN, f"is about {SECOND}", add_message(words="[[p2.c1.v1]]")),
    "mail with foreign words": (
        Kind.FOREIGN,
        "tells p2.c1.v1",
        add_message(words="[[p1.c1.v3]] [[p2.c1.v1]]"),
    ),
    "mail to nobody": (Kind.FOREIGN, "nobody", add_message(recipient="contact9")),
    "mail after the link was taken away": (
        Kind.FOREIGN,
        f"is about {FIRST}",
        spoil_all(
            lambda world: world.inputs.append(MemberLeft(NOON - 4000, "m1", FIRST, deleted=False)),
            lambda world: world.messages.append(mail("late")),
        ),
    ),
    "message about a notice for others": (
        Kind.FOREIGN,
        "which is not for it",
        add_write(
            "PartnerMessages",
            "d9",
            None,
            {"partnerId": SECOND, "campaign": "x", "record": "service-notices/ntc_0_1"},
        ),
    ),
    # Fallen: for a moment, a row showed an older state than before.
    "fallen text": (
        Kind.FALLEN,
        "from p1.c1.v3 to p1.c1.v2",
        add_write("OpenIssues", "case_1_1", text_row("p1.c1.v3"), text_row("p1.c1.v2")),
    ),
    "fallen record": (
        Kind.FALLEN,
        "1000 ms older",
        add_write(
            "OpenIssues",
            "case_1_1",
            text_row("p1.c1.v3", updatedAt={"$date": "2026-03-12T16:00:01.000Z"}),
            text_row("p1.c1.v3", updatedAt={"$date": "2026-03-12T16:00:00.000Z"}),
        ),
    ),
    "removed, and back in an older state": (
        Kind.FALLEN,
        "from p1.c1.v3 to p1.c1.v1",
        spoil_all(
            add_write("OpenIssues", "case_1_1", text_row("p1.c1.v3"), None),
            add_write("OpenIssues", "case_1_1", None, text_row("p1.c1.v1")),
        ),
    ),
    "lost number": (
        Kind.FALLEN,
        "number CR-1",
        add_write("PartnerRequests", "sub1", {"number": "CR-1"}, {"number": None}),
    ),
    # Internal: what never leaves Trading Grid.
    "internal comment": (
        Kind.INTERNAL,
        "p1.x2.v1",
        add_write("OpenIssues", "case_1_1", None, {"comments": [{"text": "[[p1.x2.v1]]"}]}),
    ),
    "text of a restricted document": (
        Kind.INTERNAL,
        "p1.r2.v1",
        add_write("PartnerDocuments", "doc_1_2", None, {"changeNote": "[[p1.r2.v1]]"}),
    ),
    "answers in a row": (
        Kind.INTERNAL,
        "p1.s1.v1",
        add_write("PartnerRequests", "sub1", None, {"partnerId": FIRST, "message": "[[p1.s1.v1]]"}),
    ),
    "bytes of a restricted document": (
        Kind.INTERNAL,
        "restricted",
        lambda world: world.bytes.append(SECRET),
    ),
    "internal mail": (Kind.INTERNAL, "p1.x1.v1", add_message(words="[[p1.c1.v3]] [[p1.x1.v1]]")),
    # Wrong file.
    "other bytes": (
        Kind.WRONG_FILE,
        "other bytes than version 1",
        lambda world: world.files.update(file1="0" * 64),
    ),
    "dead link": (Kind.WRONG_FILE, "not there", lambda world: world.files.pop("file1")),
    "file of a restricted document": (
        Kind.WRONG_FILE,
        "must not",
        set_fields("PartnerDocuments", "doc_1_2", fileId="file1"),
    ),
    "version that must be refused": (
        Kind.WRONG_FILE,
        "must be refused",
        spoil_all(
            forget_inputs(VersionAdded),
            add_input(VersionAdded(NOON, "doc_1_1", FIRST, 1, "a", BYTES, 1, "", False, False)),
        ),
    ),
    # The budget, quiet hours, counts.
    "above the budget": (
        Kind.ABOVE_BUDGET,
        "above the budget",
        lambda world: world.calls.extend([NOON + 90] * 200),
    ),
    "above the quota": (
        Kind.ABOVE_BUDGET,
        "calls of Wix in the minute",
        lambda world: world.calls.extend([NOON + 90] * 200),
    ),
    "quiet hours": (Kind.IN_QUIET_HOURS, "America/Chicago", add_message(at=NIGHT)),
    "quiet hours of the member": (
        Kind.IN_QUIET_HOURS,
        "12:00:00 to 18:00:00 in UTC",
        spoil_all(
            add_input(SettingChanged(NOON - 900, "m1", "quietHours", "12:00-18:00 UTC")),
            lambda world: world.messages.append(mail("more")),
        ),
    ),
    "counts of a report": (
        Kind.UNBALANCED,
        "6 rows, 5 in its counts",
        lambda world: world.reports[0].update(rows=6),
    ),
    "verdict that is not counted": (
        Kind.UNBALANCED,
        "RowsRefused",
        lambda world: world.metrics.append(
            {"RowsUnchanged": 1, "RowsWritten": 1, "RowsDeferred": 0}
        ),
    ),
    "written more often than Wix wrote": (
        Kind.UNBALANCED,
        "102 rows",
        lambda world: world.metrics.append(dict.fromkeys(world.metrics[0], 100)),
    ),
}
