"""The conformance kit of the community gateway profile: ``gridwix gateway check URL``.

``runner.check_gateway`` runs the rules of ``capabilities/`` against a gateway and returns a report.
A rule is one sentence of the profile (``docs/community-gateway.openapi.yaml``) and the function
that tries it. The kit trusts nothing that a gateway sends: size, time and number of requests have
limits, and each response is validated before a rule reads it.
"""
