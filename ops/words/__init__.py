"""``make words``: a report on names and docstrings, with wordings to replace.

It sets no limit and fails nothing: a good name may break each rule. CONTRIBUTING.md has the rules.
"""
