"""boto3 clients of one account and region, made on first use, with bounded retries and time-outs."""

import threading
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

TIMEOUT = 30.0
BRISK = 10.0
"""Seconds that an answer may take for somebody who only looks: an endpoint that does not answer is soon known."""

ATTEMPTS = 3


class Aws:
    """The clients that the command uses. Without arguments: the ordinary credentials, region and ``AWS_ENDPOINT_URL`` of the environment.

    ``timeout`` is how many seconds an answer may take before the call is made again, which for a function means that it runs once more; ``attempts`` how often
    a call is made at most. Any number of threads may use it. A session is not made for that, so clients are created one at a time.
    """

    def __init__(self, session: boto3.Session | None = None, endpoint_url: str | None = None, timeout: float = TIMEOUT, *, attempts: int = ATTEMPTS) -> None:
        self._session = session or boto3.Session()
        self._endpoint_url = endpoint_url
        self._config = Config(connect_timeout=5, read_timeout=timeout, retries={"mode": "standard", "total_max_attempts": attempts})
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    @property
    def cloudformation(self) -> "CloudFormationClient":
        return cast("CloudFormationClient", self._client("cloudformation"))

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        return cast("CloudWatchClient", self._client("cloudwatch"))

    @property
    def dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._client("dynamodb"))

    @property
    def events(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", self._client("events"))

    @property
    def functions(self) -> "LambdaClient":
        return cast("LambdaClient", self._client("lambda"))

    @property
    def logs(self) -> "CloudWatchLogsClient":
        return cast("CloudWatchLogsClient", self._client("logs"))

    @property
    def s3(self) -> "S3Client":
        return cast("S3Client", self._client("s3"))

    @property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        return cast("EventBridgeSchedulerClient", self._client("scheduler"))

    @property
    def secrets(self) -> "SecretsManagerClient":
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    @property
    def sqs(self) -> "SQSClient":
        return cast("SQSClient", self._client("sqs"))

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                # boto3's types know no client by a name that is a variable.
                make: Any = self._session.client
                try:
                    self._clients[service] = make(service, endpoint_url=self._endpoint_url, config=self._config)
                except ValueError as error:
                    # Such as an AWS_ENDPOINT_URL that is no URL.
                    raise OpsError(f"AWS: {error}") from error
            return self._clients[service]
