"""Settings of a member: what can be chosen, what is saved, and what two tabs do to one another."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gridwix.runtime.configuration import configuration
from ops.backend import member_choices
from tests.contract.portal_backend.cases import INVALID, TOO_LARGE, data_calls
from tests.contract.portal_site import Portal, Visitor

NIGHT = {"begins": "18:30", "ends": "06:00", "timeZone": "Europe/Berlin"}


def member_of(site: Portal) -> Visitor:
    return site.member(site.partner())


def saved(member: Visitor, **settings: Any) -> Any:
    return member.call("saveSettings", settings)


def stored(site: Portal, member: Visitor) -> dict[str, str]:
    return {
        row["setting"]: row["value"]
        for row in site.rows("MemberSettings").values()
        if row["memberId"] == member.id
    }


def test_settings_of_a_new_member_are_the_defaults(site: Portal) -> None:
    settings = member_of(site).call("getSettings", "en")["settings"]

    assert settings == {
        "language": None,
        "quietHours": None,
        "messages": {"new-issues": {"email": True}, "documents": {"email": True}},
    }


def test_choices_say_in_the_readers_language_what_is_fixed_and_why(site: Portal) -> None:
    choices = member_of(site).call("getSettings", "de-AT")["choices"]

    groups = {group["key"]: group for group in choices["groups"]}
    assert groups["issues"]["label"] == "Vorgänge, die auf Sie warten"
    assert groups["issues"]["channels"] == [
        {
            "key": "portal",
            "label": "In diesem Portal",
            "fixed": {"reason": "portal", "label": "Das Portal zeigt jede Nachricht"},
        },
        *(
            {
                "key": channel,
                "label": label,
                "fixed": {
                    "reason": "required",
                    "label": "Diese Nachrichten betreffen unsere Zusammenarbeit",
                },
            }
            for channel, label in (("inbox", "Chatnachricht"), ("email", "E-Mail"))
        ),
    ]
    assert (groups["documents"]["areas"], groups["outages"]["areas"]) == (
        ["documents"],
        ["notices"],
    )
    assert groups["documents"]["channels"][1] == {"key": "email", "label": "E-Mail", "fixed": None}
    assert choices["quietHours"] == {"begins": "20:00", "ends": "07:00"}
    assert {one["key"]: one["label"] for one in choices["languages"]}["de"] == "Deutsch"
    assert choices["timeZones"] == member_choices(configuration())["timeZones"]


def test_saved_settings_are_read_again_on_every_device(site: Portal) -> None:
    member = member_of(site)

    answer = saved(
        member, language="de", quietHours=NIGHT, messages={"documents": {"email": False}}
    )

    assert answer == {
        "settings": {
            "language": "de",
            "quietHours": NIGHT,
            "messages": {"new-issues": {"email": True}, "documents": {"email": False}},
        }
    }
    assert member.call("getSettings", "en")["settings"] == answer["settings"]


def test_labels_come_with_a_save_that_names_a_locale(site: Portal) -> None:
    member = member_of(site)

    answer = member.call("saveSettings", {"language": "de"}, "de-AT")

    assert answer == member.call("getSettings", "de-AT")
    assert answer["settings"]["language"] == "de"
    assert answer["choices"] != member.call("getSettings", "en")["choices"]


@pytest.mark.parametrize("locale", ["../de", 7, {"de": "de"}, ["de"], "x" * 200])
def test_labels_of_a_save_whose_locale_is_none_are_english(site: Portal, locale: Any) -> None:
    member = member_of(site)

    answer = member.call("saveSettings", {"language": "de"}, locale)

    assert answer["choices"] == member.call("getSettings", "en")["choices"]


def test_saving_changes_only_the_named_settings_and_null_is_the_default_again(
    site: Portal,
) -> None:
    member = member_of(site)
    saved(member, language="de", quietHours=NIGHT)

    saved(member, messages={"new-issues": {"email": False}})
    answer = saved(member, language=None)

    assert answer["settings"] == {
        "language": None,
        "quietHours": NIGHT,
        "messages": {"new-issues": {"email": False}, "documents": {"email": True}},
    }


def test_two_tabs_that_save_at_once_lose_nothing_but_an_older_value(site: Portal) -> None:
    member = member_of(site)
    tabs: list[dict[str, Any]] = [
        {"language": "de"},
        {"quietHours": NIGHT},
        {"messages": {"documents": {"email": False}}},
        {"messages": {"new-issues": {"email": False}}},
    ]

    with ThreadPoolExecutor(len(tabs)) as pool:
        list(pool.map(lambda tab: member.call("saveSettings", tab), tabs * 3))

    assert member.call("getSettings", "en")["settings"] == {
        "language": "de",
        "quietHours": NIGHT,
        "messages": {"new-issues": {"email": False}, "documents": {"email": False}},
    }


def test_saving_what_is_saved_already_writes_nothing(site: Portal) -> None:
    member = member_of(site)
    saved(member, language="de")
    before = site.rows("MemberSettings")

    saved(member, language="de")

    assert site.rows("MemberSettings") == before


@pytest.mark.parametrize(
    "settings",
    [
        None,
        [],
        "de",
        {"role": "admin"},
        {"memberId": "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e10"},
        {"language": "xx"},
        {"language": ""},
        {"language": ["de"]},
        {"language": "__proto__"},
        {"quietHours": "18:30-06:00 Europe/Berlin"},
        {"quietHours": {**NIGHT, "days": ["sat"]}},
        {"quietHours": {**NIGHT, "begins": "6:30"}},
        {"quietHours": {**NIGHT, "begins": "24:00"}},
        {"quietHours": {**NIGHT, "ends": 7}},
        {"quietHours": {**NIGHT, "ends": "18:30"}},
        {"quietHours": {**NIGHT, "ends": "10:31"}},
        {"quietHours": {**NIGHT, "timeZone": "Europe/Atlantis"}},
        {"quietHours": {**NIGHT, "timeZone": "europe/berlin"}},
        {"quietHours": {**NIGHT, "timeZone": None}},
        {"quietHours": {"begins": "18:30", "ends": "06:00"}},
        {"messages": None},
        {"messages": {"issues": {"email": False}}},
        {"messages": {"documents": {"portal": False}}},
        {"messages": {"documents": {"inbox": False}}},
        {"messages": {"documents": {"email": "off"}}},
        {"messages": {"documents": {"email": None}}},
        {"messages": {"documents": False}},
        {"messages": {"weather": {"email": False}}},
        {"messages": {"constructor": {"email": False}}},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_saves_nothing(site: Portal, settings: Any) -> None:
    member = member_of(site)

    answer = member.call("saveSettings", settings)
    with_a_good_one = (
        member.call("saveSettings", {**settings, "messages": {"documents": {"email": False}}})
        if isinstance(settings, dict) and "messages" not in settings
        else INVALID
    )

    assert (answer, with_a_good_one) == (INVALID, INVALID)
    assert stored(site, member) == {}


def test_prototype_of_an_object_is_no_setting(site: Portal) -> None:
    member = member_of(site)

    answer = member.http.post(
        f"{member.portal}/_functions/web/saveSettings",
        content='[{"messages": {"__proto__": {"email": false}}}]',
        headers={"content-type": "application/json"},
    ).json()["result"]

    assert (answer, stored(site, member)) == (INVALID, {})


def test_more_settings_than_there_are_is_too_large(site: Portal) -> None:
    many = {"messages": {f"group-{number}": {"email": False} for number in range(101)}}

    assert member_of(site).call("saveSettings", many) == TOO_LARGE


def test_value_that_somebody_edited_on_the_site_counts_as_the_default(site: Portal) -> None:
    member = member_of(site)
    saved(member, language="de", quietHours=NIGHT)
    for identifier, row in site.rows("MemberSettings").items():
        if row["memberId"] == member.id:
            data = {name: value for name, value in row.items() if not name.startswith("_")}
            site.row("MemberSettings", identifier, **{**data, "value": "no such thing"})

    assert member.call("getSettings", "en")["settings"]["language"] is None
    assert member.call("getSettings", "en")["settings"]["quietHours"] is None


def test_settings_cost_two_reads_and_only_a_change_costs_a_write(site: Portal) -> None:
    member = member_of(site)
    changes = {"language": "de", "quietHours": NIGHT, "messages": {"documents": {"email": False}}}

    read = data_calls(site, lambda: member.call("getSettings", "en"))
    first = data_calls(site, lambda: member.call("saveSettings", changes))
    second = data_calls(site, lambda: member.call("saveSettings", changes, "de"))

    assert (read, first, second) == ((2, 0), (2, 1), (2, 0))


def test_session_has_the_language_that_the_member_has_chosen(site: Portal) -> None:
    member, colleague = member_of(site), member_of(site)

    saved(member, language="fr")
    saved(colleague, quietHours=NIGHT)

    assert member.call("getSession")["member"]["language"] == "fr"
    assert colleague.call("getSession")["member"]["language"] is None


def test_session_costs_three_reads(site: Portal) -> None:
    member = member_of(site)
    # The first one of a day notes when the member was last seen.
    member.call("getSession")

    # Links, names, and settings.
    assert data_calls(site, lambda: member.call("getSession")) == (3, 0)


def test_settings_are_the_members_own(site: Portal) -> None:
    partner = site.partner()
    member, colleague = site.member(partner), site.member(partner)

    saved(member, language="de")

    assert colleague.call("getSettings", "en")["settings"]["language"] is None
    assert "memberId" not in json.dumps(member.call("getSettings", "en"))
