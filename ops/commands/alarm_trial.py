"""``gridwix test-alarm``: sets off one CloudWatch alarm, to test that its message arrives."""

from typing import Annotated

import typer

from ops.alarm_topic import check_alarm_topic
from ops.alarm_trial import REASON, ring_alarm
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import print_result, show_spinner
from ops.json_output import print_json_output
from ops.outputs.alarm_trial import AlarmTestOutput
from ops.stack import Stack

TIMEOUT = 60.0
"""Default of the seconds to wait for CloudWatch's report."""


@example("gridwix test-alarm --alarm FormIntakeDeadLetters --stack prod")
@with_aws_options
def trial_alarm(
    stack: StackName = DEFAULT_STACK,
    alarm: Annotated[
        str | None, typer.Option(help="Name of the alarm, as in the runbook; else any.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, max=600, help="Seconds to wait for the report of CloudWatch.")
    ] = TIMEOUT,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Set off an alarm of gridwix's or the gateway's stack once, to test that an operator gets its
    message.

    The alarm goes into state ALARM, CloudWatch notifies the topic, and the alarm goes back. Exit
    code 1 if the topic has no subscriber, or if CloudWatch does not report that it has notified the
    topic.
    """
    found = Stack.read(stack, Aws())
    listeners = check_alarm_topic(found)
    confirm_change(f"Let an alarm ring, for {listeners}?", yes=yes)
    with show_spinner("Waiting for CloudWatch's report"):
        result = ring_alarm(found, alarm, timeout)
    output = AlarmTestOutput(
        alarm=result.alarm, listeners=listeners, sent=result.is_sent, reports=result.reports
    )
    if as_json:
        print_json_output(output)
    else:
        _print_output(output, timeout)
    if not output.sent:
        raise typer.Exit(1)


def _print_output(output: AlarmTestOutput, timeout: float) -> None:
    print_result((output.alarm, "bold"), f" has rung for {output.listeners}")
    for report in output.reports:
        print_result(("  " + report, "dim"))
    if output.sent:
        print_result(f'Look for a message that says "{REASON}": only that shows that it arrives')
    elif not output.reports:
        print_result((f"CloudWatch has reported no notification within {timeout:g} s", "red"))
        print_result("If no message arrives either: repeat it with a longer --timeout")
    else:
        print_result(("CloudWatch could not notify the topic: see its policy and its key", "red"))
