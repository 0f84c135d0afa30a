"""Base of sources that are read over HTTP: reads the secret, reads the API, and reports the run."""

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
    """Protocol: the settings in the configuration of every source that is read over HTTP.

    The configuration of a source, called its declaration, is a file in ``config/gateway/sources/``.
    """

    @property
    def url(self) -> str:
        """Base URL of the source's API."""

    @property
    def every_minutes(self) -> int:
        """Minutes from the beginning of a run to the beginning of the next run."""

    @property
    def authentication(self) -> AuthenticationDeclaration:
        """Authentication of the gateway at the source's API."""


class Reading(Protocol):
    """Port: reads an HTTP source's pages in one run, and commits their rows.

    Attributes:
        pages: Number of responses that were read.
        warnings: Codes of suspicious findings that do not stop the run.
    """

    pages: int
    warnings: list[str]

    def repeat_refused(self) -> None:
        """Retry rows that earlier runs have refused: map them again, and commit those that pass.

        Raises SourceFault.
        """

    def read_all(self, reader: JsonReader) -> bool:
        """Read the source's pages and commit their rows. Raises SourceFault.

        Return True if the end of the source was reached, False if the next run must continue.
        """


@dataclass(frozen=True)
class HttpSource[D: HttpDeclaration](ABC):
    """A declared source that is read over HTTP, ready to run."""

    name: str
    declaration: D

    @property
    def every(self) -> timedelta:
        """Interval from the beginning of a run to the beginning of the next run."""
        return timedelta(minutes=self.declaration.every_minutes)

    @property
    @abstractmethod
    def longest_run(self) -> float:
        """Time limit of one run, in seconds: declared, or fixed for the kind of source.

        A run is one scheduled reading of the source.
        """

    @property
    @abstractmethod
    def largest_answer(self) -> int:
        """Maximum bytes of one response."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Further headers of each request, besides the credentials."""
        return {}

    @abstractmethod
    def make_reading(self, run: SourceRun, timing: Timing, deadline: float) -> Reading:
        """Return the object that reads the source's pages and commits their rows in one run."""

    def read_source(
        self,
        run: SourceRun,
        secrets: Secrets,
        timing: Timing,
        deadline: float,
        transport: httpx.BaseTransport | None = None,
    ) -> RunReport:
        """Read the source from its checkpoint, until its end or the limits of one run are reached.

        Args:
            run: The run, which holds the source's lease.
            secrets: Reads the secret of the source.
            timing: Clocks and waits.
            deadline: Time on the monotonic clock at which the run must have ended, in seconds.
            transport: Replaces the network in tests.

        Returns:
            The report of the run. A fault of the source is in the report and not raised; earlier
            commits stay.

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
        """Return a reader of the source's API, which authenticates each request.

        Raises SourceFault ``secret`` if the secret with the credentials cannot be read, or lacks a
        value.
        """
        return JsonReader(
            httpx.URL(self.declaration.url),
            make_authentication(self.declaration.authentication, secrets, timing),
            headers=self.headers,
            max_bytes=self.largest_answer,
            deadline=deadline,
            timing=timing,
            transport=transport,
        )
