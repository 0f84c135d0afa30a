"""Use case 2: publishes onboarding programs and progress to the portal, keeping editors' changes.

Trigger: ``OnboardingSyncQueue`` (filled by ``OnboardingSyncRule``).
Reads: programs and enrollments of the community gateway; rows of ``OnboardingSteps``.
Writes: rows of ``OnboardingSteps`` and ``OnboardingProgress``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``.
Settings: ``PublisherSettings``.
Alarms: ``OnboardingSyncAgeAlarm``, ``OnboardingSyncConflictAlarm``,
    ``OnboardingSyncDeadLetterAlarm``, ``OnboardingSyncRefusedItemAlarm``.
"""
