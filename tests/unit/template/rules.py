"""House policy for ``template.yaml``.

Each rule yields one sentence for each thing that breaks it.
"""

import pickle
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint.decode.cfn_yaml

ROOT = Path(__file__).parents[3]
FOURTEEN_DAYS = 14 * 24 * 3600
EXECUTE_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
"""Start of the ARN of each API of the stack's account and region."""

LOG_KEY = {"Fn::If": ["HasLogKey", {"Ref": "LogKeyArn"}, {"Ref": "AWS::NoValue"}]}
"""``KmsKeyId`` of each log group."""
TRACING_POLICIES = {"Fn::If": ["HasTracing", [{"Ref": "TracingPolicy"}], {"Ref": "AWS::NoValue"}]}
"""``ManagedPolicyArns`` of each function's role."""
WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
"""Actions that a policy cannot limit to a resource, because their service has none:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html.
"""
KEEPING = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
}
"""Types of resources that hold data, or that guard it."""
UNLOGGED = ("identity", "Ip", "userAgent", "path", "Path", "authorizer", "querystring")
"""Parts of the names of variables that access logs must not have: people, and signatures in URLs.
"""

type Template = dict[str, Any]
type Rule = Callable[[Template], Iterator[str]]


def load(path: Path = ROOT / "template.yaml") -> Template:
    """The template, its short-form functions (``!Ref``) written out (``{"Ref": ...}``).

    A copy for each call, which may be changed.
    """
    template: Template = pickle.loads(_pickled(path, path.read_text("utf-8")))
    return template


