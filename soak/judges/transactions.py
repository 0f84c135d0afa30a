"""Judges the cases of transaction exceptions: each exception is in exactly one case.

From docs/functions/transaction_monitor.md and case_opener.md.
"""

from soak.inputs import TransactionShown
from soak.judges.facts import Case
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World


class TransactionJudge:
    """Judges the cases of transaction exceptions. Keeps the processes with an exception, by
    correlation id.

    Args:
        world: The newest state of the records.
        findings: Gets what is wrong.
    """

    def __init__(self, world: World, findings: Findings) -> None:
        self._world = world
        self._findings = findings
        self._faulty: dict[str, tuple[str, float, bool]] = {}

    def observe_transaction(self, given: TransactionShown) -> None:
        """Record a transaction that Lens shows. An exception that is over may never have been seen
        by the functions.
        """
        if given.over:
            if (known := self._faulty.get(given.correlation_id)) is not None:
                self._faulty[given.correlation_id] = (*known[:2], True)
        elif given.exception:
            self._faulty[given.correlation_id] = (given.partner_id, given.at, False)

    def judge(self, until: float, held: frozenset[str]) -> None:
        """Judge that each exception is in exactly one case.

        Args:
            until: Unix seconds; a later exception may not have its case yet.
            held: Records (``transactions/id``) whose events lie in a dead-letter queue, such as
                those of a partner that was deleted.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        cases: dict[str, Case] = self._world.records["cases"]
        for identifier, case in cases.items():
            for correlation in case.correlations:
                if correlation in self._faulty:
                    found.setdefault(correlation, []).append((identifier, case.head.partner))
        for correlation, (partner, at, over) in self._faulty.items():
            name = f"transaction {correlation} of {partner}"
            into = found.get(correlation, [])
            is_held = f"transactions/{correlation}" in held
            if not into and not over and at <= until and not is_held:
                self._findings.add(Kind.LOST, f"{name} has no case")
            if len(into) > 1:
                self._findings.add(
                    Kind.DOUBLED, f"{name} is in the cases {', '.join(one for one, _ in into)}"
                )
            for identifier, owner in into:
                if owner != partner:
                    self._findings.add(Kind.FOREIGN, f"{name} is in {identifier} of {owner}")
