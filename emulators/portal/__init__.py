"""The portal's own code on this machine, without Wix: a small Node.js server that loads the very files of ``portal/`` and gives them what a Wix site does.

``host/shims`` are Wix's modules as far as the portal's backend uses them, on top of the REST API of the Wix emulator. ``host/browser`` is what page code finds
in a browser. Whoever can reach the page can log in as any member of the site: it listens on the loopback interface alone, and is for development.

``GET /``
    The members of the site, to log in as one of them, and which Node.js with which time zones runs here. ``POST /login`` does so, ``POST /logout`` ends it.
``GET /portal``
    The portal's page with ``portal/pages/partner-portal.js`` and the web component of ``portal/element``.
``POST /_functions/web/{method}``
    A web method of ``portal/backend/gridwix.web.js``: a JSON array of arguments in, ``{"result"}`` out.
"""
