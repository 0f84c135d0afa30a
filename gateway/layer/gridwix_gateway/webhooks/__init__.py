"""Webhooks: delivers the feed's events to registered endpoints (Standard Webhooks 1.0.0).

Each endpoint has a position in the feed (high-water mark), which one sender at a time moves under a
lease. So an endpoint gets the first attempts of its events in the order of the feed, and a slow
endpoint delays no other. A failed delivery is retried with backoff. Endpoints that keep failing are
paused (circuit breaker). All state is in the table: SQS messages only wake a sender, and a schedule
wakes a sender if a message is lost (``docs/adr/0038``).

======================  =================  ========================================================
partition key ``pk``    sort key ``sk``    item
======================  =================  ========================================================
``W#endpoints``         endpoint           the endpoint with its secrets
``W#states``            endpoint           position, lease, pause
``W#replays``           endpoint           the replay that is under way, or the last one
``W#disabled``          endpoint           mark of an endpoint that has answered 410
``D#endpoint``          delivery           a delivery and its last attempt, kept for 14 days
``Q#endpoint``          time, delivery     a delivery that is due again at this time
======================  =================  ========================================================

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""
