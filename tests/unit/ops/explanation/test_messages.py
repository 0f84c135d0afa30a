"""The rules of messages are those whose change changes the row."""

from datetime import UTC, datetime

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.everything import Configuration
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_messages import PartnerMessageRow
from gridwix.models.portal.rows import field_names
from gridwix.partner_messenger.dispatches import Dispatch, Text
from gridwix.partner_messenger.messages import message_row
from gridwix.partner_messenger.quiet_hours import partner_locale
from gridwix.runtime.configuration import configuration
from ops.explanation.messages import message_rules
from ops.explanation.settings import Setting, change_settings, list_settings
from tests.factories import PRAIRIE_GOLD, partner
from tests.unit.ops.explanation.world import World, fields_of, row_key, rules_of

NOW = datetime(2026, 3, 12, tzinfo=UTC)
KEY = "certificate-expires"
ROW = {"campaign": KEY, "record": "compliance-checks/chk_1"}
COUNTRY = "DE"
DISPATCH = Dispatch(
    id="m-1",
    campaign=KEY,
    occasion="valid_until 2026-04-01",
    subject=ROW["record"],
    partner_id=PartnerId(PRAIRIE_GOLD),
    since=NOW,
    due_at=NOW,
    channel="portal",
)


def row_of(found: Configuration) -> dict[str, object]:
    """The row of a dispatch, with the templates in the place of the texts."""
    campaign = found.campaigns[KEY]
    texts = {name: Text(words.title, words.body) for name, words in campaign.texts.items()}
    return dict(data_item("row", _row(campaign, texts, found)).data)


def _row(campaign: Campaign, texts: dict[str, Text], found: Configuration) -> PartnerMessageRow:
    locale = partner_locale(partner(country=COUNTRY), found.messaging)
    return message_row(DISPATCH, campaign, campaign.audience.roles, texts, locale, NOW)


def test_each_setting_changes_exactly_the_fields_that_name_it() -> None:
    now, names = row_of(configuration()), field_names(PartnerMessageRow)
    rules = {name: message_rules(name, ROW) for name in names}

    for setting in list_settings(configuration()):
        if setting.path[0] not in ("campaigns", "messaging"):
            continue
        other = row_of(change_settings(configuration(), [setting]))
        changed = {name for name in {*now, *other} if now.get(name) != other.get(name)}
        named = {name for name, of_field in rules.items() if _names(of_field, setting)}
        # Only the language of the partner's own country counts, and the rule names them all.
        if setting.path[:2] == ("messaging", "locales"):
            assert named == {"locale"}
            assert changed == ({"locale"} if setting.path[-1] == COUNTRY else set())
        else:
            assert changed == named, setting


def _names(rules: object, setting: Setting) -> bool:
    assert isinstance(rules, tuple)
    return any(setting.path[: len(rule.path)] == rule.path for rule in rules)


def test_message_names_its_record_and_its_campaign() -> None:
    world = World()
    world.portal.rows[row_key("PartnerMessages", "m-1")] = {**ROW, "kind": "transactional"}

    found = world.explain("PartnerMessages", "m-1")

    assert rules_of(found, "kind") == [f"config/campaigns/{KEY}.yaml kind"]
    assert [one.name for one in fields_of(found)["kind"].records] == [ROW["record"]]
    assert found.is_right
