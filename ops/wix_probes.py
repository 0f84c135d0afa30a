"""Probes of Wix APIs that gridwix uses besides collections: media, members, contacts, forms.

Each probe costs one call of the site's budget. No probe reads personal data: queries ask for one
record, only to see whether Wix permits them.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.configuration.campaigns import PERSONAL, Campaign
from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FormDefinition
from gridwix.errors import Forbidden, GridwixError, NotFound
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from ops.probes import NotChecked, Probe, WithoutSource, format_count

FORMS = "/form-schema-service/v4/forms"

_ONE = {"query": {"paging": {"limit": 1, "offset": 0}}}


def wix_probes(site: WixSite, wix: WixClient, configuration: Configuration) -> list[Probe]:
    """Return the probes of the Wix APIs, forms and members that the configuration uses.

    Args:
        site: Client of the site's REST APIs.
        wix: Client of the site's collections.
        configuration: The compiled configuration of this checkout.
    """
    personal = {key: one for key, one in configuration.campaigns.items() if is_personal(one)}
    probes: list[Probe] = [("Wix", "media", lambda: _check_media(site))]
    if personal:
        probes += [
            ("Wix", "members", lambda: _query_one(site, "members", "/members/v1/members/query")),
            (
                "Wix",
                "contacts",
                lambda: _query_one(site, "contacts", "/contacts/v4/contacts/query"),
            ),
            ("Wix", "readers of campaigns", lambda: check_readers(wix, personal)),
        ]
    return probes + [
        ("Wix", f"form {key}", partial(check_form, site, key, form, wix_form))
        for key, form in configuration.forms.items()
        for wix_form in form.wix_forms
    ]


def is_personal(campaign: Campaign) -> bool:
    """Return True if a campaign is active and sends to persons, not only to the portal."""
    return campaign.status == "active" and not PERSONAL.isdisjoint(campaign.channels)


def check_readers(wix: WixClient, campaigns: Mapping[str, Campaign]) -> str:
    """Check that each campaign has a linked member with a role that receives its messages.

    Return a text with the number of links. A link lets a member act for a partner, in a role.

    Args:
        wix: Client of the site's collections.
        campaigns: Active campaigns that send to persons, by key.

    Raises:
        WithoutSource: No member is linked to a partner yet.
        GridwixError: No linked member has a role of a campaign.
    """
    wanted = sorted({role for one in campaigns.values() for role in one.audience.roles})
    total = wix.count_items(PARTNER_LINKS)
    if not total:
        raise WithoutSource(
            "no member is linked to a partner, so messages reach nobody: `gridwix invite` or"
            " `gridwix link`"
        )
    held = {role for role in wanted if wix.count_items(PARTNER_LINKS, filter={"role": role})}
    deaf = {
        key: one.audience.roles
        for key, one in campaigns.items()
        if one.audience.roles and held.isdisjoint(one.audience.roles)
    }
    if deaf:
        said = "; ".join(
            f"config/campaigns/{key}.yaml is for {' or '.join(roles)}"
            for key, roles in deaf.items()
        )
        raise GridwixError(
            f"nobody can receive {format_count(len(deaf), 'campaign')}, because no linked member"
            f" has the role: {said}. Change its audience, or link a member with that role"
        )
    return f"{format_count(total, 'link')} of members, each campaign reaches somebody"


def check_form(site: WixSite, key: str, form: FormDefinition, wix_form: str) -> str:
    """Check that a Wix form has all fields that its form in ``config/forms`` reads.

    Return a text with the number of these fields.

    Args:
        site: Client of the site's REST APIs.
        key: Key of the form in ``config/forms``.
        form: The definition of the form in ``config/forms``.
        wix_form: Id of the Wix form.

    Raises:
        NotChecked: The credential may not read forms. gridwix itself does not need this permission.
        GridwixError: The Wix form does not exist, or lacks fields.
    """
    file = f"config/forms/{key}.yaml"
    try:
        document = site.call(
            f"get form {key}", "GET", f"{FORMS}/{path_segment(wix_form)}", safe=True
        )
    except NotFound:
        raise GridwixError(
            f"the Wix form {wix_form} of {file} is not on the site: correct wix_forms, or remove it"
        ) from None
    except Forbidden:
        raise NotChecked(
            "not checked: the API key may not read forms, which only this check needs"
        ) from None
    targets = form_targets(json_object(document.get("form")))
    lacking = [field.target for field in form.fields if field.target not in targets]
    if lacking:
        raise GridwixError(
            f"the Wix form {wix_form} has no field with the key {', '.join(lacking)}, which {file}"
            " reads: give the field that key in the form's settings, or correct target in the file"
        )
    return format_count(len(form.fields), "field")


def form_targets(form: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys (``target``) of the input fields of a Wix form."""
    fields = form.get("formFields")
    options: Sequence[Mapping[str, Any]] = [
        json_object(json_object(one).get("inputOptions"))
        for one in (fields if isinstance(fields, list) else ())
    ]
    return frozenset(
        target for one in options if isinstance(target := one.get("target"), str) and target
    )


def _check_media(site: WixSite) -> str:
    params = [("parentFolderId", "media-root"), ("paging.limit", "1")]
    site.call("list of folders", "GET", "/site-media/v1/folders", params=params, safe=True)
    return "files can be listed"


def _query_one(site: WixSite, name: str, path: str) -> str:
    site.call(f"query of {name}", "POST", path, body=_ONE, safe=True)
    return "can be queried"
