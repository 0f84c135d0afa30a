"""The rules of the conformance kit, one module per group of rules (capability).

The kit (``gridwix gateway check``) tests a gateway against the community gateway profile, the
OpenAPI contract of gateways.
"""

from ops.gateway.check.capabilities.approvals import approvals
from ops.gateway.check.capabilities.authentication import authentication
from ops.gateway.check.capabilities.comments import comments
from ops.gateway.check.capabilities.documents import documents
from ops.gateway.check.capabilities.feed import feed
from ops.gateway.check.capabilities.idempotency import idempotency
from ops.gateway.check.capabilities.lists import lists
from ops.gateway.check.capabilities.notices import notices
from ops.gateway.check.capabilities.patches import patches
from ops.gateway.check.capabilities.preconditions import preconditions
from ops.gateway.check.capabilities.problems import problems
from ops.gateway.check.capabilities.reads import reads
from ops.gateway.check.capabilities.references import references
from ops.gateway.check.capabilities.responses import responses
from ops.gateway.check.capabilities.sources import sources
from ops.gateway.check.capabilities.steps import steps
from ops.gateway.check.capabilities.tombstones import tombstones
from ops.gateway.check.capabilities.transitions import transitions
from ops.gateway.check.capabilities.uploads import uploads
from ops.gateway.check.capabilities.versions import versions
from ops.gateway.check.capabilities.webhooks import webhooks
from ops.gateway.check.rules import Capability

CAPABILITIES: tuple[Capability, ...] = (
    authentication,
    responses,
    problems,
    lists,
    reads,
    tombstones,
    sources,
    versions,
    preconditions,
    idempotency,
    transitions,
    steps,
    patches,
    references,
    comments,
    uploads,
    approvals,
    documents,
    notices,
    feed,
    webhooks,
)
