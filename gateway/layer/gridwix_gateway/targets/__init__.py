"""Targets: systems of the hub to which the things that partners send are delivered, once.

A target is declared by a file in ``config/gateway/targets/``. Each target reads the event feed from
its own position (high-water mark), and takes the events that API clients have caused on behalf of
partners (``partner_items``). A delivery is recorded before it is sent (``delivery_log``), then
claimed, sent by its channel and completed, or retried with backoff, or moved to the dead-letter
queue with a reason (``sender``).

- Trigger: SQS messages after commits, a schedule each minute, and redriven dead letters.
- Reads and writes: the table. Reads: the bytes of documents. Writes: the target bucket.
- Settings: ``BUCKET_NAME``, ``TARGET_BUCKET_NAME``, ``TARGET_SECRET_PREFIX``,
  ``TARGET_DEAD_LETTER_QUEUE_URL``.

After an attempt with an unknown outcome (a crash, a lost answer):

=======  ==========================================================================================
rest     The next attempt looks the delivery's reference up before it creates, or repeats the same
         idempotency key.
files    The next attempt writes the same name, if it is free.
mail     There is no next attempt: the delivery goes to the dead-letter queue as
         ``outcome-unknown``, and a person decides. So a message is sent at most once.
=======  ==========================================================================================

``docs/adr/0040`` says why. The bytes of a document are a second step of its delivery
(``contents``, ``docs/adr/0043``).
"""
