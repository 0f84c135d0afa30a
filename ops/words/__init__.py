"""``make words``: a report on names and docstrings, for people who write the next ones.

It has no limit and fails nothing: a good name may break each rule. CONTRIBUTING.md has the rules.
"""
