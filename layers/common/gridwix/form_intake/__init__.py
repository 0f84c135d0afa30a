"""Use case 4, and follow-ups of use cases 2, 3 and 5: delivers submissions from the portal to
Trading Grid, exactly once and in order.

``service.py`` has the sequence. Of the steps, ``reading.py`` parses (``forms.py``,
``form_fields.py``), ``sender_limits.py`` counts, ``partner_lookup.py`` and ``matching.py`` find the
partner, ``new_requests.py`` (``routing.py``, ``request_attachments.py``) and ``follow_ups.py``
(``follow_up_orders.py``, ``document_uploads.py``) build and carry out orders, ``delivery.py``
delivers them, ``holding.py`` holds for manual review, ``submission_rows.py`` (``projection.py``)
publishes.

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
