"""Compares the portal with Trading Grid, reports drift (rows that differ) and has it repaired.

Ends the access of people who have left. Removes the rows of members whom the site has deleted, and
files that members have uploaded and that no submission needs. Its sweep, a run over the records
that were updated lately, finds changes that no event announced.

Trigger: ``ReconcilerQueue`` (filled by ``FullReconcileTimer``, ``PeopleTimer``, ``SweepTimer``,
    ``UploadTimer``, and ``ReconcilerRule``).
Reads: all records of the community gateway; all rows and files of the portal; the site's members;
    users of OpenText's directory; submissions that are open or wait for manual review.
Writes: events on the bus that request a resync or report the end of a person's access; links,
    invitations and data of members; records of the changes that the bus has accepted
    (handovers); removal of rows without a record, and of uploads; drift reports; the journal (the
    log of what was done with each record).
Tables: ``BudgetTable``, ``ConfigurationTable``, ``CursorTable``, ``HandoverTable``,
    ``JournalTable``, ``LedgerTable``, ``RefusedItemTable``, ``ReportBucket``, ``SubmissionTable``,
    ``TransferTable``.
Settings: ``ReconcilerSettings``.
Alarms: ``ReconcilerAgeAlarm``, ``ReconcilerDeadLetterAlarm``.
"""
