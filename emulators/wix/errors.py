"""Wix's errors: the WDE codes of Wix Data with their HTTP status, and the error body of all REST APIs.

Source: https://dev.wix.com/docs/rest/articles/getting-started/errors and the error codes of Wix Data.
"""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

STATUS = {
    "WDE0001": 400,
    "WDE0002": 400,
    "WDE0003": 400,
    "WDE0004": 400,
    "WDE0005": 400,
    "WDE0006": 400,
    "WDE0007": 400,
    "WDE0009": 400,
    "WDE0014": 429,
    "WDE0025": 404,
    "WDE0027": 403,
    "WDE0028": 504,
    "WDE0069": 400,
    "WDE0070": 400,
    "WDE0073": 404,
    "WDE0074": 409,
    "WDE0075": 400,
    "WDE0080": 400,
    "WDE0104": 409,
    "WDE0109": 413,
    "WDE0110": 428,
    "WDE0119": 400,
    "WDE0123": 409,
    "WDE0133": 400,
    "WDE0134": 400,
    "WDE0168": 400,
    "WDE0169": 400,
    "WDE0178": 409,
}


@dataclass
class WixError(Exception):
    """An answer that is not a success. ``code`` is a WDE code, or a general one such as ``UNAUTHENTICATED`` with its ``status``."""

    code: str
    description: str
    status: int = 0

    def response(self) -> Response:
        """The answer; a 5xx has an empty object as its body, as Wix's has."""
        status = self.status or STATUS[self.code]
        if status >= 500:
            return JSONResponse({}, status_code=status)
        error = {"code": self.code, "description": self.description, "data": {}}
        return JSONResponse({"message": self.description, "details": {"applicationError": error}}, status_code=status)


def invalid(field: str, description: str) -> Response:
    """The answer to a request that breaks the API's schema."""
    violation = {"field": field, "description": description, "violatedRule": "OTHER"}
    return JSONResponse({"message": f"{field} {description}", "details": {"validationError": {"fieldViolations": [violation]}}}, status_code=400)
