"""A model of a Wix site in memory: data collections, files, members, messages, its ring function,
webhooks.

:class:`soak.wix.site.Wix` answers the requests of the functions' clients as ``emulators.wix`` does;
``tests/contract/test_soak_wix.py`` compares the two.
"""
