"""Compares the portal with Trading Grid, reports drift and has it repaired.

Ends the access of people who have left, and removes the rows of members whom the site has deleted,
and uploads that were not handed in.

The sweep finds changes that no event announced.

Trigger: ``ReconcilerQueue`` (filled by ``FullReconcileTimer``, ``PeopleTimer``, ``SweepTimer``,
    ``UploadTimer``, and ``ReconcilerRule``).
Reads: all records of the community gateway; all rows and files of the portal; the site's members;
    users of OpenText's directory; the submissions that wait.
Writes: resync requests and ends of access on the bus; links, invitations and data of members;
    handovers; removal of rows without a record, and of uploads; drift reports; the journal.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``CursorTable``, ``HandoverTable``,
    ``JournalTable``, ``LedgerTable``, ``RefusedItemTable``, ``ReportBucket``, ``SubmissionTable``,
    ``TransferTable``.
Settings: ``ReconcilerSettings``.
Alarms: ``ReconcilerAgeAlarm``, ``ReconcilerDeadLetterAlarm``.
"""
