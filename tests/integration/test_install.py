"""The local part of "Install in an afternoon": each command of the page prints what it says."""

import shlex

from ops.local_environment import STACK_NAME, LocalEnvironment
from tests.install_page import local_steps
from tests.integration.test_commands import streams


def test_commands_of_the_page_print_what_it_says_in_its_order(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    seen: list[str] = []
    try:
        for step in local_steps():
            program, *arguments = shlex.split(step.command)
            assert program == ".venv/bin/gridwix"
            at = arguments.index("--stack")
            assert arguments[at + 1] == STACK_NAME
            # The helper adds the stack.
            code, out, err = streams(local_cloud, *arguments[:at], *arguments[at + 2 :])
            shown = " ".join((out + err).split())
            missing = [words for words in step.seen if words not in shown]
            # A paused function is a fault, which is what that step is to show.
            expected = 1 if "--watch" in arguments else 0

            assert (code, missing) == (expected, []), f"{step.command}: {shown}"
            seen.append(step.command)
    finally:
        streams(local_cloud, "resume", "--all", "--yes")
        local_cloud.wait_until_idle()

    assert len(seen) == len(local_steps()) >= 10
