"""Use case 4: publishes the progress of partner requests to the portal.

Trigger: ``RequestPublisherQueue`` (filled by ``RequestPublisherRule``).
Reads: collaboration requests and their comments of the community gateway; the inbox of submissions.
Writes: rows of ``PartnerRequests``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``, ``SubmissionTable``.
Settings: ``RequestSettings``.
Alarms: ``RequestPublisherAgeAlarm``, ``RequestPublisherDeadLetterAlarm``,
    ``RequestPublisherRefusedItemAlarm``.
"""
