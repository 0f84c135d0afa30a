"""Rules of the conformance kit on service notices and onboarding programs.

The kit tests a gateway against the community gateway profile, its OpenAPI contract. The profile
lets a client read notices and programs, but not write them, so these rules only read.
"""

from ops.gateway.check.rules import Capability, Skipped, require
from ops.gateway.check.session import Session, parsed_time

notices = Capability("notices", "Service notices and programs")


@notices.rule("updates", "The updates of a notice come newest first")
def check_updates(session: Session) -> None:
    session.sample("service-notices")
    compared = 0
    for page in session.list_records("service-notices").pages:
        for notice in page.document["items"]:
            moments = [parsed_time(update["at"]) for update in notice.get("updates", [])]
            compared += len(moments) > 1
            require(
                moments == sorted(moments, reverse=True),
                f"the updates of {notice['id']} do not come newest first",
                page,
            )
    if compared == 0:
        raise Skipped("no notice has two updates")


@notices.rule("program_steps", "The steps of a program wait on steps that it has")
def check_program_steps(session: Session) -> None:
    session.sample("onboarding-programs")
    for page in session.list_records("onboarding-programs").pages:
        for program in page.document["items"]:
            keys = [step["key"] for step in program["steps"]]
            named = {key for step in program["steps"] for key in step["waitsOn"]}
            require(len(keys) == len(set(keys)), f"{program['id']} doubles a step", page)
            require(named <= set(keys), f"{program['id']} waits on a step that it has not", page)
