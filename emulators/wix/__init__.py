"""An emulator of one Wix site, as https://dev.wix.com/docs/rest documents its APIs.

OAuth, API keys, data collections, data items, forms, contacts, members, media, the inbox, webhooks
and automations. Nothing of it was compared with Wix itself; where the documentation is silent, the
official JavaScript SDK decides, which works with the emulator unchanged.

Besides Wix's own paths it serves the following, to callers on this machine only:

``GET /__emulator/info``
    The site's address, ids and credentials, and the key that its webhooks are signed with
    (``publicKey``, PEM).
``GET|POST /__emulator/settings``
    ``{"readsPerMinute", "writesPerMinute", "requestsPerMinute", "replicaLag", "cmsInstalled"}``; a
    POST changes those that it names. See :mod:`emulators.wix.quota`.
``GET|DELETE /__emulator/usage``
    Requests of the current ``minute`` (``{"reads": {"used", "limit"}}`` and so on). Also the
    numbers of ``reads`` and ``writes`` by collection, and of ``refused`` requests, from the time
    ``since`` on. A DELETE sets these numbers to zero and ``since`` to now.
``GET|POST|DELETE /__emulator/refusals``
    Rules by which the site refuses items until the rule is removed, see
    :mod:`emulators.wix.refusals`.
``GET|DELETE /__emulator/items?collection=``
    All current items, oldest first; a DELETE removes them and their history.
``GET|DELETE /__emulator/writes?collection=[&id=][&after=]``
    Every write that was applied, oldest first.
``GET /__emulator/underway``
    Number of calls of the site itself (webhooks, automations, imports) that are in progress, or
    due within 30 seconds.
``GET|POST /__emulator/ghosts``
    Number of delayed writes that are not applied yet; a POST applies all of them.
``/__emulator/{forms,submissions,members,contacts,inbox}``
    See :mod:`emulators.wix.crm_control`.
``/__emulator/{webhooks,events,automations,mails}``
    See :mod:`emulators.wix.webhooks_control`.
``/__emulator/media``
    See :mod:`emulators.wix.media_control`.
``/__emulator/{faults,journal,clock}``
    See :mod:`emulators.common`. The faults of this emulator alone are in
    :mod:`emulators.wix.endpoint`, :mod:`emulators.wix.webhooks` and :mod:`emulators.wix.media`.
"""
