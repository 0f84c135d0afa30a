"""Deploys the community gateway on the local cloud, in place of the emulator's community API.

The Trading Grid emulator still serves the paths of OpenText itself: tokens, directory and Lens.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any

import httpx

from gridwix_gateway.community.comments import comment_item
from gridwix_gateway.community.documents import put_version
from gridwix_gateway.content.s3 import S3Content
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.webhooks.queue import SqsWaker
from ops.bundle import GATEWAY, deploy_bundle
from ops.console import print_error
from ops.gateway_client import GatewayClient
from ops.local_cloud import LocalCloud
from ops.logs import read_lines
from ops.stack import Stack

STACK_NAME = "gridwix-gateway-local"
CHUNK = 50
"""Number of records per commit when a community is copied to the gateway."""

ENVIRONMENTS = 10
"""Number of Lambda environments of the API to start ahead: the publishers of a first publication
use so many at once.
"""

COMMENTED = ("cases", "collaboration-requests")


@dataclass(frozen=True, slots=True)
class DeployedGateway:
    """A community gateway that runs on the local cloud.

    - ``url`` is the gateway's base address; ``community_url`` is the address of its community API,
      which fulfills the community gateway profile (an OpenAPI contract);
    - ``credentials`` are the consumer key and secret with which gridwix gets tokens;
    - ``desk_credentials`` are the consumer key and secret of the hub's people;
    - ``commits`` writes records to the gateway's table, as the gateway's functions do.
    """

    stack: Stack
    url: str
    community_url: str
    credentials: Mapping[str, str]
    desk_credentials: Mapping[str, str]
    commits: Commits

    def store_content(self, content: bytes) -> str:
        """Store the bytes of a document in the gateway's bucket; return the S3 object's key."""
        key = f"content/{hashlib.sha256(content).hexdigest()}/{uuid.uuid4()}"
        S3Content(lambda: self.stack.aws.s3, self.stack.output("ContentBucketName")).put(
            key, content
        )
        return key

    def drop_file(self, source: str, name: str, content: bytes) -> None:
        """Upload a file to a source's folder in the gateway's bucket. This triggers the gateway."""
        key = f"drops/{source}/{name}"
        self.stack.aws.s3.put_object(
            Bucket=self.stack.output("FileBucketName"), Key=key, Body=content
        )

    def announce_commit(self) -> None:
        """Wake the gateway's senders of webhooks, as the gateway does after a commit."""
        queue = self.stack.output("WebhookSenderQueueUrl")
        SqsWaker(lambda: self.stack.aws.sqs, queue, print_error).wake_senders()

    def answered_reads(self, since: float) -> Sequence[Mapping[str, Any]]:
        """Return the GET requests that the gateway has answered since a time (Unix seconds).

        Each has ``at``, its time, and ``path``. They come from the log of the gateway's API
        function, so ``path`` is the pattern of the route.
        """
        lines = read_lines(self.stack.aws.logs, self.stack.log_group("api"), since)
        return [
            {"at": line.at - line.fields["milliseconds"] / 1000, "path": line.fields["route"]}
            for line in lines
            if line.event_name == "request_answered" and line.fields["method"] == "GET"
        ]

    @property
    def community_credentials(self) -> Mapping[str, str]:
        """The credentials for the gateway, as members of the secret that gridwix reads."""
        return {
            "communityConsumerKey": self.credentials["consumerKey"],
            "communityConsumerSecret": self.credentials["consumerSecret"],
        }


def deploy_gateway(
    cloud: LocalCloud, template: Path, hub: Mapping[str, str], run: Path, http: httpx.Client
) -> DeployedGateway:
    """Deploy the gateway, give it credentials, and start the Lambda environments of its API.

    Args:
        cloud: The running local cloud.
        template: The built template.
        hub: The hub's ``companyId`` and ``eventTypePrefix``.
        run: Folder for SAM's messages.
        http: Sends the requests that start the environments (:func:`start_environments`).

    Raises:
        BundleError: The deployment failed.
    """
    parameters = {
        "CompanyId": hub["companyId"],
        "EventTypePrefix": hub["eventTypePrefix"],
        # Receivers are on the loopback interface.
        "WebhookAddresses": "any",
    }
    log = run / "sam-deploy-gateway.log"
    deploy_bundle(cloud, template, STACK_NAME, parameters, log, GATEWAY)
    stack = Stack.read(STACK_NAME, cloud.aws())
    consumer = {"consumerKey": "gridwix", "consumerSecret": secrets.token_urlsafe(24)}
    desk = {"consumerKey": "desk", "consumerSecret": secrets.token_urlsafe(24)}
    stack.put_secret(
        "ConsumersSecret",
        {
            # What a consumer of the desk writes is the hub's, and goes to no target.
            "consumers": [
                {**consumer, "scopes": ["community"]},
                {**desk, "scopes": ["community", "desk"]},
            ],
            "tokenKey": secrets.token_urlsafe(48),
        },
    )
    table = DynamoTable(stack.aws.dynamodb, stack.output("TableName"))
    deployed = DeployedGateway(
        stack,
        cloud.local_url(stack.output("GatewayUrl")),
        cloud.local_url(stack.output("CommunityUrl")),
        consumer,
        desk,
        Commits(table, hub["companyId"], hub["eventTypePrefix"]),
    )
    start_environments(deployed, http)
    return deployed


def start_environments(gateway: DeployedGateway, http: httpx.Client) -> None:
    """Start Lambda environments of the gateway's API in parallel, and wait until they answer.

    Otherwise the publishers, which call the gateway as soon as the stack runs, would wait for the
    start of many environments. On a busy machine this takes longer than they wait for an answer.
    """
    url = f"{gateway.url}/v1/oauth2/tokens?grant_type=client_credentials"
    auth = (gateway.credentials["consumerKey"], gateway.credentials["consumerSecret"])
    with ThreadPoolExecutor(ENVIRONMENTS) as pool:
        for response in pool.map(lambda _: http.post(url, auth=auth), range(ENVIRONMENTS)):
            response.raise_for_status()


def copy_world(source: GatewayClient, gateway: DeployedGateway) -> None:
    """Copy all records of another gateway or the emulator, with versions, times and comments.

    Documents are copied with their content. The event feed of the gateway has no events of these
    records.
    """
    for collection in ENTITY_NAMES:
        records = list(source.iterate_records(collection))
        for chunk in batched(records, CHUNK, strict=False):
            gateway.commits.run(partial(_copy_records, collection, chunk))
        if collection in COMMENTED:
            for record in records:
                comments = source.list_comments(collection, record["id"])
                if comments:
                    gateway.commits.run(partial(_copy_comments, collection, record, comments))

    for document in source.iterate_records("documents"):
        for version in source.list_versions(document["id"]):
            content = source.read_content(document["id"], version["number"])
            blob = gateway.store_content(content)
            gateway.commits.run(partial(_copy_version, document["id"], version, blob))


def _copy_version(identifier: str, version: Document, blob: str, draft: Draft) -> None:
    put_version(draft, identifier, version, blob)


def _copy_records(collection: str, records: Sequence[Document], draft: Draft) -> None:
    for record in records:
        draft.create(collection, record, None)


def _copy_comments(
    collection: str, record: Document, comments: Sequence[Document], draft: Draft
) -> None:
    for comment in comments:
        draft.put_item(comment_item(collection, record["id"], comment))
