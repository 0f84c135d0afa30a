"""Rings: tells the portal's open pages which sections have changed, so that they read only these.

A change is counted in ``PortalChanges``, then the site is rung with the new numbers, and three
repeats of the ring follow within seconds, because a page may miss one. Nothing depends on a ring:
pages also poll every few minutes.

Modules: ``messages`` (what is in the queue), ``rings`` (merging and bounding, pure), ``service``
(the sequence of the use case), ``queue`` (SQS messages to the use case, report to metrics),
``repeats`` (sends to the own queue).

Trigger: ``PortalRingerQueue`` (filled by every function that writes rows, and by this one).
Reads: nothing but its queue.
Writes: rows of ``PortalChanges``; signed requests to the site's function ``gridwixRing``; the
    journal.
Tables: ``BudgetTable``, ``JournalTable``.
Settings: ``RingerSettings``.
Alarms: ``PortalRingerAgeAlarm``, ``PortalRingerDeadLetterAlarm``, ``PortalRingerFailedAlarm``.
"""
