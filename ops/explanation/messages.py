"""Settings behind the rows of ``PartnerMessages``, which are written once and never projected
again.

A test changes each setting of a campaign, and sees that exactly these fields of the row change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.explanation.settings import Setting

CAMPAIGN_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "roles": ("audience", "roles"),
    "texts": ("texts",),
    "kind": ("kind",),
    "importance": ("importance",),
}
"""Path of a setting within the campaign, by the field of a message's row that shows it."""


def message_rules(name: str, row: Mapping[str, Any]) -> Sequence[Setting]:
    """Return the settings from which a field of a message's row comes.

    >>> message_rules("kind", {"campaign": "case-opened"})[0].file
    'config/campaigns/case-opened.yaml'

    Args:
        name: The field.
        row: The row in Wix, which names its campaign.
    """
    if name == "locale":
        # The language of the partner's country, if the campaign has a text in it.
        return (Setting(("messaging", "locales")),)
    campaign, path = row.get("campaign"), CAMPAIGN_SETTINGS.get(name)
    if not isinstance(campaign, str) or path is None:
        return ()
    found = Setting(("campaigns", campaign, *path))
    # A role that may not see the record is left out.
    return (found, Setting(("roles",))) if name == "roles" else (found,)
