"""Tells the portal's open pages which sections have changed, so that they read only these.

A ring is a message to open pages with the change numbers of sections, without content. A change
number counts how often the rows of a section have changed, and is stored in ``PortalChanges``.
After an increase the site gets a ring with the new numbers, and three repeats of the ring follow
within seconds, because a page may miss one. Nothing depends on a ring: pages also poll the numbers
every few minutes.

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
