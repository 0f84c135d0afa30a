"""Use case 6: plans and sends messages to partners, and unlocks onboarding steps.

A campaign is the configured rule and texts of one kind of message. An occasion is one reason for a
campaign to write to a partner, such as an event. A dispatch is one planned message. There is
exactly one message per campaign, occasion, partner, channel and recipient.

Modules, in the order in which a run passes them::

    queue              parses SQS messages as changes (events), emits metrics of a run
    service            the sequence of the use case
      unlocking        unlocks onboarding steps, by the rules in ``cascade``
      planning         stores the occasions that events trigger, by the rules in ``selection``
      announcing       plans the messages about invitations that were made on the portal
      dispatching      claims due dispatches, stores the results
        expansion      plans the dispatches of an occasion, one per channel and recipient
        portal_rows    writes rows of the portal
        sending        sends inbox messages, emails and digests
          relevance    checks a dispatch against the current record
          readers      selects the roles that may see the record
          recipients   contact, consent, language and quiet hours of a person
          invitations  invitations and their codes
          context, templates, messages    render the texts of a dispatch
          mail_pace    emails per minute
        attempts       error -> state of the dispatch
      retention        removes old rows
      erasure          removes the data of members who are gone
    outbox_table, members, invitation_rows, wix_inbox, mail_automation, mail_pace_table    adapters

Trigger: ``PartnerMessengerQueue`` (filled by ``MessageTimer``, ``PartnerMessengerRule``).
Reads: records of the community gateway; links, invitations, settings, members and
    contacts of the site.
Writes: rows of ``PartnerMessages``, inbox messages, emails; hashes of codes in
    ``PartnerInvitations``; transitions of onboarding steps.
    Removes rows of ``MemberSettings``, ``MemberReadMarks`` and ``PeopleHistory``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``DispatchTable``, ``JournalTable``,
    ``RefusedItemTable``.
Settings: ``MessengerSettings``.
Alarms: ``PartnerMessengerAgeAlarm``, ``PartnerMessengerDeadLetterAlarm``,
    ``PartnerMessengerFailedAlarm``, ``PartnerMessengerPaceAlarm``, ``PartnerMessengerRunAlarm``,
    ``PartnerMessengerTemplateAlarm``, ``PartnerMessengerUnknownAlarm``.
"""
