"""Use case 6: plans and sends messages to partners, exactly once per campaign, event, partner and channel, and unlocks onboarding steps.

Trigger: ``PartnerMessengerQueue`` (filled by ``MessageTimer``, ``PartnerMessengerRule``).
Reads: records of the community gateway; links, members and contacts of the site.
Writes: rows of ``PartnerMessages``, inbox messages, e-mails; transitions of onboarding steps.
Tables: ``BudgetTable``, ``DispatchTable``, ``RefusedItemTable``.
Settings: ``MessengerSettings``.
Alarms: ``PartnerMessengerAgeAlarm``, ``PartnerMessengerDeadLetterAlarm``, ``PartnerMessengerFailedAlarm``, ``PartnerMessengerTemplateAlarm``,
    ``PartnerMessengerUnknownAlarm``.
"""
