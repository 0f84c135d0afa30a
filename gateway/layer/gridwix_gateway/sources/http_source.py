"""A run of a source that is read over HTTP: from its secret to its report."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import httpx

from gridwix_gateway.sources.credentials import (
    AuthenticationDeclaration,
    Secrets,
    make_authentication,
)
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonReader, Timing
from gridwix_gateway.sources.runs import RunReport, SourceRun


class HttpDeclaration(Protocol):
    """The members that the declarations of such sources share."""

    @property
    def url(self) -> str:
        """The API's address."""

    @property
    def every_minutes(self) -> int:
        """Minutes between the beginnings of two runs."""

    @property
    def authentication(self) -> AuthenticationDeclaration:
        """Authentication of the gateway by the API."""


class Reading(Protocol):
    """The reading of one run.

    Attributes:
        pages: Answers that were read.
        warnings: Codes of what looks wrong.
    """

    pages: int
    warnings: list[str]

    def repeat_refused(self) -> None:
        """Commit refused rows of former runs that pass by now. Raises SourceFault."""

    def read_all(self, reader: JsonReader) -> bool:
        """Read and commit. Return whether the source was read to its end. Raises SourceFault."""


@dataclass(frozen=True)
class HttpSource[D: HttpDeclaration](ABC):
    """A declared source, ready to run."""

    name: str
    declaration: D

    @property
    def every(self) -> timedelta:
        """Time between the beginnings of two runs."""
        return timedelta(minutes=self.declaration.every_minutes)

    @property
    @abstractmethod
    def longest_run(self) -> float:
        """Seconds that a run may take."""

    @property
    @abstractmethod
    def largest_answer(self) -> int:
        """Bytes that an answer may have."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of each request."""
        return {}

    @abstractmethod
    def make_reading(self, run: SourceRun, timing: Timing, deadline: float) -> Reading:
        """Return the reading of a run."""

    def read_source(
        self,
        run: SourceRun,
        secrets: Secrets,
        timing: Timing,
        deadline: float,
        transport: httpx.BaseTransport | None = None,
    ) -> RunReport:
        """Read from where the last run ended, until the end or the limits of a run.

        Args:
            run: The run that has the source.
            secrets: Reads secrets.
            timing: Clocks and waits.
            deadline: Monotonic seconds at which the run must have ended.
            transport: Replaces the network in tests.

        Returns:
            The report. A fault of the source is in it; earlier commits stay.

        Raises:
            Problem: ``unavailable``: the table takes no commits.
        """
        deadline = min(deadline, timing.monotonic() + self.longest_run)
        reading = self.make_reading(run, timing, deadline)
        try:
            reading.repeat_refused()
            with self._open_reader(secrets, deadline, timing, transport) as reader:
                finished = reading.read_all(reader)
            completed_at = run.state.begun_at if finished else run.state.completed_at
            run.end_run(replace(run.state, fault="", faults=0, completed_at=completed_at))
        except SourceFault as fault:
            run.end_faulted_run(fault, timing.now())
            return run.make_report("failed", reading.pages, reading.warnings, fault)
        return run.make_report(
            "complete" if finished else "partial", reading.pages, reading.warnings
        )

    def _open_reader(
        self,
        secrets: Secrets,
        deadline: float,
        timing: Timing,
        transport: httpx.BaseTransport | None,
    ) -> JsonReader:
        """Return the reader of the source's API. Raises SourceFault ``secret``."""
        return JsonReader(
            httpx.URL(self.declaration.url),
            make_authentication(self.declaration.authentication, secrets, timing),
            headers=self.headers,
            max_bytes=self.largest_answer,
            deadline=deadline,
            timing=timing,
            transport=transport,
        )