@cache
def _pickled(path: Path, _content: str) -> bytes:
    """The template of a file with this content: to read it takes 50 times as long as to copy it."""
    return pickle.dumps(_plain(cfnlint.decode.cfn_yaml.load(str(path))))


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def of_type(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def functions(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    return of_type(template, "AWS::Serverless::Function")


def events(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Function name, function properties and event properties of each event of a kind."""
    for name, function in functions(template):
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, function, event["Properties"]


def timeout(template: Template, function: dict[str, Any]) -> int:
    return int(function.get("Timeout", template["Globals"]["Function"]["Timeout"]))


def target(value: Any) -> str:
    """The logical id that a ``Ref`` or ``GetAtt`` points at; "" for anything else."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            attribute = value["Fn::GetAtt"]
            return str(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
    return ""


def walk(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a tree, with the path to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{path}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walk(value, f"{path}/{number}")
    else:
        yield path, node


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role and policy, and of every policy that a function carries."""
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in of_type(template, kind):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, role in of_type(template, "AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, function in functions(template):
        for policy in function.get("Policies", []):
            for statement in policy.get("Statement", []) if isinstance(policy, dict) else []:
                yield name, statement


def least_privilege(template: Template) -> Iterator[str]:
    for name, statement in statements(template):
        if WITHOUT_RESOURCES.issuperset(_listed(statement["Action"])):
            continue
        for member in ("Action", "Resource"):
            for value in _listed(statement[member]):
                if isinstance(value, str) and "*" in value:
                    yield f"{name}: {member} {value} holds a wildcard"
                if member == "Resource" and isinstance(value, str):
                    yield f"{name}: Resource {value} is not a reference"
    for name, function in functions(template):
        if not target(function.get("Role")):
            yield (
                f"{name}: has no role of its own,"
                " so SAM would attach managed policies that reach every queue"
            )


def events_name_their_source(template: Template) -> Iterator[str]:
    """A role that puts events on a bus can pretend to be no other source."""
    for name, statement in statements(template):
        if "events:PutEvents" in _listed(statement["Action"]):
            condition = statement.get("Condition", {}).get("StringEquals", {})
            if not isinstance(condition.get("events:source"), str):
                yield f"{name}: may put events of any source on the bus"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def visibility_covers_retries(template: Template) -> Iterator[str]:
    for name, function, event in events(template, "SQS"):
        queue = template["Resources"][target(event["Queue"])]["Properties"]
        needed = 6 * timeout(template, function) + event.get("MaximumBatchingWindowInSeconds", 0)
        visibility = queue.get("VisibilityTimeout", 30)
        if visibility < needed:
            yield (
                f"{name}: VisibilityTimeout {visibility} of {target(event['Queue'])}"
                f" is below {needed}"
            )


def queues_have_dead_letter_queues(template: Template) -> Iterator[str]:
    queues = dict(of_type(template, "AWS::SQS::Queue"))
    dead_letters = {
        target(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    for name, queue in queues.items():
        if name in dead_letters:
            if queue.get("MessageRetentionPeriod") != FOURTEEN_DAYS:
                yield f"{name}: a dead-letter queue keeps its messages for 14 days"
            if "ApproximateNumberOfMessagesVisible" not in _alarms_on(template, name):
                yield f"{name}: no alarm on ApproximateNumberOfMessagesVisible"
        elif "RedrivePolicy" not in queue:
            yield f"{name}: has no redrive policy"
        elif "ApproximateAgeOfOldestMessage" not in _alarms_on(template, name):
            yield f"{name}: no alarm on ApproximateAgeOfOldestMessage"


def waiting_is_told_before_it_is_lost(template: Template) -> Iterator[str]:
    """The alarm on a queue's age rings in the first half of the time for which it keeps messages.

    So a pause that nobody ends is told while there is time: ``docs/command.md#pause``.
    """
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm"):
        if alarm["MetricName"] != "ApproximateAgeOfOldestMessage":
            continue
        (dimension,) = alarm["Dimensions"]
        queue = template["Resources"][target(dimension["Value"])]["Properties"]
        rings = alarm["Threshold"] + alarm["Period"] * alarm["EvaluationPeriods"]
        kept = queue.get("MessageRetentionPeriod", 4 * 86400)
        if rings > kept / 2:
            yield f"{name}: rings after {rings} s; its queue keeps messages for {kept} s"


def _alarms_on(template: Template, queue: str) -> set[str]:
    alarms = [alarm for _, alarm in of_type(template, "AWS::CloudWatch::Alarm")]
    return {
        alarm["MetricName"]
        for alarm in alarms
        if any(target(dimension["Value"]) == queue for dimension in alarm["Dimensions"])
    }


def batches_report_failures(template: Template) -> Iterator[str]:
    for name, _, event in events(template, "SQS"):
        if "ReportBatchItemFailures" not in event.get("FunctionResponseTypes", []):
            yield f"{name}: does not report partial batch failures"
        if not event.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{name}: has no MaximumConcurrency"


def routes(template: Template) -> Iterator[tuple[str, str, str]]:
    """Logical id, route key (``POST /webhooks/wix``) and function of each route of an HTTP API."""
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route"):
        integration = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])
        assert integration, f"{name}: no integration in {route['Target']}"
        uri = template["Resources"][integration[1]]["Properties"]["IntegrationUri"]
        yield name, route["RouteKey"], target(uri)


def routes_are_guarded(template: Template) -> Iterator[str]:
    for name, function in functions(template):
        for event in function.get("Events", {}).values():
            if event["Type"] in ("Api", "HttpApi"):
                yield f"{name}: its event is not a route of an HTTP API of this template"
        if "FunctionUrlConfig" in function:
            yield f"{name}: has a URL of its own, which no stage throttles"
    for name, key, function_name in routes(template):
        route = template["Resources"][name]["Properties"]
        metadata = template["Resources"][function_name].get("Metadata", {})
        if route.get("AuthorizationType", "NONE") == "NONE" and not metadata.get(
            "VerifiesCallerBy"
        ):
            yield (
                f"{function_name}: route {key} has no authorizer,"
                " and the function does not say how it verifies its callers"
            )
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage"):
        settings = stage.get("DefaultRouteSettings", {})
        if not settings.get("ThrottlingRateLimit") or not settings.get("ThrottlingBurstLimit"):
            yield f"{name}: is not throttled"
        yield from _unthrottled_routes(template, name, stage)


def _unthrottled_routes(template: Template, name: str, stage: dict[str, Any]) -> Iterator[str]:
    """A route has a limit of its own, and is there before the stage that sets it."""
    limits = stage.get("RouteSettings", {})
    before = _listed(template["Resources"][name].get("DependsOn", []))
    of_this_api = {
        route["RouteKey"]: logical_id
        for logical_id, route in of_type(template, "AWS::ApiGatewayV2::Route")
        if target(route["ApiId"]) == target(stage["ApiId"])
    }
    for key, logical_id in of_this_api.items():
        own = limits.get(key, {})
        if not own.get("ThrottlingRateLimit") or not own.get("ThrottlingBurstLimit"):
            yield f"{name}: route {key} has no limit of its own"
        if logical_id not in before:
            yield f"{name}: does not wait for {logical_id}"
    for key in sorted(limits.keys() - of_this_api.keys()):
        yield f"{name}: limits {key}, which is no route"


def permissions_are_those_of_routes(template: Template) -> Iterator[str]:
    """The API may call a function for its routes and for nothing else."""
    permitted = {
        (target(permission["FunctionName"]), permission.get("SourceArn", {}).get("Fn::Sub", "all"))
        for _, permission in of_type(template, "AWS::Lambda::Permission")
    }
    needed = set()
    for name, key, function_name in routes(template):
        method, path = key.split(" ")
        api = target(template["Resources"][name]["Properties"]["ApiId"])
        (stage,) = (
            stage["StageName"]
            for _, stage in of_type(template, "AWS::ApiGatewayV2::Stage")
            if target(stage["ApiId"]) == api
        )
        route = f"{stage}/{method}{re.sub(r'{\w+}', '*', path)}"
        needed.add((function_name, f"{EXECUTE_API}:${{{api}}}/{route}"))
    for function_name, source in sorted(permitted - needed):
        yield f"{function_name}: {source} may call it and is not one of its routes"
    for function_name, source in sorted(needed - permitted):
        yield f"{function_name}: {source} may not call it"


def targets_are_queues(template: Template) -> Iterator[str]:
    for name, rule in of_type(template, "AWS::Events::Rule"):
        for entry in rule["Targets"]:
            if template["Resources"].get(target(entry["Arn"]), {}).get("Type") != "AWS::SQS::Queue":
                yield f"{name}: target {entry['Id']} is not a queue"
            if "DeadLetterConfig" not in entry:
                yield f"{name}: target {entry['Id']} has no dead-letter queue"
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule"):
        if (
            template["Resources"].get(target(schedule["Target"]["Arn"]), {}).get("Type")
            != "AWS::SQS::Queue"
        ):
            yield f"{name}: the schedule's target is not a queue"


def nothing_is_literal(template: Template) -> Iterator[str]:
    for path, value in walk(template["Resources"]):
        if isinstance(value, str) and re.search(r"arn:aws[\w-]*:|(?<!\d)\d{12}(?!\d)", value):
            yield f"{path}: {value} is a literal ARN or account"
    for name, parameter in template["Parameters"].items():
        if parameter.get("Default") and re.search(
            r"secret|key|token|password", name, re.IGNORECASE
        ):
            yield f"{name}: a secret has a default"
    for name, secret in of_type(template, "AWS::SecretsManager::Secret"):
        if "SecretString" in secret:
            yield f"{name}: holds its value in the template"


def tables_are_encrypted(template: Template) -> Iterator[str]:
    for name, table in of_type(template, "AWS::DynamoDB::Table"):
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name}: is not encrypted with a key of its own"


def a_claim_outlives_its_worker(template: Template) -> Iterator[str]:
    """A row is held for longer than a worker lives and its last request can still arrive:
    ``docs/adr/0002-no-stale-overwrite.md``.
    """
    for name, function in functions(template):
        hold = function.get("Environment", {}).get("Variables", {}).get("CLAIM_SECONDS")
        if hold is not None and float(hold) < timeout(template, function) + 30:
            yield f"{name}: CLAIM_SECONDS {hold} is below the time-out plus 30"


def data_has_a_deletion_policy(template: Template) -> Iterator[str]:
    """A table, bucket, archive or secret says what becomes of it, and a kept table has backups."""
    for name, resource in template["Resources"].items():
        if resource["Type"] not in KEEPING:
            continue
        for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
            if attribute not in resource:
                yield f"{name}: has no {attribute}"
        backups = resource.get("Properties", {}).get("PointInTimeRecoverySpecification", {})
        is_kept = resource.get("DeletionPolicy", "Delete") != "Delete"
        if resource["Type"] == "AWS::DynamoDB::Table" and is_kept != bool(
            backups.get("PointInTimeRecoveryEnabled")
        ):
            yield f"{name}: a table that is kept has point-in-time recovery, and no other has"


def buckets_require_tls(template: Template) -> Iterator[str]:
    """Each bucket denies requests without TLS, and can log its requests."""
    policies = {
        target(policy["Bucket"]): policy["PolicyDocument"]["Statement"]
        for _, policy in of_type(template, "AWS::S3::BucketPolicy")
    }
    for name, bucket in of_type(template, "AWS::S3::Bucket"):
        denial = {
            "Sid": "DenyRequestsWithoutTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        if denial not in policies.get(name, []):
            yield f"{name}: its policy does not deny requests without TLS"
        logs = {
            "DestinationBucketName": {"Ref": "AccessLogBucket"},
            "LogFilePrefix": {"Fn::Sub": f"${{AWS::StackName}}/{name}/"},
        }
        if bucket.get("LoggingConfiguration") != {
            "Fn::If": ["HasAccessLogBucket", logs, {"Ref": "AWS::NoValue"}]
        }:
            yield f"{name}: its requests cannot be logged to AccessLogBucket"


def logs_can_be_encrypted(template: Template) -> Iterator[str]:
    for name, group in of_type(template, "AWS::Logs::LogGroup"):
        if group.get("KmsKeyId") != LOG_KEY:
            yield f"{name}: LogKeyArn does not encrypt it"


def apis_log_requests_without_persons(template: Template) -> Iterator[str]:
    """Each API logs its requests, or does so by a parameter, and names nobody in them."""
    for kind, member in (
        ("AWS::ApiGatewayV2::Stage", "AccessLogSettings"),
        ("AWS::ApiGateway::Stage", "AccessLogSetting"),
    ):
        for name, stage in of_type(template, kind):
            formats = [
                str(value)
                for path, value in walk(stage.get(member, {}))
                if path.endswith("/Format")
            ]
            if not formats:
                yield f"{name}: logs no request"
            for variable in re.findall(r"\$context\.([\w.]+)", "".join(formats)):
                if any(part in variable for part in UNLOGGED):
                    yield f"{name}: logs {variable}"


def functions_can_be_traced(template: Template) -> Iterator[str]:
    """XRayTracing turns on tracing and its permissions, and nothing else does."""
    mode = template["Globals"]["Function"].get("Tracing")
    if mode != {"Fn::If": ["HasTracing", "Active", "PassThrough"]}:
        yield "Globals: Tracing does not follow XRayTracing"
    if template["Resources"].get("TracingPolicy", {}).get("Condition") != "HasTracing":
        yield "TracingPolicy: is there without XRayTracing"
    for name, function in functions(template):
        role = template["Resources"].get(target(function.get("Role")), {})
        if role.get("Properties", {}).get("ManagedPolicyArns") != TRACING_POLICIES:
            yield f"{name}: its role may not send traces"
        if "Tracing" in function:
            yield f"{name}: has a Tracing of its own"


RULES: list[Rule] = [
    least_privilege,
    events_name_their_source,
    visibility_covers_retries,
    queues_have_dead_letter_queues,
    waiting_is_told_before_it_is_lost,
    batches_report_failures,
    routes_are_guarded,
    permissions_are_those_of_routes,
    targets_are_queues,
    nothing_is_literal,
    tables_are_encrypted,
    a_claim_outlives_its_worker,
    data_has_a_deletion_policy,
    buckets_require_tls,
    logs_can_be_encrypted,
    apis_log_requests_without_persons,
    functions_can_be_traced,
]


def findings(template: Template) -> list[str]:
    """Every sentence that any rule has to say about the template."""
    return [finding for rule in RULES for finding in rule(template)]
