"""Reads the event feed of Trading Grid and puts its events on the bus.

For a full resync, it lists all partners and puts a request on the bus to publish each of them
again.

Trigger: ``TradingGridFeedQueue`` (filled by ``DoorbellRule``, ``FeedTimer``).
Reads: the event feed and the partners of the community gateway.
Writes: events on the bus; the feed cursor; handovers; the journal.
Tables: ``CursorTable``, ``HandoverTable``, ``JournalTable``, ``RefusedItemTable``.
Settings: ``FeedSettings``.
Alarms: ``TradingGridFeedAgeAlarm``, ``TradingGridFeedDeadLetterAlarm``.
"""
