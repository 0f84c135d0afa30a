"""``gridwix test-alarm --json``."""

from ops.json_output import JsonOutput


class AlarmTestOutput(JsonOutput):
    """A test of the path from an alarm to people."""

    alarm: str
    """name of the alarm that rang"""
    listeners: str
    """subscriptions of the topics that alarms notify"""
    sent: bool
    """CloudWatch has notified the topics"""
    reports: tuple[str, ...]
    """what CloudWatch reports of each notification"""
