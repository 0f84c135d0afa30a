"""Plans: files with the changes that a command would make, and their exact application.

``gridwix apply`` makes exactly the changes of a plan, or stops before it changes anything. The
reasons: ``docs/adr/0052-a-plan-is-applied-as-it-was-read.md``.
"""
