"""Rules that every response is held to, in the requests of all other rules."""

from ops.gateway.check.rules import Capability

responses = Capability("responses", "Responses")
responses.observed_rule("schema", "Every success fits its schema in the profile")
responses.observed_rule("status", "Every success has a status that its operation has")
responses.observed_rule("media_type", "Every JSON success has the media type application/json")
responses.observed_rule("times", "Times are in UTC with milliseconds")
