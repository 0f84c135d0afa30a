"""Counts the documents that each partner and the hub exchanged, and publishes a row per partner.

Trigger: ``ActivityPublisherQueue`` (filled by ``ActivityTimer``, and by itself to continue).
Reads: transactions of Lens, the partner directory, cases of the community gateway.
Writes: rows of ``PartnerActivity``; the counts of time slices and days.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``CursorTable``, ``LedgerTable``,
    ``RefusedItemTable``, ``ReportBucket``.
Settings: ``ActivitySettings``.
Alarms: ``ActivityPublisherAgeAlarm``, ``ActivityPublisherDeadLetterAlarm``,
``ActivityPublisherRefusedItemAlarm``.
"""
