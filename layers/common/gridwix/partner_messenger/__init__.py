"""Use case 6: plans and sends messages to partners, and unlocks onboarding steps.

Exactly one message per campaign, occasion, partner, channel and recipient.

Modules, in the order in which a run passes them::

    queue              SQS messages to changes, report to metrics
    service            the sequence of the use case
      unlocking        unlocks onboarding steps; rules in cascade
      planning         event -> occasions in the outbox; rules in selection
      dispatching      claims what is due, settles the results
        expansion      occasion -> dispatches, one per channel and recipient
        portal_rows    writes rows of the portal
        sending        sends inbox messages, emails and digests
          relevance    checks a dispatch against the current record
          readers      selects the roles that may see the record
          context, templates, messages    renders its texts
        attempts       error -> state of the dispatch
      retention        removes old rows
      erasure          removes the data of members who are gone
    outbox_table, members, wix_inbox, mail_automation    adapters

Trigger: ``PartnerMessengerQueue`` (filled by ``MessageTimer``, ``PartnerMessengerRule``).
Reads: records of the community gateway; links, settings, members and
    contacts of the site.
Writes: rows of ``PartnerMessages``, inbox messages, emails; transitions of onboarding steps.
    Removes rows of ``MemberSettings`` and ``MemberReadMarks``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``DispatchTable``, ``JournalTable``,
    ``RefusedItemTable``.
Settings: ``MessengerSettings``.
Alarms: ``PartnerMessengerAgeAlarm``, ``PartnerMessengerDeadLetterAlarm``,
    ``PartnerMessengerFailedAlarm``, ``PartnerMessengerTemplateAlarm``,
    ``PartnerMessengerUnknownAlarm``.
"""
