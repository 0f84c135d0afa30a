"""Outputs of a stack."""

from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from gridwix.errors import ConfigurationError
from gridwix.runtime.settings import PollerSettings
from ops.aws import Aws
from ops.errors import StackError
from ops.local_cloud import LocalCloud
from ops.paths import ROOT
from ops.stack import QueuePair, Stack

OUTPUTS = {
    "StatusPublisherQueueUrl": "queue",
    "StatusPublisherDeadLetterQueueUrl": "dead",
    "CursorTableName": "cursors",
    "TradingGridFeedFunctionName": "feed",
}


def aws() -> Aws:
    """Clients that could reach nobody: their answers are stubbed."""
    return LocalCloud("http://127.0.0.1:9", ROOT).aws()


def stack() -> Stack:
    return Stack("gridwix", OUTPUTS, aws())


def test_read_takes_the_outputs() -> None:
    account = aws()
    with Stubber(account.cloudformation) as stubber:
        outputs = [{"OutputKey": "BusName", "OutputValue": "gridwix-bus"}]
        answer = {
            "Stacks": [
                {
                    "StackName": "gridwix",
                    "CreationTime": datetime(2026, 3, 12, 14, 5, 31, tzinfo=UTC),
                    "StackStatus": "CREATE_COMPLETE",
                    "Outputs": outputs,
                }
            ]
        }
        stubber.add_response("describe_stacks", answer, {"StackName": "gridwix"})

        found = Stack.read("gridwix", account)

    assert found.outputs == {"BusName": "gridwix-bus"}
    assert found.created_at == 1_773_324_331


def test_read_of_a_stack_that_does_not_exist_says_so() -> None:
    account = aws()
    with Stubber(account.cloudformation) as stubber:
        stubber.add_client_error(
            "describe_stacks", "ValidationError", "Stack with id gridwix does not exist", 400
        )

        with pytest.raises(StackError, match="no stack gridwix"):
            Stack.read("gridwix", account)


def test_queue_is_found_by_its_consumers_name() -> None:
    assert stack().queue("status_publisher") == QueuePair("status_publisher", "queue", "dead")


def test_queue_of_an_unknown_name_names_those_that_there_are() -> None:
    with pytest.raises(StackError, match="choose one of status_publisher"):
        stack().queue("nobody")


def test_output_that_is_missing_is_named() -> None:
    with pytest.raises(StackError, match="no output LedgerTableName"):
        stack().output("LedgerTableName")


def test_gateways_stack_is_known_by_its_output_and_has_log_groups_of_its_own() -> None:
    gateway = Stack("hub", {"CommunityUrl": "https://gateway.example/live"}, aws())

    assert (stack().is_gateway, gateway.is_gateway) == (False, True)
    assert stack().log_group("wix_webhook") == "/gridwix/gridwix/wix_webhook"
    assert gateway.log_group("api") == "/gridwix-gateway/hub/api"


def test_settings_of_a_function_that_lacks_some_name_them() -> None:
    found = stack()
    with Stubber(found.aws.functions) as stubber:
        stubber.add_response(
            "get_function_configuration",
            {"Environment": {"Variables": {"BUS_NAME": "bus"}}},
            {"FunctionName": "feed"},
        )

        with pytest.raises(ConfigurationError, match="CURSOR_TABLE"):
            found.settings("TradingGridFeedFunctionName", PollerSettings)
