"""Names the settings of ``config/`` that each field of a ``PartnerMessages`` row comes from.

gridwix writes such a row once and never computes it again, so the settings cannot be found by
computing the row with other settings. A test changes each setting of a campaign, and checks that
the fields listed here change in the row.
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
    """Return the settings that a field of a message's row comes from; empty if there are none.

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
