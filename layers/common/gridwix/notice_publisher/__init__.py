"""Use case 3: publishes open issues and service notices to the portal.

Trigger: ``NoticePublisherQueue`` (filled by ``NoticePublisherRule``).
Reads: cases, comments, service notices and partners of the community gateway.
Writes: rows of ``OpenIssues`` and ``ServiceNotices``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``.
Settings: ``PublisherSettings``.
Alarms: ``NoticePublisherAgeAlarm``, ``NoticePublisherDeadLetterAlarm``,
    ``NoticePublisherRefusedItemAlarm``.
"""
