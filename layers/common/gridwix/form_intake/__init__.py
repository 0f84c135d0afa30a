"""Use case 4, and follow-ups of use cases 2, 3 and 5: delivers submissions from the portal to Trading Grid, exactly once and in order.

Trigger: ``FormIntakeQueue`` (filled by ``FormIntakeRule``, ``IntakeTimer``).
Reads: the inbox of submissions, member links and files of the site, the partner directory, records of the community gateway.
Writes: requests, comments, transitions and uploads of the community gateway; rows of ``PartnerRequests``.
Tables: ``BudgetTable``, ``LedgerTable``, ``RefusedItemTable``, ``SubmissionTable``.
Settings: ``IntakeSettings``.
Alarms: ``FormIntakeAgeAlarm``, ``FormIntakeDeadLetterAlarm``, ``FormIntakeRefusedItemAlarm``, ``FormIntakeWaitingAlarm``.
"""
