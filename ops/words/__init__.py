"""``make words``: a report on names and docstrings of the code, and on wordings to replace.

The report sets no limit and fails nothing: a good name may break each rule. CONTRIBUTING.md has the
rules.
"""
