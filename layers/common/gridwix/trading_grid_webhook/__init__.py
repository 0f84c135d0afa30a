"""Receives webhooks of Trading Grid: verifies the signature, puts the event on the bus, answers.

Trigger: ``POST /webhooks/trading-grid``.
Reads: the signing secrets.
Writes: events on the bus; the ids of received webhooks.
Tables: ``WebhookInboxTable``.
Settings: read where they are used: a model would cost time at the start.
Alarms: ``TradingGridWebhookErrorAlarm``.
"""
