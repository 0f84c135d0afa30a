"""Use case 3: opens a case for a transaction exception, or adds the exception to an open case.

Trigger: ``CaseOpenerQueue`` (filled by ``CaseOpenerRule``).
Reads: transactions of Lens, the partner directory, cases of the community gateway.
Writes: cases of the community gateway.
Tables: ``ConfigurationTable``, ``JournalTable``, ``RefusedItemTable``.
Settings: ``TradingGridSettings``.
Alarms: ``CaseOpenerAgeAlarm``, ``CaseOpenerDeadLetterAlarm``.
"""
