"""Local host for the portal's code, without Wix.

A small Node.js server that loads the files of ``portal/`` and provides what a Wix site provides.
``host/shims`` holds Wix's modules, as far as the portal's backend uses them, on top of the REST API
of the Wix emulator. ``host/browser`` holds what page code finds in a browser. Anyone who can reach
the page can log in as any member of the site, so the server listens on the loopback interface only
and is for development.

``GET /``
    The members of the site, to log in as one of them, and the versions of Node.js and of its
    time zones. ``POST /login`` logs in, ``POST /logout`` logs out.
``GET /portal``
    The portal's page with ``portal/pages/partner-portal.js`` and the web component of
    ``portal/element``.
``POST /_functions/web/{method}``
    A web method of ``portal/backend/gridwix.web.js``: a JSON array of arguments in,
    ``{"result"}`` out.
``/_functions/{name}``
    The HTTP functions of ``portal/backend/http-functions.js``, for callers without a session.
``GET /_realtime/connect``, ``POST /_realtime/{subscribe,unsubscribe}``
    Wix Realtime for the page: a stream of server-sent events, and its subscriptions, each of which
    ``portal/backend/realtime-permissions.js`` allows or refuses. See ``host/realtime.js``.
``GET|POST|DELETE /__emulator/realtime``
    Injected faults of Wix Realtime (messages that are lost, doubled or late, no connection, a
    preview, a missing hook) and its counters, for programs on this machine. See
    ``host/control.js``.
"""
