"""Plans: what a command would change, in one file, and its application.

``gridwix apply`` does exactly what a plan says, or stops before it changes anything. The reasons:
``docs/adr/0052-a-plan-is-applied-as-it-was-read.md``.
"""
