"""Receives webhooks of Trading Grid: verifies the signature, puts the event on the bus, responds.

Trigger: ``POST /webhooks/trading-grid``.
Reads: the signing secrets.
Writes: events on the bus; the ids of received webhooks; handovers (records of accepted events);
    rejections in the journal.
Tables: ``HandoverTable``, ``JournalTable``, ``WebhookInboxTable``.
Settings: read without a settings model, which would slow down the cold start.
Alarms: ``TradingGridWebhookErrorAlarm``, ``TradingGridWebhookFailedAlarm``,
    ``TradingGridWebhookUntrustedAlarm``.
"""
