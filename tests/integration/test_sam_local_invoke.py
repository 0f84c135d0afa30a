"""Each sample event through its function in Lambda's container image.

The built layer, the real runtime, and the template's settings.
"""

import json
from typing import Any

import pytest

from ops.bundle import GATEWAY
from ops.demo.compliance_check import run_all_transitions
from ops.local_environment import LocalEnvironment
from ops.local_invoke import Case, invoke_function, list_cases, missing_requirement

MISSING = missing_requirement()

MALFORMED = "059f36b4-87a3-44ab-83d2-661975830a01"

EXPECTED: dict[Case, Any] = {
    Case("onboarding_sync", "program_published"): [],
    Case("onboarding_sync", "resync"): [],
    Case("onboarding_sync", "step_completed"): [],
    Case("reconciler", "dry_run"): [],
    Case("reconciler", "full"): [],
    # The site still has such a member, or never had it: nothing is removed.
    Case("reconciler", "member_deleted"): [],
    Case("reconciler", "people"): [],
    Case("reconciler", "sweep"): [],
    Case("reconciler", "uploads"): [],
    Case("notice_publisher", "case_commented"): [],
    Case("notice_publisher", "notice_updated"): [],
    Case("notice_publisher", "resync"): [],
    # The sample data have no such transaction, so there is nothing to open a case for, and the
    # event comes again.
    Case("case_opener", "over"): [MALFORMED],
    Case("case_opener", "validation_error"): [MALFORMED],
    Case("document_sync", "version_added"): [],
    Case("document_sync", "agreement_withdrawn"): [],
    Case("document_sync", "file_ready"): [],
    Case("document_sync", "schedule"): [],
    Case("partner_messenger", "case_awaiting_partner"): [],
    Case("partner_messenger", "compliance_passed"): [],
    Case("partner_messenger", "document_published"): [],
    Case("partner_messenger", "document_updated"): [],
    # The site has no such invitation, so it starts nothing.
    Case("partner_messenger", "invitation_created"): [],
    Case("partner_messenger", "access_ended"): [],
    Case("partner_messenger", "notice_published"): [],
    Case("partner_messenger", "step_unlocked"): [],
    Case("partner_messenger", "schedule"): [],
    Case("status_publisher", "compliance_passed"): [],
    Case("status_publisher", "malformed_beside_good"): [MALFORMED],
    Case("status_publisher", "resync"): [],
    Case("portal_ringer", "changes"): [],
    # A ring of the day that the event tells of, too old to be passed on.
    Case("portal_ringer", "repeat"): [],
    Case("transaction_monitor", "schedule"): [],
    Case("activity_publisher", "continue"): [],
    Case("activity_publisher", "schedule"): [],
    # The inbox has no such submission, so the event comes again.
    Case("form_intake", "form_submitted"): [MALFORMED],
    Case("form_intake", "schedule"): [],
    Case("request_publisher", "status_changed"): [MALFORMED],
    Case("request_publisher", "commented"): [MALFORMED],
    # Signed with a key and a secret that this environment does not have.
    Case("wix_webhook", "submission"): (401, "invalid-signature"),
    Case("wix_webhook", "signed_with_the_public_key"): (401, "wrong-algorithm"),
    Case("wix_webhook", "form_post"): (401, "timestamp-too-old"),
    Case("trading_grid_feed", "doorbell"): [],
    Case("trading_grid_feed", "schedule"): [],
    # Signed on the day that the event tells of.
    Case("trading_grid_webhook", "compliance_passed"): (401, "timestamp-too-old"),
    Case("trading_grid_webhook", "forged"): (401, "timestamp-too-old"),
    Case("trading_grid_webhook", "unsigned"): (400, "missing-header"),
    # With a consumer key and a token that this environment does not have.
    Case("api", "create_request"): (401, "unauthenticated"),
    Case("api", "list_cases"): (401, "unauthenticated"),
    Case("api", "token"): (401, None),
    Case("directory_source", "schedule"): [],
    Case("file_source", "continued"): [],
    Case("file_source", "file_dropped"): [],
    Case("file_source", "test_event"): [],
    Case("rest_source", "schedule"): [],
    Case("target_sender", "commit"): [],
    # There is no such target, so the letter comes again.
    Case("target_sender", "dead_letter"): [MALFORMED],
    Case("target_sender", "schedule"): [],
    Case("webhook_sender", "endpoint"): [],
    Case("webhook_sender", "schedule"): [],
}
"""The expected response to each event: failed messages, or the status and the problem's code."""


@pytest.fixture(scope="module")
def played(local_cloud: LocalEnvironment) -> LocalEnvironment:
    """The local environment after the compliance check has passed."""
    run_all_transitions(local_cloud)
    return local_cloud


def test_every_sample_event_is_invoked() -> None:
    assert set(EXPECTED) == set(list_cases())


@pytest.mark.docker
@pytest.mark.skipif(MISSING is not None, reason=f"sam local invoke needs a container: {MISSING}")
@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: f"{case.function}-{case.name}")
def test_function_in_its_container_answers_its_sample_event(
    played: LocalEnvironment, case: Case
) -> None:
    if case.application is GATEWAY and played.own_gateway is None:
        pytest.skip("a function of the gateway: run with --hub gateway")

    answer = invoke_function(played, case)

    if "statusCode" in answer:
        # Errors of the token call have OpenText's form, without a code of ours.
        code = json.loads(answer["body"]).get("code")
        assert (answer["statusCode"], code) == EXPECTED[case]
    else:
        assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == EXPECTED[
            case
        ]
