"""Use case 4: delivers form submissions to Trading Grid, exactly once and in order.

Also the follow-ups of use cases 2, 3 and 5, which are members' actions on existing records.

``service.py`` has the sequence. Of the steps, ``reading.py`` parses (``forms.py``,
``form_fields.py``), ``sender_limits.py`` counts, ``partner_lookup.py`` and ``matching.py`` find the
partner, ``new_requests.py`` (``routing.py``, ``request_attachments.py``) and ``follow_ups.py``
(``follow_up_orders.py``, ``document_uploads.py``) build and carry out orders (an order is the
stored call to Trading Grid for one submission), ``delivery.py`` delivers them, ``holding.py`` holds
submissions for manual review, ``submission_rows.py`` (``projection.py``) publishes their rows.

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
