"""Previews of a configuration before it is put into effect: the routing rule that a request hits,
the members that a campaign reaches, and a text in each language. Nothing is written or sent.
"""
