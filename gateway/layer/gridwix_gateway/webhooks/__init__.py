"""Webhooks: each registered endpoint gets the events of the feed as Standard Webhooks 1.0.0.

An endpoint has a position in the feed, and one sender at a time moves it (a lease). So each
endpoint gets the first attempts of its events in the order of the feed, and a slow one delays no
other. A failed delivery is tried again by a schedule. All state is in the table; messages of the
queue only wake a sender, and a schedule finds what no message has woken
(``docs/adr/0038``).

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
