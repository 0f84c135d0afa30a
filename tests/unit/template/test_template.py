"""The template keeps house policy, and policy notices each fault that is planted."""

import copy
import inspect
import json
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gridwix.activity_publisher.settings import ActivitySettings
from gridwix.clients.trading_grid.changed import OF_THE_HUB
from gridwix.document_sync.service import DocumentSync
from gridwix.document_sync.settings import DocumentSettings
from gridwix.edge.responses import EdgeSettings
from gridwix.form_intake.service import FormIntake
from gridwix.form_intake.settings import IntakeSettings
from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.mapping.handovers import COLLECTION_OF
from gridwix.models.events import (
    HUB_RESYNC_REQUESTED,
    POLL_REQUESTED,
    RESYNC_REQUESTED,
    TRADING_GRID_SOURCE,
    WIX_SOURCE,
)
from gridwix.partner_messenger.settings import MessengerSettings
from gridwix.portal_ringer.settings import RingerSettings
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.reconciler.sweep import KINDS
from gridwix.runtime.configuration import configuration
from gridwix.runtime.settings import (
    ConfigurationSettings,
    JournalSettings,
    PublisherSettings,
    QueueSettings,
    RequestSettings,
    Settings,
    TradingGridSettings,
)
from gridwix.trading_grid_feed.settings import FeedSettings
from gridwix.trading_grid_webhook.endpoint import TradingGridEdgeSettings
from gridwix.transaction_monitor.settings import MonitorSettings
from gridwix.wix_webhook.endpoint import WixEdgeSettings
from gridwix.wix_webhook.events import EVENT_TYPES
from tests.unit.template.blocks import CONSUMERS
from tests.unit.template.rules import (
    EXECUTE_API,
    ROOT,
    Template,
    events,
    findings,
    functions,
    load,
    target,
)

POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


def variables(*settings: type[Settings | EdgeSettings]) -> set[str]:
    """The environment variables that these read."""
    names = [
        model.model_fields
        if issubclass(model, Settings)
        else [field.name for field in fields(model)]
        for model in settings
    ]
    return {name.upper() for members in names for name in members}


SETTINGS = {
    "trading_grid_webhook": variables(TradingGridEdgeSettings),
    "trading_grid_feed": variables(FeedSettings, JournalSettings),
    "transaction_monitor": variables(MonitorSettings, ConfigurationSettings),
    "activity_publisher": variables(ActivitySettings, ConfigurationSettings),
    "case_opener": variables(
        TradingGridSettings, QueueSettings, JournalSettings, ConfigurationSettings
    ),
    "status_publisher": variables(
        PublisherSettings, QueueSettings, JournalSettings, ConfigurationSettings
    ),
    "wix_webhook": variables(WixEdgeSettings),
    "form_intake": variables(IntakeSettings, QueueSettings, JournalSettings, ConfigurationSettings),
    "document_sync": variables(
        DocumentSettings, QueueSettings, JournalSettings, ConfigurationSettings
    ),
    "request_publisher": variables(
        RequestSettings, QueueSettings, JournalSettings, ConfigurationSettings
    ),
    "partner_messenger": variables(
        MessengerSettings, QueueSettings, JournalSettings, ConfigurationSettings
    ),
    "portal_ringer": variables(RingerSettings, JournalSettings),
    "reconciler": variables(ReconcilerSettings, JournalSettings, ConfigurationSettings),
}


