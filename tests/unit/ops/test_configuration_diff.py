"""Differences of two configurations, and what a published version does not reach."""

from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.runtime.configuration import configuration
from ops.configuration_diff import changed_modules, compare_configurations, new_locales

SHIPPED = configuration()


def changed(section: str, **values: Any) -> Configuration:
    """Return the shipped configuration with other values in one section."""
    document = SHIPPED.model_dump(mode="json")
    document[section] |= values
    return Configuration.model_validate(document)


def rules(*keys: str) -> list[dict[str, Any]]:
    by_key = {rule.key: rule.model_dump(mode="json") for rule in SHIPPED.routing.rules}
    return [by_key[key] for key in keys]


KEYS = [rule.key for rule in SHIPPED.routing.rules]


def texts(before: Configuration, after: Configuration) -> list[str]:
    return [str(change) for change in compare_configurations(before, after)]


def test_equal_configurations_have_no_difference() -> None:
    assert compare_configurations(SHIPPED, changed("routing")) == []


def test_changed_setting_is_named_by_the_key_of_its_rule() -> None:
    moved = rules(*KEYS)
    moved[0]["team"] = "edi-support"

    assert texts(SHIPPED, changed("routing", rules=moved)) == [
        '~ routing.rules.invoice.team: "ap-disputes" -> "edi-support"'
    ]


def test_rule_that_is_new_does_not_make_the_others_differ() -> None:
    fewer = changed("routing", rules=rules(*KEYS[1:]))

    (added,) = texts(fewer, SHIPPED)
    (removed,) = texts(SHIPPED, fewer)

    assert added.startswith('+ routing.rules.invoice: {"key": "invoice"')
    assert removed.startswith("- routing.rules.invoice: ")
    # A long value is cut.
    assert added.endswith("…")


def test_order_of_rules_is_a_difference_since_the_first_match_counts() -> None:
    swapped = changed("routing", rules=rules(KEYS[1], KEYS[0], *KEYS[2:]))

    (change,) = compare_configurations(SHIPPED, swapped)

    assert change.path == "routing.rules (order)"
    assert change.before is not None
    assert change.before.startswith('["invoice", "ship_notice"')


def test_label_changes_the_module_that_the_portals_page_reads_and_a_rule_does_not() -> None:
    document = SHIPPED.model_dump(mode="json")
    document["labels"]["case.status"]["values"]["new"]["de"] = "Eingegangen"
    label = Configuration.model_validate(document)
    moved = rules(*KEYS)
    moved[0]["team"] = "edi-support"

    assert texts(SHIPPED, label) == ['~ labels.case.status.values.new.de: "Neu" -> "Eingegangen"']
    assert changed_modules(SHIPPED, label) == ["texts.js"]
    assert changed_modules(SHIPPED, changed("routing", rules=moved)) == []


def test_form_in_a_language_that_the_layer_lacks_has_to_be_deployed() -> None:
    key = min(SHIPPED.forms)

    def with_locale(locale: str) -> Configuration:
        form = SHIPPED.forms[key].model_copy(update={"locale": locale})
        return SHIPPED.model_copy(update={"forms": {**SHIPPED.forms, key: form}})

    assert new_locales(SHIPPED, with_locale("pl-PL")) == ["pl"]
    assert new_locales(with_locale("pl-PL"), with_locale("pl")) == []
    # In every layer (layers/common/sam_build/layer.py).
    assert new_locales(SHIPPED, with_locale("de-AT")) == []
