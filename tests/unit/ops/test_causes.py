"""Faults of one cause get one name; a fault without a known cause keeps its own words."""

from dataclasses import replace

from gridwix.errors import (
    ConfigurationError,
    Forbidden,
    NotFound,
    Refused,
    Unauthenticated,
    Unavailable,
)
from ops.causes import Surroundings, name_causes
from ops.examination import merge_causes
from ops.probes import Finding, run_probe

AROUND = Surroundings(
    stack="hub",
    base_url="https://apigrid.example",
    community_url="https://gateway.example/community/v1",
    company="GC1",
    site="site-1",
    timeout=5.0,
)
COMMUNITY = ("partners", "cases", "sources")
OPENTEXT = ("partner directory", "transactions (Lens)")


def configuration_fault(fault: str) -> ConfigurationError:
    return ConfigurationError(fault, secret="wix/credentials", remedy="store it")


def failed(system: str, capability: str, error: Exception) -> Finding:
    def probe() -> str:
        raise error

    return run_probe(system, capability, probe)


def works(system: str, capability: str) -> Finding:
    return Finding(system, capability, True, "fine")


def named(*findings: Finding, around: Surroundings = AROUND) -> list[str]:
    return [row.found for row in merge_causes(name_causes(findings, around)) if row.is_fault]


def test_token_that_nobody_accepts_is_one_cause_for_both_hosts() -> None:
    error = Unauthenticated(system="trading_grid", status=401)

    said = named(*(failed("Trading Grid", one, error) for one in (*OPENTEXT, *COMMUNITY)))

    assert len(said) == 1
    assert "does not accept the consumer key and secret" in said[0]
    assert "sources" in said[0]


def test_token_that_only_the_gateway_refuses_is_the_gateways_cause() -> None:
    error = Unauthenticated(system="trading_grid", status=401)
    fine = [works("Trading Grid", one) for one in OPENTEXT]

    said = named(*fine, *(failed("Trading Grid", one, error) for one in COMMUNITY))

    assert len(said) == 1
    assert "it issues its own" in said[0]


def test_host_without_opentexts_paths_is_not_taken_for_an_unknown_company() -> None:
    error = NotFound(system="trading_grid", status=404)

    said = named(*(failed("Trading Grid", one, error) for one in OPENTEXT))

    assert len(said) == 1
    assert "https://apigrid.example is not OpenText's gateway" in said[0]


def test_service_that_the_consumer_may_not_use_is_named() -> None:
    error = Forbidden(system="trading_grid", status=403)

    said = named(
        works("Trading Grid", "partner directory"),
        failed("Trading Grid", "transactions (Lens)", error),
    )

    assert "may not use transactions (Lens)" in said[0]


def test_app_without_a_permission_gets_it_on_its_dashboard() -> None:
    error = Forbidden(system="wix", status=403)

    (said,) = named(
        works("Wix", "items"), failed("Wix", "media", error), around=replace(AROUND, is_app=True)
    )

    assert "the app is valid" in said
    assert "on the dashboard of the app" in said


def test_rows_that_need_no_permission_do_not_make_a_key_valid_for_the_site() -> None:
    error = Forbidden(system="wix", status=403)

    (said,) = named(works("Wix", "portal's page"), failed("Wix", "items", error))

    assert "not for the site site-1" in said


def test_broken_secret_is_told_once_and_what_needs_it_is_skipped() -> None:
    findings = name_causes(
        [
            failed("Stack", "credentials of Wix", configuration_fault("has no value")),
            failed("Wix", "items", configuration_fault("does not exist")),
            failed("Trading Grid", "partners", configuration_fault("has another fault")),
        ],
        AROUND,
    )

    assert [one.skipped for one in findings] == [False, True, False]


def test_silence_names_the_setting_of_the_host() -> None:
    gone = Unavailable("list of cases: ConnectError", system="trading_grid")
    down = Unavailable(
        "list of cases: trading_grid answered 503", system="trading_grid", status=503
    )

    assert "correct TradingGridCommunityUrl" in named(failed("Trading Grid", "cases", gone))[0]
    assert "answers 503" in named(failed("Trading Grid", "cases", down))[0]


def test_fault_without_a_known_cause_keeps_its_words() -> None:
    error = Refused("count of items: wix answered 400 WDE0080", system="wix", status=400)

    assert named(failed("Wix", "items", error)) == [
        "upstream_refused: count of items: wix answered 400 WDE0080"
    ]
