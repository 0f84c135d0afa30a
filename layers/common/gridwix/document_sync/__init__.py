"""Use case 5: copies the current file of each document to the media library and publishes a row.

Trigger: ``DocumentSyncQueue`` (filled by ``DocumentSyncRule``, ``DocumentTimer``).
Reads: documents, versions and file contents of the community gateway; files of the media library.
Writes: files of the media library; rows of ``PartnerDocuments``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``, ``TransferTable``.
Settings: ``DocumentSettings``.
Alarms: ``DocumentSyncAgeAlarm``, ``DocumentSyncDeadLetterAlarm``, ``DocumentSyncFileAlarm``,
    ``DocumentSyncRefusedItemAlarm``.
"""
