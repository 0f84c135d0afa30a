"""Builds the message processor of the Lambda function ``file_source``, which imports files."""

import json
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

from aws_lambda_powertools import Metrics
from pydantic import Field

from gridwix_gateway.content.s3 import S3Content
from gridwix_gateway.documents import Document
from gridwix_gateway.runtime.aws import aws_client, s3_client
from gridwix_gateway.runtime.logs import logger
from gridwix_gateway.runtime.metrics import write_metrics
from gridwix_gateway.runtime.settings import WakingSettings
from gridwix_gateway.runtime.waking import webhook_waker
from gridwix_gateway.sources.documents.declaration import DocumentsDeclaration
from gridwix_gateway.sources.documents.mapping import DocumentMapping, compile_document_mapping
from gridwix_gateway.sources.documents.s3_documents import S3DocumentDrops
from gridwix_gateway.sources.documents.service import DocumentSource
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.lookup import TableLookup
from gridwix_gateway.sources.files.messages import DropMessages, DropProcessor, Observer
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.sources.files.s3_drops import S3Drops
from gridwix_gateway.sources.files.service import FileSource, Result
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.records import Records

DECLARATIONS = Path(__file__).parents[1] / "sources" / "declarations.json"
"""The declared sources, ``config/gateway/sources/``, as compiled by ``make config``."""

LOGGED_RECORDS = 20
"""Maximum ids in one log entry of records that were left out as too large."""

RESERVED_MILLISECONDS = 60_000
"""Milliseconds of an invocation reserved for the last commit and the message that continues the
work.
"""


class FileSourceSettings(WakingSettings):
    """Environment variables of the function ``file_source``.

    Args:
        file_bucket: The bucket of files to import, of reports and of snapshots.
        queue_url: The function's own queue, for messages by which it continues its work.
        content_bucket: The bucket that the bytes of documents are copied to.
    """

    file_bucket: str = Field(min_length=1)
    queue_url: str = Field(min_length=1)
    content_bucket: str = Field(min_length=1)


class DropLog(Observer):
    """Logs the outcome of each file that was put into the bucket, and writes metrics.

    Logs and metrics hold counts and codes, no content. File names can hold personal data, so they
    are not logged; the entity tag identifies a file.

    Args:
        metrics: Writes the metrics.
        wake_senders: Wakes the senders of webhooks after a file that changed records.
    """

    def __init__(self, metrics: Metrics, wake_senders: Callable[[], None]) -> None:
        self._metrics = metrics
        self._wake_senders = wake_senders

    def record_result(self, source: str, drop: Drop, result: Result) -> None:
        counts = {name: getattr(result.counts, name) for name in result.counts.__slots__}
        logger.info(
            "drop_processed",
            extra={
                "source": source,
                "tag": drop.tag,
                "outcome": result.status,
                "code": result.code,
                "drop_counts": counts,
                "left_out": list(result.left_out[:LOGGED_RECORDS]),
            },
        )
        if result.counts.created or result.counts.updated or result.counts.deleted:
            self._wake_senders()
        refused = result.status == "refused" or bool(result.left_out)
        values = {"DropsRefused": int(refused)}
        if result.status != "unfinished":
            values["RowsRefused"] = result.counts.refused
        write_metrics(self._metrics, values, source=source)

    def record_unknown(self, source: str) -> None:  # noqa: ARG002 - anybody's words
        logger.warning("file_without_source")
        write_metrics(self._metrics, {"DropsRefused": 1})

    def record_failure(self, error: Exception) -> None:
        # The error's own text can hold a cell's value, so the log has its type and its place.
        frames = traceback.extract_tb(error.__traceback__)[-5:]
        logger.error(
            "drop_message_failed",
            extra={
                "error": type(error).__name__,
                "stack": [f"{Path(one.filename).name}:{one.lineno}" for one in frames],
            },
        )


def declared_sources(path: Path = DECLARATIONS) -> dict[str, FilesDeclaration]:
    """Return the declarations of the sources of kind ``files``, by the source's name.

    Args:
        path: The JSON file with the declarations of all sources.
    """
    return {
        name: FilesDeclaration.model_validate(value)
        for name, value in _read_declarations(path).items()
        if value["source"] == "files"
    }


def declared_documents(path: Path = DECLARATIONS) -> dict[str, DocumentMapping]:
    """Return the compiled mappings of the sources of kind ``documents``, by the source's name.

    Args:
        path: The JSON file with the declarations of all sources.
    """
    return {
        name: compile_document_mapping(name, DocumentsDeclaration.model_validate(value))
        for name, value in _read_declarations(path).items()
        if value["source"] == "documents"
    }


def _read_declarations(path: Path) -> dict[str, Document]:
    declarations: dict[str, Document] = json.loads(path.read_text("utf-8"))
    return declarations


@cache
def _declarations() -> dict[str, FilesDeclaration]:
    return declared_sources()


@cache
def _documents() -> dict[str, DocumentMapping]:
    return declared_documents()


def drop_messages(remaining_milliseconds: Callable[[], int]) -> DropMessages:
    """Return the processor of one invocation's SQS messages, which announce files to import.

    Args:
        remaining_milliseconds: Returns the time until Lambda ends the invocation.

    Returns:
        The message processor, wired to the table, the buckets and the queue.
    """
    settings = FileSourceSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    drops = S3Drops(aws_client("s3"), settings.file_bucket)
    commits = Commits(table, settings.company_id, settings.event_type_prefix)

    def find_source(name: str) -> DropProcessor | None:
        if mapping := _documents().get(name):
            content = S3Content(s3_client, settings.content_bucket)
            buckets = S3DocumentDrops(s3_client(), settings.file_bucket, content)
            return DocumentSource(name, mapping, drops=buckets, commits=commits)
        declaration = _declarations().get(name)
        if declaration is None:
            return None
        return FileSource(
            name,
            declaration,
            drops=drops,
            commits=commits,
            records=TableLookup(Records(table)),
            may_go_on=lambda: remaining_milliseconds() > RESERVED_MILLISECONDS,
        )

    def send(body: str) -> None:
        aws_client("sqs").send_message(QueueUrl=settings.queue_url, MessageBody=body)

    return DropMessages(
        find_source, drops, send, DropLog(Metrics(), webhook_waker(settings).wake_senders)
    )
