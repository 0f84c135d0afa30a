"""Wix's errors: codes with their HTTP status, and the error body of all REST APIs.

Sources: https://dev.wix.com/docs/rest/articles/getting-started/errors and
https://dev.wix.com/docs/velo/apis/wix-data/error-codes.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

from emulators.wix.wire import Json

STATUS = {
    "WDE0001": 400,  # collection id
    "WDE0002": 400,  # item id
    "WDE0003": 400,  # field key
    "WDE0004": 400,  # the item is no object
    "WDE0005": 400,  # the items are no array
    "WDE0006": 400,  # more than 1000 items
    "WDE0007": 400,  # update without an id
    "WDE0009": 400,  # item too large
    "WDE0014": 429,  # requests per minute
    "WDE0025": 404,  # no such collection
    "WDE0027": 403,
    "WDE0028": 504,  # time limit
    "WDE0069": 400,  # more than 1000 items to remove
    "WDE0070": 400,  # operator not allowed
    "WDE0073": 404,  # no such item
    "WDE0074": 409,  # item exists
    "WDE0075": 400,
    "WDE0080": 400,  # validation
    "WDE0104": 409,  # collection exists
    "WDE0109": 413,  # body too large
    "WDE0110": 428,  # CMS app not installed
    "WDE0119": 400,  # unsupported operation
    "WDE0123": 409,  # unique index
    "WDE0133": 400,  # value too large for its index
    "WDE0134": 400,  # field key begins with $
    "WDE0168": 400,  # item nested too deep
    "WDE0169": 400,  # filter nested too deep
    "WDE0178": 409,  # stale revision
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "ABORTED": 409,  # stale revision
    "ALREADY_EXISTS": 409,
    "FAILED_PRECONDITION": 428,
    "RESOURCE_EXHAUSTED": 429,  # requests per minute
    "FORM_NOT_FOUND": 404,
    "CONTACT_NOT_FOUND": 404,
    "CONVERSATION_NOT_FOUND": 404,
    "CONTACT_ALREADY_CHANGED": 409,  # stale revision
    "DUPLICATE_CONTACT_EXISTS": 409,
    "CANNOT_DELETE_MEMBER": 428,
    "CANNOT_UPDATE_MEMBER_EMAIL": 428,
}


@dataclass
class WixError(Exception):
    """Raised to answer a request with one of Wix's errors. ``code`` is Wix's error code."""

    code: str
    description: str
    data: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the error; 400 for a code that is not in ``STATUS``."""
        return STATUS.get(self.code, 400)

    def response(self) -> Json:
        """Return the error as an HTTP response.

        A 5xx has an empty object as its body, as in Wix.
        """
        if self.status >= 500:
            return Json({}, self.status)
        error = {"code": self.code, "description": self.description, "data": self.data}
        return Json(
            {"message": self.description, "details": {"applicationError": error}}, self.status
        )

    def item_error(self) -> dict[str, str]:
        """Return the error in the form of the result of one item in a bulk response."""
        return {"code": self.code, "description": self.description}


@dataclass
class InvalidRequest(Exception):
    """Raised for a request that violates the API's schema at ``field``, or a named ``rule``."""

    field: str
    description: str
    rule: str = ""
    data: dict[str, Any] = dataclasses.field(default_factory=dict)

    def response(self) -> Json:
        violation = {
            "field": self.field,
            "description": self.description,
            "violatedRule": "OTHER",
            "ruleName": self.rule,
            "data": self.data,
        }
        return Json(
            {
                "message": f"{self.field} {self.description}",
                "details": {"validationError": {"fieldViolations": [violation]}},
            },
            400,
        )
