"""Receives webhooks and form submissions of Wix: verifies the signature, stores the submission, puts the event on the bus, answers.

Trigger: ``POST /webhooks/wix``, ``POST /webhooks/wix/forms/{form}``.
Reads: the signing keys.
Writes: the inbox of submissions; events on the bus.
Tables: ``SubmissionTable``.
Settings: read where they are used: a model would cost time at the start.
Alarms: ``WixWebhookErrorAlarm``.
"""
