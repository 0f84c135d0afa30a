"""boto3 clients for one account and region, with bounded retries and timeouts.

Each client is created on first use.
"""

import threading
from typing import TYPE_CHECKING, Any, cast

from ops.aws_session import SessionChoice, chosen_session
from ops.errors import OpsError

if TYPE_CHECKING:
    import boto3
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
"""Default read timeout of calls to AWS, in seconds."""
BRISK = 10.0
"""Read timeout in seconds of commands that only read: they report an unresponsive endpoint soon."""

ATTEMPTS = 3
"""Maximum number of attempts per call, the first included."""


class Aws:
    """The AWS clients of the ``gridwix`` command. Thread-safe.

    By default it uses the ``AWS_ENDPOINT_URL`` of the environment, and its credentials and region,
    unless ``--profile`` or ``--region`` chose others (``ops.aws_session``).

    Args:
        session: The boto3 session. Sessions are not thread-safe, so clients are created one at a
            time.
        endpoint_url: One endpoint for all services, such as the local cloud's.
        timeout: Read timeout in seconds, after which the call is retried. A retried Lambda
            invocation runs the function again.
        attempts: Maximum number of attempts per call.
    """

    def __init__(
        self,
        session: "boto3.Session | None" = None,
        endpoint_url: str | None = None,
        timeout: float = TIMEOUT,
        *,
        attempts: int = ATTEMPTS,
    ) -> None:
        # Imported for a call, not for a command's help.
        from botocore.config import Config

        self._session = session or new_session(chosen_session())
        self._endpoint_url = endpoint_url
        self._config = Config(
            connect_timeout=5,
            read_timeout=timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        )
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
    def iam(self) -> Any:
        return self._client("iam")

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
    def sns(self) -> Any:
        return self._client("sns")

    @property
    def sqs(self) -> "SQSClient":
        return cast("SQSClient", self._client("sqs"))

    @property
    def caller(self) -> str:
        """The identity that calls AWS: the last part of its ARN, such as ``user/ann``.

        Raises botocore's errors. The call needs no permission.
        """
        identity = self._client("sts").get_caller_identity()
        return str(identity["Arn"]).rpartition(":")[2]

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                # boto3's types know no client by a name that is a variable.
                make: Any = self._session.client
                try:
                    self._clients[service] = make(
                        service, endpoint_url=self._endpoint_url, config=self._config
                    )
                except ValueError as error:
                    # Such as an AWS_ENDPOINT_URL that is no URL.
                    raise OpsError(
                        f"AWS: {error}", "correct AWS_ENDPOINT_URL, or remove it"
                    ) from error
            return self._clients[service]


def new_session(choice: SessionChoice) -> "boto3.Session":
    """Return a boto3 session with the chosen profile and region. Raises botocore's ProfileNotFound.

    A chosen profile comes before access keys of the environment, as in the AWS CLI.
    """
    import boto3

    return boto3.Session(profile_name=choice.profile, region_name=choice.region)
