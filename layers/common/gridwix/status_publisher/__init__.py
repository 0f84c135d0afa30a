"""Use case 1: publishes the status of each partner to the portal.

Trigger: ``StatusPublisherQueue`` (filled by ``StatusPublisherRule``).
Reads: partners, enrollments, compliance checks and open cases of the community gateway.
Writes: rows of ``PartnerStatus``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``.
Settings: ``PublisherSettings``.
Alarms: ``StatusPublisherAgeAlarm``, ``StatusPublisherDeadLetterAlarm``,
    ``StatusPublisherRefusedItemAlarm``.
"""
