"""Composition root: builds the API and the webhook sender from environment variables."""

import time
from functools import cache, partial
from typing import TYPE_CHECKING

from gridwix_gateway.api.application import Application
from gridwix_gateway.api.authentication import Authenticator
from gridwix_gateway.api.routers import ROUTERS
from gridwix_gateway.api.services import Services
from gridwix_gateway.content.s3 import S3Content
from gridwix_gateway.runtime.aws import aws_client, s3_client, waking_client
from gridwix_gateway.runtime.credentials import SecretCredentials
from gridwix_gateway.runtime.fed_collections import read_fed_collections
from gridwix_gateway.runtime.logs import log_request
from gridwix_gateway.runtime.settings import ApiSettings, WebhookSettings
from gridwix_gateway.runtime.waking import webhook_waker
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table
from gridwix_gateway.targets.queue import send_wake_message
from gridwix_gateway.webhooks.ports import Addresses

if TYPE_CHECKING:
    from gridwix_gateway.webhooks.sender import SenderParts


def table_services(table: Table, settings: ApiSettings) -> Services:
    """Return the services that the API's routes use, with their data in a table."""
    addresses = settings.webhook_addresses
    return Services(
        table=table,
        commits=Commits(table, settings.company_id, settings.event_type_prefix),
        records=Records(table),
        feed=Feed(table),
        content=S3Content(s3_client, settings.bucket_name),
        check_webhook_url=lambda url: _check_url(url, addresses),
        fed_collections=read_fed_collections,
        announce_commit=partial(_announce_commit, settings),
    )


@cache
def api_application() -> Application:
    """Return the HTTP application of the function ``api``, built from its environment. Cached."""
    settings = ApiSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    credentials = SecretCredentials(aws_client("secretsmanager"), settings.secret_id)
    authenticator = Authenticator(credentials, time.time)
    return Application(table_services(table, settings), authenticator, ROUTERS, log_request)


@cache
def webhook_sender_parts() -> "SenderParts":
    """Return the webhook sender's dependencies, built from the environment. Cached."""
    # Brings httpx and the signatures, which the function ``api`` does not need.
    from gridwix_gateway.webhooks.http import connect
    from gridwix_gateway.webhooks.sender import SenderParts

    settings = WebhookSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    return SenderParts(
        table=table,
        feed=Feed(table),
        connect=lambda: connect(settings.webhook_addresses),
        waker=webhook_waker(settings),
    )


def _check_url(url: str, addresses: Addresses) -> None:
    # Brings httpx, which other requests do not need at a cold start.
    from gridwix_gateway.webhooks.addresses import check_url

    check_url(url, addresses)


def _announce_commit(settings: ApiSettings) -> None:
    """Wake the functions that send what a commit has changed, by SQS messages.

    The functions send webhooks, and deliveries to external systems (targets). Best effort: a
    schedule wakes the functions, too, in case a message is lost.
    """
    webhook_waker(settings).wake_senders()
    if settings.target_queue_url:
        send_wake_message(waking_client(), settings.target_queue_url)
