"""Builds the target sender: it delivers items from partners to systems of the hub (targets).

Settings come from environment variables.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import botocore.session
from botocore.config import Config

from gridwix_gateway.community.counterparts import record_counterpart
from gridwix_gateway.runtime.aws import aws_client, copying_client
from gridwix_gateway.runtime.settings import TargetSettings
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.table import Table
from gridwix_gateway.targets.contents import S3Contents
from gridwix_gateway.targets.contexts import ContextReader
from gridwix_gateway.targets.dead_letters import SqsDeadLetters
from gridwix_gateway.targets.declarations import (
    CONTEXT_VARIABLES,
    AnyTarget,
    FilesTarget,
    MailTarget,
    RestTarget,
)
from gridwix_gateway.targets.declared import read_targets
from gridwix_gateway.targets.delivery_log import DeliveryLog
from gridwix_gateway.targets.files.channel import FilesChannel
from gridwix_gateway.targets.mail.channel import MailChannel
from gridwix_gateway.targets.ports import DeadLetters, TargetChannel
from gridwix_gateway.targets.record_items import TableItemReader
from gridwix_gateway.targets.rest.authenticators import new_request_authenticator
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.secrets import SecretsManagerReader
from gridwix_gateway.targets.sender import SendingTarget, TargetSender
from gridwix_gateway.targets.templates import Template


@cache
def target_sender() -> TargetSender:
    """Return the cached :class:`TargetSender`, built from environment variables.

    It delivers items from partners, such as comments, to systems of the hub (targets).
    """
    settings = TargetSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    letters = SqsDeadLetters(aws_client("sqs"), settings.target_dead_letter_queue_url)
    return new_target_sender(table, settings, letters)


@cache
def sending_targets() -> Sequence[SendingTarget]:
    """Return the declared targets, each with the channel that sends to it. Cached.

    A target is a system of the hub that gets items from partners, such as comments.
    """
    settings = TargetSettings.read()
    return new_sending_targets(read_targets(), settings)


def new_target_sender(
    table: Table, settings: TargetSettings, dead_letters: DeadLetters
) -> TargetSender:
    """Return a sender that delivers items from partners to the hub's systems (targets).

    Args:
        table: The gateway's table, with the items and the states of their deliveries.
        settings: Environment variables of the function ``target_sender``.
        dead_letters: The dead-letter queue, for items that cannot be delivered.
    """
    commits = Commits(table, settings.company_id, settings.event_type_prefix)
    return TargetSender(
        table,
        DeliveryLog(commits, table),
        feed=Feed(table),
        contexts=ContextReader(table, TableItemReader(table)),
        dead_letters=dead_letters,
        type_prefix=settings.event_type_prefix,
        record_counterpart=record_counterpart,
    )


def new_sending_targets(
    declared: Mapping[str, AnyTarget], settings: TargetSettings
) -> Sequence[SendingTarget]:
    """Return each declared target with the channel that sends to it: REST, mail or files.

    A target is an external system that the gateway delivers partners' items to, such as comments.

    Args:
        declared: The targets' declarations, by name.
        settings: Environment variables of the function ``target_sender``.
    """
    return [
        SendingTarget(
            name,
            target.system if isinstance(target, RestTarget) else "",
            target.kinds,
            None if target.when is None else Template(target.when, CONTEXT_VARIABLES),
            _new_channel(target, settings),
        )
        for name, target in declared.items()
    ]


def _new_channel(target: AnyTarget, settings: TargetSettings) -> TargetChannel:
    contents = S3Contents(aws_client("s3"), settings.bucket_name)
    match target:
        case RestTarget():
            http = BoundedHttp(new_http_client())
            secrets = SecretsManagerReader(
                aws_client("secretsmanager"), settings.target_secret_prefix
            )
            authenticator = new_request_authenticator(target.authentication, secrets, http)
            return RestChannel(target, authenticator, http, contents)
        case MailTarget():
            # A retry of botocore would send a message twice whose response was lost.
            config = Config(connect_timeout=3, read_timeout=30, retries={"total_max_attempts": 1})
            session = botocore.session.get_session()
            return MailChannel(target, session.create_client("sesv2", config=config), contents)
        case FilesTarget():
            return FilesChannel(
                target,
                copying_client(),
                settings.target_bucket_name,
                content_bucket=settings.bucket_name,
                contents=contents,
            )