def role(template: Template, name: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = template["Resources"][name]["Properties"]["Policies"][0][
        "PolicyDocument"
    ]["Statement"]
    return statements


def wildcard_iam(template: Template) -> None:
    role(template, "StatusPublisherRole")[-1]["Resource"] = "*"


def wildcard_action(template: Template) -> None:
    role(template, "StatusPublisherRole")[-1]["Action"] = "sqs:*"


def events_of_any_source(template: Template) -> None:
    statements = role(template, "WixWebhookRole")
    del next(one for one in statements if one["Action"] == "events:PutEvents")["Condition"]


def role_left_to_sam(template: Template) -> None:
    del template["Resources"]["StatusPublisherFunction"]["Properties"]["Role"]


def visibility_below_timeout(template: Template) -> None:
    template["Resources"]["StatusPublisherQueue"]["Properties"]["VisibilityTimeout"] = 30


def no_redrive(template: Template) -> None:
    del template["Resources"]["StatusPublisherQueue"]["Properties"]["RedrivePolicy"]


def no_partial_batch_report(template: Template) -> None:
    del template["Resources"]["StatusPublisherFunction"]["Properties"]["Events"]["Queue"][
        "Properties"
    ]["FunctionResponseTypes"]


def route_to_a_function_without_verification(template: Template) -> None:
    integration = template["Resources"]["WixWebhookIntegration"]["Properties"]
    integration["IntegrationUri"] = {"Fn::GetAtt": ["TradingGridFeedFunction", "Arn"]}


def route_left_to_sam(template: Template) -> None:
    template["Resources"]["TradingGridFeedFunction"]["Properties"]["Events"]["Open"] = {
        "Type": "Api",
        "Properties": {"Path": "/read", "Method": "GET"},
    }


def function_url(template: Template) -> None:
    template["Resources"]["WixWebhookFunction"]["Properties"]["FunctionUrlConfig"] = {
        "AuthType": "NONE"
    }


def stage_without_throttling(template: Template) -> None:
    del template["Resources"]["WebhookStage"]["Properties"]["DefaultRouteSettings"][
        "ThrottlingRateLimit"
    ]


def permission_for_every_route(template: Template) -> None:
    template["Resources"]["WixFormPermission"]["Properties"]["SourceArn"] = {
        "Fn::Sub": f"{EXECUTE_API}:${{WebhookApi}}/*"
    }


def permission_for_every_api(template: Template) -> None:
    del template["Resources"]["WixFormPermission"]["Properties"]["SourceArn"]


def route_without_permission(template: Template) -> None:
    del template["Resources"]["WixFormPermission"]


def function_as_target(template: Template) -> None:
    template["Resources"]["StatusPublisherRule"]["Properties"]["Targets"][0]["Arn"] = {
        "Fn::GetAtt": ["StatusPublisherFunction", "Arn"]
    }


def literal_account(template: Template) -> None:
    role(template, "StatusPublisherRole")[-1]["Resource"] = {
        "Fn::Sub": "arn:aws:sqs:eu-central-1:123456789012:queue"
    }


def secret_in_a_default(template: Template) -> None:
    template["Parameters"]["WixApiKey"] = {"Type": "String", "Default": "IST.abc"}


def no_dead_letter_alarm(template: Template) -> None:
    del template["Resources"]["StatusPublisherDeadLetterAlarm"]


def age_alarm_after_half_of_the_retention(template: Template) -> None:
    template["Resources"]["TradingGridFeedAgeAlarm"]["Properties"]["Threshold"] = 1501


def claim_shorter_than_the_worker(template: Template) -> None:
    template["Resources"]["StatusPublisherFunction"]["Properties"]["Environment"]["Variables"][
        "CLAIM_SECONDS"
    ] = "60"


def route_without_a_limit_of_its_own(template: Template) -> None:
    del template["Resources"]["WebhookStage"]["Properties"]["RouteSettings"]["POST /webhooks/wix"]


def limit_of_no_route(template: Template) -> None:
    limits = template["Resources"]["WebhookStage"]["Properties"]["RouteSettings"]
    limits["POST /webhooks/other"] = limits["POST /webhooks/wix"]


def stage_before_its_routes(template: Template) -> None:
    template["Resources"]["WebhookStage"]["DependsOn"].remove("WixFormRoute")


def secret_without_deletion_policy(template: Template) -> None:
    del template["Resources"]["WixCredentials"]["DeletionPolicy"]


def kept_table_without_backups(template: Template) -> None:
    del template["Resources"]["LedgerTable"]["Properties"]["PointInTimeRecoverySpecification"]


def bucket_without_tls(template: Template) -> None:
    template["Resources"]["ReportBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0][
        "Resource"
    ].pop()


def bucket_without_access_logs(template: Template) -> None:
    del template["Resources"]["ReportBucket"]["Properties"]["LoggingConfiguration"]


def log_without_key(template: Template) -> None:
    del template["Resources"]["WebhookAccessLogs"]["Properties"]["KmsKeyId"]


def access_log_with_addresses(template: Template) -> None:
    template["Resources"]["WebhookStage"]["Properties"]["AccessLogSettings"]["Format"] += (
        "$context.identity.sourceIp"
    )


def no_access_log(template: Template) -> None:
    del template["Resources"]["WebhookStage"]["Properties"]["AccessLogSettings"]


def traces_without_permission(template: Template) -> None:
    del template["Resources"]["WixWebhookRole"]["Properties"]["ManagedPolicyArns"]


def permission_to_trace_for_all(template: Template) -> None:
    del template["Resources"]["TracingPolicy"]["Condition"]


def managed_policy_with_a_wildcard(template: Template) -> None:
    template["Resources"]["TracingPolicy"]["Properties"]["PolicyDocument"]["Statement"][0][
        "Action"
    ].append("sqs:SendMessage")


def test_template_keeps_house_policy() -> None:
    assert findings(load()) == []


@pytest.mark.parametrize(
    ("plant", "noticed"),
    [
        (wildcard_iam, "StatusPublisherRole: Resource * holds a wildcard"),
        (wildcard_action, "StatusPublisherRole: Action sqs:* holds a wildcard"),
        (events_of_any_source, "WixWebhookRole: may put events of any source"),
        (role_left_to_sam, "StatusPublisherFunction: has no role of its own"),
        (visibility_below_timeout, "StatusPublisherFunction: VisibilityTimeout 30"),
        (no_redrive, "StatusPublisherQueue: has no redrive policy"),
        (
            no_partial_batch_report,
            "StatusPublisherFunction: does not report partial batch failures",
        ),
        (
            route_to_a_function_without_verification,
            "TradingGridFeedFunction: route POST /webhooks/wix has no authorizer",
        ),
        (route_left_to_sam, "TradingGridFeedFunction: its event is not a route of an HTTP API"),
        (function_url, "WixWebhookFunction: has a URL of its own"),
        (stage_without_throttling, "WebhookStage: is not throttled"),
        (permission_for_every_route, "${WebhookApi}/* may call it and is not one of its routes"),
        (permission_for_every_api, "WixWebhookFunction: all may call it"),
        (route_without_permission, "live/POST/webhooks/wix/forms/* may not call it"),
        (function_as_target, "StatusPublisherRule: target queue is not a queue"),
        (literal_account, "is a literal ARN or account"),
        (secret_in_a_default, "WixApiKey: a secret has a default"),
        (no_dead_letter_alarm, "StatusPublisherDeadLetterQueue: no alarm"),
        (
            age_alarm_after_half_of_the_retention,
            "TradingGridFeedAgeAlarm: rings after 1801 s; its queue keeps messages for 3600 s",
        ),
        (claim_shorter_than_the_worker, "StatusPublisherFunction: CLAIM_SECONDS 60"),
        (route_without_a_limit_of_its_own, "WebhookStage: route POST /webhooks/wix has no limit"),
        (limit_of_no_route, "WebhookStage: limits POST /webhooks/other, which is no route"),
        (stage_before_its_routes, "WebhookStage: does not wait for WixFormRoute"),
        (secret_without_deletion_policy, "WixCredentials: has no DeletionPolicy"),
        (kept_table_without_backups, "LedgerTable: a table that is kept"),
        (bucket_without_tls, "ReportBucket: its policy does not deny requests without TLS"),
        (bucket_without_access_logs, "ReportBucket: its requests cannot be logged"),
        (log_without_key, "WebhookAccessLogs: LogKeyArn does not encrypt it"),
        (access_log_with_addresses, "WebhookStage: logs identity.sourceIp"),
        (no_access_log, "WebhookStage: logs no request"),
        (traces_without_permission, "WixWebhookFunction: its role may not send traces"),
        (permission_to_trace_for_all, "TracingPolicy: is there without XRayTracing"),
        (managed_policy_with_a_wildcard, "TracingPolicy: Resource * holds a wildcard"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_template_with_a_planted_fault_is_noticed(
    plant: Callable[[Template], None], noticed: str
) -> None:
    template = copy.deepcopy(load())

    plant(template)

    assert any(noticed in finding for finding in findings(template))


@pytest.mark.parametrize(
    ("name", "source", "types"),
    [
        ("TradingGridWebhookRole", TRADING_GRID_SOURCE, {*KNOWN_TYPES, POLL_REQUESTED}),
        ("WixWebhookRole", WIX_SOURCE, {kind for kind, _ in EVENT_TYPES.values()}),
    ],
)
def test_each_edge_may_put_the_events_on_the_bus_that_it_makes_and_no_other(
    name: str, source: str, types: set[str]
) -> None:
    (statement,) = (one for one in role(load(), name) if one["Action"] == "events:PutEvents")
    condition = statement["Condition"]["StringEquals"]

    assert condition["events:source"] == source
    assert set(condition["events:detail-type"]) == types


def test_every_function_has_a_folder_with_nothing_but_its_handler() -> None:
    folders = {
        function["CodeUri"]: sorted(
            path.name
            for path in (ROOT / function["CodeUri"]).iterdir()
            if path.name != "__pycache__"
        )
        for _, function in functions(load())
    }

    assert set(folders) == {
        f"functions/{path.name}"
        for path in (ROOT / "functions").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert all(files == ["handler.py"] for files in folders.values())


@pytest.mark.parametrize("name", SETTINGS)
def test_environment_of_a_function_is_what_its_settings_read(name: str) -> None:
    template = load()
    (function,) = [
        properties
        for _, properties in functions(template)
        if properties["CodeUri"] == f"functions/{name}"
    ]

    variables = set(function["Environment"]["Variables"]) - POWERTOOLS

    assert variables == SETTINGS[name]
    assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == name


def test_docs_explain_every_variable_and_every_parameter() -> None:
    documented = set(
        re.findall(r"^\| `(\w+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    )

    assert documented == set().union(*SETTINGS.values()) | POWERTOOLS | set(load()["Parameters"])


def test_alarms_point_at_a_heading_of_the_runbook() -> None:
    anchors = headings(ROOT / "docs/runbook.md")

    for resource in load()["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            (anchor,) = re.findall(
                r"docs/runbook\.md#([\w-]+)", resource["Properties"]["AlarmDescription"]
            )
            assert anchor in anchors


@pytest.mark.parametrize("name", SETTINGS)
def test_every_function_has_sample_events_a_page_a_place_in_the_runbook_and_a_row_of_the_dashboard(
    name: str,
) -> None:
    template = load()
    (resource,) = [
        resource
        for resource, properties in functions(template)
        if properties["CodeUri"] == f"functions/{name}"
    ]
    dashboard = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

    assert list((ROOT / "events" / name).glob("*.json"))
    assert (ROOT / f"docs/functions/{name}.md").read_text().startswith(f"# {name}\n")
    assert f"\n## {name}\n" in (ROOT / "docs/runbook.md").read_text()
    assert name in dashboard or resource in dashboard


def test_links_between_the_documents_lead_somewhere() -> None:
    documents = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "events").rglob("*.md"),
    ]
    for document in documents:
        text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
        for linked, anchor in re.findall(
            r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([\w-]+))?\)", text
        ):
            found = (document.parent / linked).resolve() if linked else document
            assert found.exists(), (document.name, linked)
            if anchor:
                assert anchor in headings(found), (document.name, linked, anchor)


def headings(document: Path) -> set[str]:
    """The anchors of a document's headings."""
    return {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    }


def test_dashboard_is_json_that_names_metrics_which_the_code_counts() -> None:
    body = load()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    ours = {
        metric[1]
        for widget in widgets
        for metric in widget["properties"]["metrics"]
        if metric[0] == "gridwix"
    }
    code = "\n".join(
        path.read_text()
        for folder in ("functions", "layers/common/gridwix")
        for path in (ROOT / folder).rglob("*.py")
    )

    for metric in ours:
        assert f'"{metric}"' in code or (metric.startswith("Rows") and 'f"Rows{' in code)


def test_every_function_behind_a_queue_reads_batches_of_that_queue() -> None:
    assert {name for name, _, _ in events(load(), "SQS")} == {
        f"{consumer.name}Function" for consumer in CONSUMERS
    }


def test_every_function_that_rings_may_send_to_the_ringers_queue_and_no_other_may() -> None:
    """A denied ring is only logged, so that nothing else would show it."""
    template = load()
    ringing = {
        function["CodeUri"].removeprefix("functions/")
        for _, function in functions(template)
        if "PORTAL_RING_QUEUE_URL" in function["Environment"]["Variables"]
    }
    allowed = {
        function["CodeUri"].removeprefix("functions/")
        for _, function in functions(template)
        for statement in role(template, target(function["Role"]))
        if "sqs:SendMessage" in statement["Action"]
        and target(statement["Resource"]) == "PortalRingerQueue"
    }

    assert {"status_publisher", "partner_messenger", "reconciler"} <= ringing
    assert allowed == ringing | {"portal_ringer"}


@pytest.mark.parametrize(
    ("name", "service"),
    [("DocumentSyncFunction", DocumentSync), ("FormIntakeFunction", FormIntake)],
)
def test_temporary_folder_has_room_for_as_many_files_as_are_copied_at_once(
    name: str, service: type[DocumentSync | FormIntake]
) -> None:
    storage = load()["Resources"][name]["Properties"]["EphemeralStorage"]["Size"] * 1024 * 1024
    settings, at_once = configuration(), inspect.signature(service).parameters["at_once"].default

    assert storage >= at_once * max(
        settings.documents.most_bytes, settings.intake.attachments.most_bytes
    )


PUBLISHERS_OF = {
    # The rows of enrollments do not depend on their partner.
    "partners": {
        "StatusPublisherQueue",
        "NoticePublisherQueue",
        "DocumentSyncQueue",
        "PartnerMessengerQueue",
    },
    "enrollments": {"StatusPublisherQueue", "OnboardingSyncQueue", "PartnerMessengerQueue"},
    "compliance-checks": {"StatusPublisherQueue", "PartnerMessengerQueue"},
    "cases": {"StatusPublisherQueue", "NoticePublisherQueue"},
    "onboarding-programs": {"OnboardingSyncQueue"},
    "service-notices": {"NoticePublisherQueue"},
    "collaboration-requests": {"RequestPublisherQueue"},
    "documents": {"DocumentSyncQueue"},
}
"""Queues of the functions that act on the sweep's request for a record, by kind of record."""


def queues_of(detail_type: str) -> set[str]:
    """Queues that get Trading Grid's events of a type."""
    return {
        target["Arn"]["Fn::GetAtt"][0]
        for resource in load()["Resources"].values()
        if resource["Type"] == "AWS::Events::Rule"
        for pattern in [resource["Properties"]["EventPattern"]]
        if TRADING_GRID_SOURCE in pattern["source"]
        and any(
            detail_type.startswith(one["prefix"]) if isinstance(one, dict) else one == detail_type
            for one in pattern["detail-type"]
        )
        for target in resource["Properties"]["Targets"]
    }


def test_publishers_of_each_kind_cover_what_the_sweep_lists() -> None:
    assert PUBLISHERS_OF.keys() == set(KINDS)
    for kind, publishers in PUBLISHERS_OF.items():
        wish = HUB_RESYNC_REQUESTED if kind in OF_THE_HUB else RESYNC_REQUESTED
        assert publishers <= queues_of(wish), kind


@pytest.mark.parametrize("event_type", sorted(KNOWN_TYPES))
def test_rules_send_an_event_to_all_for_whom_the_sweep_leaves_its_record_out(
    event_type: str,
) -> None:
    """Otherwise the event's handover would hide the change from a publisher until the night."""
    kind = COLLECTION_OF[event_type.partition(".")[0]]
    if kind not in KINDS:
        # The sweep lists no approvals.
        assert kind == "approvals"
        return

    assert PUBLISHERS_OF[kind] <= queues_of(event_type)


def test_lambda_itself_logs_only_what_failed() -> None:
    """Two lines about each success would be most of a webhook's log."""
    levels = {
        name: function["LoggingConfig"].get("SystemLogLevel")
        for name, function in functions(load())
    }

    assert levels == dict.fromkeys(levels, "WARN")
