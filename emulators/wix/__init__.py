"""A stand-in for one Wix site: OAuth, API keys, data collections, data items, forms, contacts, members, media, the inbox, webhooks and automations, as
https://dev.wix.com/docs/rest documents them.

Nothing of it was run against Wix itself; where the documentation is silent, the official JavaScript SDK decides, which works against it unchanged.

Beside Wix's own paths it answers, to callers on this machine only:

``GET /__emulator/info``
    The site's address, ids and credentials, and the key that its webhooks are signed with (``publicKey``, PEM).
``GET|POST /__emulator/settings``
    ``{"requestsPerMinute", "replicaLag", "cmsInstalled"}``; a POST changes the ones that it names.
``GET|POST|DELETE /__emulator/refusals``
    Standing rules by which items are refused, see :mod:`emulators.wix.refusals`.
``GET|DELETE /__emulator/items?collection=``
    All items as they stand, oldest first; or away with them and their history.
``GET|DELETE /__emulator/writes?collection=[&id=][&after=]``
    Every write that was carried out, oldest first.
``GET /__emulator/underway``
    How many calls of the site's own (webhooks, automations, imports) are being made, or are due within half a minute.
``GET|POST /__emulator/ghosts``
    How many writes still wait to land; a POST lands them all.
``/__emulator/{forms,submissions,members,contacts,inbox}``
    See :mod:`emulators.wix.crm_control`.
``/__emulator/{webhooks,events,automations,mails}``
    See :mod:`emulators.wix.webhooks_control`.
``/__emulator/media``
    See :mod:`emulators.wix.media_control`.
``/__emulator/{faults,journal,clock}``
    See :mod:`emulators.common`. The faults that only this emulator knows are in :mod:`emulators.wix.endpoint`,
    :mod:`emulators.wix.webhooks` and :mod:`emulators.wix.media`.
"""
