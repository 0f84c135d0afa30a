"""Use case 3: searches Lens for transactions that went wrong and reports each exception on the bus.

Trigger: ``TransactionMonitorQueue`` (filled by ``TransactionTimer``).
Reads: transactions of Lens.
Writes: events ``transaction.exception`` on the bus; the last reported exception of each process.
Tables: ``ConfigurationTable``, ``CursorTable``, ``ExceptionTable``, ``RefusedItemTable``.
Settings: ``MonitorSettings``.
Alarms: ``TransactionMonitorAgeAlarm``, ``TransactionMonitorDeadLetterAlarm``.
"""
