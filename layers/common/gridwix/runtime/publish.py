"""What all publishing functions do with a batch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gridwix.errors import GridwixError
from gridwix.models.events import Change
from gridwix.publication.changes import ChangeReport
from gridwix.runtime.batch import Redelivery, answer, read_batch
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.publication_metrics import emit_metrics
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items


class ChangePublisher(Protocol):
    """A service that brings the portal up to date."""

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Bring every row that the changes speak of up to date. A GridwixError that it raises means that nothing was written."""


def publish_batch(event: Mapping[str, Any], publisher: Callable[[], ChangePublisher], redelivery: Callable[[], Redelivery]) -> dict[str, Any]:
    """Publish the rows of all changes of an SQS batch and answer which messages are not done; when they come again is set by the reason.

    Records that could not be read or mapped are named.
    """
    batch = read_batch(event)
    try:
        report = publisher().publish(batch.changes)
        failures = {message.id: reason for message in batch.messages if (reason := report.failure(message.change)) is not None}
    except GridwixError as error:
        report, failures = ChangeReport(), dict.fromkeys((message.id for message in batch.messages), error)
    forget_credentials_after(failures.values())
    emit_metrics(report, batch, failures)
    name_record_faults([*report.record_faults, *failures.values()], refused_items)
    return answer(batch, failures, redelivery())
