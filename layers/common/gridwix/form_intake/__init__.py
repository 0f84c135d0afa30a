"""Use case 4: delivers form submissions to Trading Grid, exactly once and in order.

Also carries out follow-ups: members' actions on existing records, such as a comment on a case. An
order is the stored call to Trading Grid for one submission.

``service.py`` runs these steps:

- ``reading.py`` parses a submission, with ``forms.py`` and ``form_fields.py``.
- ``sender_limits.py`` counts submissions against rate limits.
- ``partner_lookup.py`` and ``matching.py`` find the partner.
- ``new_requests.py`` builds and carries out orders for new requests, with ``routing.py`` and
  ``request_attachments.py``.
- ``follow_ups.py`` builds and carries out orders for follow-ups, with ``follow_up_orders.py`` and
  ``document_uploads.py``.
- ``delivery.py`` delivers the orders of each partner in sequence.
- ``holding.py`` holds submissions for manual review.
- ``submission_rows.py`` publishes the rows of submissions, with ``projection.py``; ``due_rows.py``
  retries rows that could not be published.

Trigger: ``FormIntakeQueue`` (filled by ``FormIntakeRule``, ``IntakeTimer``).
Reads: the inbox of submissions, member links and files of the site, the partner directory, records
    of the community gateway.
Writes: requests, comments, transitions and uploads of the community gateway; rows of
    ``PartnerRequests``.
Tables: ``BudgetTable``, ``ConfigurationTable``, ``JournalTable``, ``LedgerTable``,
    ``RefusedItemTable``, ``SubmissionTable``.
Settings: ``IntakeSettings``.
Alarms: ``FormIntakeAgeAlarm``, ``FormIntakeDeadLetterAlarm``, ``FormIntakeRefusedItemAlarm``,
    ``FormIntakeReviewAlarm``, ``FormIntakeRunAlarm``, ``FormIntakeUnmatchedAlarm``,
    ``FormIntakeWaitingAlarm``.
"""
