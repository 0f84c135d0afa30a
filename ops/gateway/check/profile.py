"""The community gateway profile, read from its OpenAPI file: operations and schemas."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from ops.paths import ROOT
from ops.yaml_files import load_trusted_yaml

PROFILE = ROOT / "docs/community-gateway.openapi.yaml"
MAX_FAULTS = 5
"""Maximum number of faults that are named for one response."""

COLLECTIONS = (
    "partners",
    "onboarding-programs",
    "enrollments",
    "compliance-checks",
    "cases",
    "collaboration-requests",
    "documents",
    "approvals",
    "service-notices",
)
"""The collections of the profile that have lists and single reads."""

OF_PARTNERS = (
    "partners",
    "enrollments",
    "compliance-checks",
    "cases",
    "collaboration-requests",
    "documents",
)
"""The collections in which each record belongs to one partner."""

CAPABILITIES_PATH = "/capabilities"
NO_SUCH_OPERATION = frozenset({404, 405, 501})
"""HTTP statuses by which a gateway may say that it lacks the optional operation
``/capabilities``.
"""

PROBLEM_STATUSES: Mapping[str, int] = {
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "malformed": 400,
    "cursor-invalid": 400,
    "invalid-transition": 409,
    "cursor-expired": 410,
    "version-conflict": 412,
    "payload-too-large": 413,
    "media-type": 415,
    "validation": 422,
    "idempotency-key-reused": 422,
    "precondition-required": 428,
    "rate-limited": 429,
    "upstream": 502,
    "unavailable": 503,
}
"""HTTP status of a problem (RFC 9457), by its code."""


@dataclass(frozen=True)
class Operation:
    """One operation of the community gateway profile.

    ``path`` matches the request paths of the operation, ``statuses`` are those of its successes.
    ``validators`` has a JSON Schema validator for each status that has a JSON body.
    """

    name: str
    method: str
    path: re.Pattern[str]
    statuses: frozenset[int]
    validators: Mapping[int, jsonschema_rs.Draft202012Validator]
    returns_json: bool


class Profile:
    """The operations and schemas of the community gateway profile, to validate responses with."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = document["components"]
        self.operations = tuple(self._read_operations(document["paths"]))
        self._problem = self._validator({"$ref": "#/components/schemas/Problem"})
        self._event = self._validator({"$ref": "#/components/schemas/CloudEvent"})

    def find_operation(self, method: str, path: str) -> Operation | None:
        """Return the operation of the profile that a request calls; None if there is none.

        ``path`` is relative to the base URL, without a query.
        """
        return next(
            (one for one in self.operations if one.method == method and one.path.fullmatch(path)),
            None,
        )

    def problem_faults(self, document: Any) -> list[str]:
        """Return the faults in the body of a problem (RFC 9457); empty if it is valid."""
        return _faults(self._problem, document)

    def event_faults(self, document: Any) -> list[str]:
        """Return the faults in an event, such as the body of a webhook; empty if it is valid."""
        return _faults(self._event, document)

    def response_faults(self, operation: Operation, status: int, document: Any) -> list[str]:
        """Return the faults in the JSON body of a success.

        Args:
            operation: The operation that was called.
            status: The HTTP status; nothing is wrong if the profile has no body for it.
            document: The parsed body.

        Returns:
            One text per fault, each with the JSON pointer, at most ``MAX_FAULTS``.
        """
        validator = operation.validators.get(status)
        return [] if validator is None else _faults(validator, document)

    def _read_operations(self, paths: Mapping[str, Any]) -> Iterator[Operation]:
        for path, item in paths.items():
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
            for method in ("get", "post", "put", "patch", "delete"):
                if method not in item:
                    continue
                validators = {}
                # Besides them there are `default` and ranges such as `4XX`, which are problems.
                statuses = {
                    int(status) for status in item[method]["responses"] if status.isdecimal()
                }
                for status in statuses:
                    content = item[method]["responses"][str(status)].get("content", {})
                    if "application/json" in content:
                        validators[status] = self._validator(content["application/json"]["schema"])
                yield Operation(
                    item[method]["operationId"],
                    method.upper(),
                    pattern,
                    frozenset(statuses),
                    validators,
                    bool(validators),
                )

    def _validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {**schema, "components": self._components}, validate_formats=True
        )


@cache
def read_profile() -> Profile:
    """Return the community gateway profile of this release, read from its OpenAPI file."""
    return Profile(load_trusted_yaml(PROFILE.read_text()))


def _faults(validator: jsonschema_rs.Draft202012Validator, document: Any) -> list[str]:
    try:
        return [
            f"/{'/'.join(str(part) for part in fault.instance_path)}: {fault.message[:200]}"
            for _, fault in zip(range(MAX_FAULTS), validator.iter_errors(document), strict=False)
        ]
    # JSON can hold half a character, and can be nested deeper than a validator goes.
    except (ValueError, RecursionError) as error:
        return [f"/: no validator can read it: {type(error).__name__}"]
