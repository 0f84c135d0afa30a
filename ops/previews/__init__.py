"""Previews of a configuration before it is put into effect. Nothing is written or sent.

They show the routing rule that a request hits, the members that a campaign reaches, and a text in
each language.
"""
