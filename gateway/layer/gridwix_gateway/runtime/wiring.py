"""Builds the gateway's parts from settings. The only place that knows all of them."""

import time
from functools import cache

from gridwix_gateway.api.application import Application
from gridwix_gateway.api.authentication import Authenticator
from gridwix_gateway.api.routers import ROUTERS
from gridwix_gateway.api.services import Services
from gridwix_gateway.runtime.aws import aws_client
from gridwix_gateway.runtime.credentials import SecretCredentials
from gridwix_gateway.runtime.logs import log_request
from gridwix_gateway.runtime.settings import ApiSettings, Settings
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table


def table_services(table: Table, settings: Settings) -> Services:
    """Return the services of a table."""
    commits = Commits(table, settings.company_id, settings.event_type_prefix)
    return Services(table=table, commits=commits, records=Records(table), feed=Feed(table))


@cache
def api_application() -> Application:
    """Return the application of the function ``api``, from its environment."""
    settings = ApiSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    credentials = SecretCredentials(aws_client("secretsmanager"), settings.secret_id)
    authenticator = Authenticator(credentials, time.time)
    return Application(table_services(table, settings), authenticator, ROUTERS, log_request)
