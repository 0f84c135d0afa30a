"""Names the cause of faults that ``gridwix doctor`` finds in calls to Wix and Trading Grid. Pure.

A fault may only hint at its cause: one wrong key fails every call with 401, and one wrong address
every call with 404. The calls that work tell more: a key without one permission fails some calls,
the key of another site all of them. So causes and remedies are named after all probes (checks) have
run (:func:`name_causes`).

Source of Wix's meanings of 401 and 403:
https://dev.wix.com/docs/overview/auth-permissions/troubleshoot-auth-issues.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import (
    ConfigurationError,
    Forbidden,
    GridwixError,
    NotFound,
    RecordFault,
    Refused,
    Unauthenticated,
    Unavailable,
    UpstreamError,
)
from ops.probes import USERS_OF_PARTNERS, Finding

WIX, TRADING_GRID = "Wix", "Trading Grid"

DIRECTORY = frozenset({"partner directory", USERS_OF_PARTNERS})
"""Capabilities of OpenText's directory. Both begin with the list of the hub's partners."""

OPENTEXT = DIRECTORY | {"transactions (Lens)"}
"""Capabilities of OpenText's own hosts. All others of Trading Grid are the community gateway's."""

SELF_DESCRIPTION = "sources"
"""A capability of every current community gateway: without it, the gateway counts as older."""

_ITEMS = "Wix Data (read and write items)"

WIX_PERMISSIONS: Mapping[str, str] = {
    "items": _ITEMS,
    "readers of campaigns": _ITEMS,
    "collections": "Wix Data (manage collections and indexes)",
    "media": "Media Manager (read and upload files)",
    "members": "Members (read)",
    "contacts": "Contacts (read)",
}
"""Permissions of a Wix credential, by the capability that needs them."""

SITE_FAULTS: Mapping[str, str] = {
    "WDE0091": "the site's storage for data is full: free some, or change its plan",
    "WDE0110": "the site lacks the CMS: add it in the site's dashboard",
    "WDE0117": "the site has no Wix Data: turn on coding (Dev Mode) in its editor",
}
"""Faults of a site as a whole, by Wix's code."""

