"""Rules of the conformance kit that every response has to fulfill.

They have no requests of their own: they are checked on the responses to the requests of all other
rules.
"""

from ops.gateway.check.rules import Capability

responses = Capability("responses", "Responses")
responses.observed_rule("schema", "Every success fits its schema in the profile")
responses.observed_rule("status", "Every success has a status that its operation has")
responses.observed_rule("media_type", "Every JSON success has the media type application/json")
responses.observed_rule("times", "Times are in UTC with milliseconds")
