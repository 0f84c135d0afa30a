"""JSON document of ``gridwix test-alarm``."""

from ops.json_output import JsonOutput


class AlarmTestOutput(JsonOutput):
    """Result of a test of whether an alarm reaches the people who subscribe to it."""

    alarm: str
    """name of the alarm that was set off"""
    listeners: str
    """subscriptions of the topics that the stack's alarms notify"""
    sent: bool
    """CloudWatch has notified the topics"""
    reports: tuple[str, ...]
    """CloudWatch's report on each notification"""