_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Settings of the stack that are quoted in the remedy of a fault.

    ``timeout`` is the read timeout of a call in seconds. ``is_app``: Wix is called as an app, and
    not with an API key. ``own_credentials``: the community gateway has credentials of its own.
    """

    stack: str
    base_url: str
    community_url: str
    company: str
    site: str
    timeout: float
    is_app: bool = False
    own_credentials: bool = False


type Namer = Callable[[Finding, Collection[Finding], Surroundings], str | None]
"""Returns a sentence with cause and remedy for a fault, given all findings of its system; None if
it knows none.
"""


def name_causes(findings: Sequence[Finding], around: Surroundings) -> list[Finding]:
    """Return the findings, with the cause and remedy added to each fault of Wix and Trading Grid.

    Faults with the same cause get the same words, so that :func:`ops.examination.merge_causes`
    makes one row of them. If the check of the secret with a system's credentials has found a fault,
    the faults of that system because of the secret are marked as skipped.

    Args:
        findings: All findings of an examination.
        around: Settings that a remedy quotes.
    """
    broken = {finding.capability for finding in findings if finding.is_fault}
    return [
        _name_cause(finding, findings, around, broken) if finding.is_fault else finding
        for finding in findings
    ]


def _name_cause(
    finding: Finding, findings: Iterable[Finding], around: Surroundings, broken: Collection[str]
) -> Finding:
    error, namer = finding.error, NAMERS.get(finding.system)
    if error is None or namer is None:
        return finding
    secret = credentials_capability(finding.system)
    if isinstance(error, ConfigurationError) and secret in broken:
        return replace(
            finding, found=f"not checked: see the {secret}", cause=secret, skipped=True, error=None
        )
    peers = [one for one in findings if one.system == finding.system]
    sentence = namer(finding, peers, around)
    if sentence is None:
        return finding
    said = f"{error.code}: {sentence}"
    return replace(finding, found=said, cause=said)


def credentials_capability(system: str) -> str:
    """Return the capability that the finding on the secret with a system's credentials has.

    A finding is the result of a check by ``gridwix doctor``. Its capability names what was checked.
    """
    return f"credentials of {system}"


def _is(finding: Finding, *kinds: type[GridwixError]) -> bool:
    return finding.is_fault and isinstance(finding.error, kinds)


# Wix


def _wix_cause(finding: Finding, peers: Collection[Finding], around: Surroundings) -> str | None:
    error = finding.error
    secret = f"the secret {around.stack}/wix/credentials"
    if isinstance(error, Unauthenticated):
        if around.is_app:
            return (
                "Wix does not know this instance of the app: the app was removed from the site, or"
                f" appId, appSecret or instanceId in {secret} is another's. Install the app on the"
                " site again and store its new instanceId"
            )
        return (
            "Wix does not know the API key: it is mistyped, revoked or expired. Create one in Wix's"
            f" API Keys Manager and store it in {secret}"
        )
    if isinstance(error, UpstreamError) and error.vendor_code in SITE_FAULTS:
        return SITE_FAULTS[error.vendor_code]
    if isinstance(error, Forbidden):
        called = [one for one in peers if wix_permission(one.capability) and not one.skipped]
        credential = "app" if around.is_app else "API key"
        if any(one.works for one in called):
            return (
                f"the {credential} is valid, but lacks the permission for"
                f" {wix_permission(finding.capability)}: add it"
                f" {'on the dashboard of the app' if around.is_app else 'in the API Keys Manager'}"
            )
        return (
            f"the {credential} is valid, but not for the site {around.site}: correct WixSiteId (the"
            f" GUID after /dashboard/ in the URL of the site's dashboard), or store in {secret} a"
            " key of the account that owns the site, with this site and all permissions selected"
        )
    return _silence(error, "WixBaseUrl", "https://www.wixapis.com", around)


def wix_permission(capability: str) -> str:
    """Return the Wix permission that a capability needs; "" if it needs none.

    >>> wix_permission("collection PartnerStatus")
    'Wix Data (manage collections and indexes)'
    """
    kind = "collections" if capability.startswith("collection ") else capability
    return WIX_PERMISSIONS.get(kind, "")


# Trading Grid


def _trading_grid_cause(
    finding: Finding, peers: Collection[Finding], around: Surroundings
) -> str | None:
    error = finding.error
    if finding.capability in OPENTEXT:
        return _opentext_cause(finding, peers, around)
    if _is(finding, Unauthenticated, NotFound) and not around.own_credentials:
        # Without credentials of its own, the gateway is called with OpenText's token.
        opentext = [one for one in peers if one.capability in OPENTEXT]
        if opentext and all(_is(one, type(error)) for one in opentext):  # type: ignore[arg-type]
            return _opentext_cause(finding, peers, around)
    return _community_cause(finding, peers, around)


def _opentext_cause(
    finding: Finding, peers: Collection[Finding], around: Surroundings
) -> str | None:
    error = finding.error
    secret = f"the secret {around.stack}/trading-grid/credentials"
    if isinstance(error, Unauthenticated):
        return (
            f"{around.base_url} does not accept the consumer key and secret: one of them is"
            " mistyped, revoked, or of the other environment (apigrid is production, apibetagrid is"
            f" pre-production). Store the right ones in {secret}, or correct TradingGridBaseUrl"
        )
    others = [one for one in peers if one.capability in OPENTEXT - DIRECTORY]
    # The same credentials work for the other service, so it is the company that is wrong.
    if (
        finding.capability in DIRECTORY
        and isinstance(error, NotFound | Forbidden)
        and any(one.works for one in others)
    ):
        return (
            f"Trading Grid does not know the company {around.company}, or not as yours:"
            " TradingGridCompanyId must be the BUID of the hub that the consumer key belongs to"
        )
    if isinstance(error, Forbidden):
        return (
            f"the consumer key may not use {finding.capability}: ask OpenText to entitle it, or"
            f" store another key in {secret}"
        )
    if isinstance(error, NotFound):
        return (
            f"{around.base_url} is not OpenText's gateway: it answers {error.status}. Correct"
            " TradingGridBaseUrl, such as https://apigrid.opentext.com"
        )
    return _silence(error, "TradingGridBaseUrl", around.base_url, around)


def _community_cause(
    finding: Finding, peers: Collection[Finding], around: Surroundings
) -> str | None:
    error, url = finding.error, around.community_url
    secret = f"the secret {around.stack}/trading-grid/credentials"
    works = any(one.works for one in peers if one.capability not in {*OPENTEXT, SELF_DESCRIPTION})
    check = f"`gridwix gateway check {url}` says what it lacks"
    if isinstance(error, RecordFault):
        return f"the gateway breaks the profile: {error}. {check}"
    if isinstance(error, Unauthenticated):
        if around.own_credentials:
            return (
                f"the community gateway {url} does not accept communityConsumerKey and"
                f" communityConsumerSecret: store those that it issued in {secret}"
            )
        return (
            f"the community gateway {url} does not accept OpenText's token: it issues its own."
            f" Add communityConsumerKey and communityConsumerSecret to {secret}"
        )
    if works and isinstance(error, Forbidden):
        return (
            f"the community gateway does not allow {finding.capability} to this consumer: permit"
            " it at the gateway"
        )
    if isinstance(error, NotFound):
        if works:
            return f"the community gateway lacks {finding.capability}. {check}"
        return (
            f"there is no community gateway at {url}: it answers {error.status}. Correct"
            " TradingGridCommunityUrl: it ends before /partners, mostly with /community/v1"
        )
    if isinstance(error, Refused) and error.status in _REDIRECTS:
        return (
            f"{url} redirects ({error.status}), which gridwix does not follow: give"
            " TradingGridCommunityUrl the address that it redirects to"
        )
    if (
        isinstance(error, Unavailable)
        and error.vendor_code == TRADING_GRID_ERRORS.malformed_code
        and error.status == 200
    ):
        if works:
            return f"the gateway breaks the profile with {finding.capability}. {check}"
        return (
            f"{url} answers with something that is no JSON of the profile, such as a web page or"
            " the login of a proxy: correct TradingGridCommunityUrl"
        )
    return _silence(error, "TradingGridCommunityUrl", url, around)


def _silence(
    error: GridwixError | None, setting: str, url: str, around: Surroundings
) -> str | None:
    """Return a sentence with cause and remedy for a host that does not respond, or only with 5xx.

    None for any other fault. ``setting`` names the setting that holds the host's address ``url``,
    and ``around`` has the timeout of calls.
    """
    if not isinstance(error, Unavailable):
        return None
    if error.status:
        return None if error.status == 200 else f"{url} answers {error.status}: its own fault; wait"
    reason = str(error).rpartition(": ")[2]
    slow = "Timeout" in reason
    if slow:
        return f"no answer: {url} takes longer than {around.timeout:g} s: ask its operator why"
    return f"no answer: {url} cannot be reached ({reason}): correct {setting}, or see if it is down"


NAMERS: Mapping[str, Namer] = {WIX: _wix_cause, TRADING_GRID: _trading_grid_cause}
"""Functions that name the cause of a fault, by the system that the fault is in."""
