"""Receives webhooks and form submissions of Wix.

It verifies the signature, stores the submission, puts the event on the bus, and responds.

Trigger: ``POST /webhooks/wix``, ``POST /webhooks/wix/forms/{form}``.
Reads: the signing keys.
Writes: the inbox of submissions; events on the bus.
Tables: ``SubmissionTable``.
Settings: read without a settings model, which would slow down the cold start.
Alarms: ``WixWebhookErrorAlarm``, ``WixWebhookFailedAlarm``, ``WixWebhookUntrustedAlarm``.
"""
