"""Error responses of Wix, and the responses and exceptions that faults of an edge cause."""

from random import Random
from typing import Any

import httpx
import orjson

from soak.kernel.edges import Fault
from soak.lean_http import LeanResponse

STATUS = {
    "WDE0014": 429,  # requests per minute
    "WDE0025": 404,  # no such collection
    "WDE0028": 504,  # time limit
    "WDE0073": 404,  # no such item
    "WDE0074": 409,  # item exists
    "WDE0109": 413,  # body too large
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 428,
    "RESOURCE_EXHAUSTED": 429,  # requests per minute
    "CONTACT_NOT_FOUND": 404,
    "CONVERSATION_NOT_FOUND": 404,
}
"""HTTP status of an error by its code; 400 for any other code."""

JSON = {"content-type": "application/json"}

_SERVER_ERRORS = (500, 502, 503, 504)


class WixRefusal(Exception):
    """A call, or one item of it, that Wix refuses with a code."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description

    def response(self) -> httpx.Response:
        """Return the error response. A 5xx has an empty object as its body."""
        status = STATUS.get(self.code, 400)
        if status >= 500:
            return json_response({}, status)
        error = {"code": self.code, "description": self.description, "data": {}}
        return json_response(
            {"message": self.description, "details": {"applicationError": error}}, status
        )


class InvalidRequest(WixRefusal):
    """A request that violates the API's schema at ``field``, or a named rule."""

    def __init__(self, field: str, description: str, rule: str = "") -> None:
        super().__init__(rule, description)
        self.field = field

    def response(self) -> httpx.Response:
        violation = {
            "field": self.field,
            "description": self.description,
            "violatedRule": "OTHER",
            "ruleName": self.code,
            "data": {},
        }
        return json_response(
            {
                "message": f"{self.field} {self.description}",
                "details": {"validationError": {"fieldViolations": [violation]}},
            },
            400,
        )


def json_response(content: Any, status: int = 200) -> httpx.Response:
    """Return a response with a JSON body, which may be given as bytes."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return LeanResponse(status, JSON, body)


def fail(fault: Fault, request: httpx.Request, code: str, random: Random) -> httpx.Response:
    """Return the response to a call with a fault, or raise the exception that its caller sees.

    Args:
        fault: A fault that any edge has.
        request: The call.
        code: The code beside a 429.
        random: Chooses among statuses, and among exceptions, that mean the same.

    Raises:
        httpx.TransportError: There is no response.
    """
    match fault:
        case Fault.THROTTLED:
            response = WixRefusal(code, "Too many requests").response()
            response.status_code = 429
            if random.random() < 0.3:
                response.headers["retry-after"] = str(random.randint(1, 30))
            return response
        case Fault.SERVER_ERROR:
            return json_response({}, random.choice(_SERVER_ERRORS))
        case Fault.NOT_CONNECTED:
            kind = random.choice((httpx.ConnectError, httpx.ConnectTimeout))
            raise kind("no connection", request=request)
        case Fault.RESET_BEFORE | Fault.RESET_AFTER:
            broken = random.choice((httpx.ReadError, httpx.RemoteProtocolError))
            raise broken("the connection broke", request=request)
        case _:
            raise httpx.ReadTimeout("no answer", request=request)
