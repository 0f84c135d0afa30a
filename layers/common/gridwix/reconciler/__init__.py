"""Compares the portal with Trading Grid, reports drift and has it repaired.

The sweep finds changes that no event announced.

Trigger: ``ReconcilerQueue`` (filled by ``FullReconcileTimer``, ``SweepTimer``).
Reads: all records of the community gateway; all rows and files of the portal.
Writes: resync requests on the bus; handovers; removal of rows without a record; drift reports; the
    journal.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``CursorTable``, ``HandoverTable``,
    ``JournalTable``, ``LedgerTable``, ``RefusedItemTable``, ``ReportBucket``, ``SubmissionTable``,
    ``TransferTable``.
Settings: ``ReconcilerSettings``.
Alarms: ``ReconcilerAgeAlarm``, ``ReconcilerDeadLetterAlarm``.
"""
