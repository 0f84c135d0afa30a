"""The configuration in effect: which version a function uses, and when it looks again."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.configuration.in_effect import LOOK_EVERY, ConfigurationInEffect, Look
from gridwix.errors import Throttled
from gridwix.models.configuration_versions import BUNDLED, configuration_digest
from tests.fakes.configuration import KeptVersions, variant, version_of

BUNDLED_VERSION = version_of(0)
FAILED = Throttled(system="aws", status=400)


class Environment:
    """An execution environment with a clock that a test sets."""

    def __init__(self, versions: KeptVersions | None, now: float = 1000.0) -> None:
        self.now = now
        self.versions = versions
        self.used = ConfigurationInEffect(versions, lambda: variant(0), lambda: self.now)

    def next_look(self) -> Look:
        """Look again when that is due."""
        self.now += LOOK_EVERY
        look = self.used.look()
        assert look is not None
        return look


def test_environment_without_a_store_uses_the_bundled_configuration() -> None:
    look = Environment(None).next_look()

    assert (look.loaded.version, look.fault) == (BUNDLED_VERSION, None)
    assert look.loaded.configuration.routing.rules[0].team == "ap-disputes"


def test_published_version_is_used_and_its_rules_are_its_own() -> None:
    versions = KeptVersions(variant(1))
    versions.version = version_of(1)

    look = Environment(versions).next_look()

    assert (look.loaded.version, look.changed, look.fault) == (version_of(1), True, None)
    assert look.loaded.configuration.routing.rules[0].team == "edi-support"


def test_version_that_is_bundled_anyway_is_not_read() -> None:
    versions = KeptVersions()
    versions.version = BUNDLED_VERSION

    look = Environment(versions).next_look()

    assert (look.loaded.version, look.fault, versions.content_reads) == (BUNDLED_VERSION, None, 0)


def test_pointer_is_not_read_again_before_its_time() -> None:
    versions = KeptVersions(variant(1))
    environment = Environment(versions)
    environment.next_look()
    versions.version = version_of(1)
    environment.now += LOOK_EVERY - 0.1

    assert environment.used.look() is None
    assert versions.pointer_reads == 1
    environment.now += 0.1
    look = environment.used.look()
    assert look is not None
    assert look.loaded.version == version_of(1)


def test_clock_that_was_set_back_does_not_put_off_the_next_look() -> None:
    versions = KeptVersions()
    environment = Environment(versions)
    environment.next_look()
    environment.now -= 3600

    assert environment.used.look() is not None


def test_unchanged_pointer_reads_no_version_twice() -> None:
    versions = KeptVersions(variant(1))
    versions.version = version_of(1)
    environment = Environment(versions)

    looks = [environment.next_look() for _ in range(3)]

    assert [look.changed for look in looks] == [True, False, False]
    assert (versions.pointer_reads, versions.content_reads) == (3, 1)


def test_failing_store_keeps_the_last_good_version() -> None:
    versions = KeptVersions(variant(1))
    versions.version = version_of(1)
    environment = Environment(versions)
    environment.next_look()
    versions.error = FAILED

    look = environment.next_look()

    assert (look.loaded.version, look.changed) == (version_of(1), False)
    assert look.fault is not None
    assert (look.fault.reason, look.fault.detail) == ("unreadable", "upstream_throttled")


def test_failing_store_at_a_cold_start_means_the_bundled_configuration_until_it_answers() -> None:
    versions = KeptVersions(variant(1))
    versions.version, versions.error = version_of(1), FAILED
    environment = Environment(versions)

    failed = environment.next_look()
    versions.error = None
    mended = environment.next_look()

    assert (failed.loaded.version, failed.fault is not None) == (BUNDLED_VERSION, True)
    assert (mended.loaded.version, mended.changed, mended.fault) == (version_of(1), True, None)


NEWER_RELEASE = variant(1).replace(b'"labels": {', b'"news": 1, "labels": {', 1)
NO_JSON = b"{"


@pytest.mark.parametrize(
    ("store", "reason", "detail"),
    [
        (lambda: ({}, version_of(1)), "missing", ""),
        (lambda: ({version_of(1): variant(2)}, version_of(1)), "damaged", ""),
        (
            lambda: ({configuration_digest(NEWER_RELEASE): NEWER_RELEASE}, None),
            "refused",
            "news",
        ),
        (lambda: ({configuration_digest(NO_JSON): NO_JSON}, None), "refused", ""),
    ],
    ids=["missing", "damaged", "newer release", "no JSON"],
)
def test_version_that_cannot_be_used_falls_back_to_the_bundled_one_and_is_reported_each_time(
    store: Callable[[], tuple[dict[str, bytes], str | None]], reason: str, detail: str
) -> None:
    versions = KeptVersions(variant(3))
    versions.version = version_of(3)
    environment = Environment(versions)
    environment.next_look()
    contents, version = store()
    versions.contents |= contents
    versions.version = version or next(iter(contents))

    looks = [environment.next_look() for _ in range(3)]

    assert [look.loaded.version for look in looks] == [BUNDLED_VERSION] * 3
    faults = [look.fault for look in looks]
    assert [fault and (fault.reason, fault.detail) for fault in faults] == [(reason, detail)] * 3
    # It is read once: reading it again would not make it better.
    assert versions.content_reads == 2


def test_rollback_after_a_refused_version_is_used_at_the_next_look() -> None:
    versions = KeptVersions(variant(1), NO_JSON)
    versions.version = configuration_digest(NO_JSON)
    environment = Environment(versions)
    environment.next_look()
    versions.version = version_of(1)

    look = environment.next_look()

    assert (look.loaded.version, look.fault) == (version_of(1), None)


def test_damaged_version_that_is_put_into_effect_again_is_read_again() -> None:
    versions = KeptVersions()
    versions.version = version_of(1)
    environment = Environment(versions)
    assert environment.next_look().fault is not None
    versions.contents[version_of(1)] = variant(1)
    assert environment.next_look().fault is not None

    versions.revision += 1
    look = environment.next_look()

    assert (look.loaded.version, look.fault) == (version_of(1), None)


def test_version_that_needs_more_than_was_deployed_is_refused() -> None:
    versions = KeptVersions(variant(1))
    versions.version = version_of(1)
    used = ConfigurationInEffect(
        versions, lambda: variant(0), lambda: 1000.0, lambda found: "forms.x.locale"
    )

    look = used.look()

    assert look is not None
    assert look.loaded.version == BUNDLED_VERSION
    assert look.fault is not None
    assert (look.fault.reason, look.fault.detail) == ("refused", "forms.x.locale")


MOVES = st.one_of(
    st.sampled_from([version_of(number) for number in range(4)]),
    st.sampled_from([BUNDLED, "f" * 16, configuration_digest(NO_JSON)]),
)
STEPS = st.lists(
    st.one_of(
        MOVES.map(lambda version: ("move", version)),
        st.sampled_from([("fail", ""), ("heal", ""), ("batch", ""), ("batch", ""), ("wait", "")]),
    ),
    max_size=25,
)


@given(STEPS)
def test_every_batch_has_one_version_and_a_healthy_store_gives_the_one_in_effect(
    steps: list[tuple[str, str]],
) -> None:
    versions = KeptVersions(*(variant(number) for number in range(1, 4)), NO_JSON)
    environment = Environment(versions)
    usable = {*versions.contents, BUNDLED_VERSION} - {configuration_digest(NO_JSON)}
    environment.next_look()
    for kind, version in steps:
        match kind:
            case "move":
                before = environment.used.loaded
                versions.version = version
                # A move during a batch changes nothing within it.
                assert environment.used.loaded is before
            case "fail":
                versions.error = FAILED
            case "heal":
                versions.error = None
            case "wait":
                environment.now += LOOK_EVERY
            case "batch":
                environment.used.look()
                assert environment.used.loaded is not None
                assert environment.used.loaded.version in usable

    versions.error = None
    look = environment.next_look()

    wanted = versions.version if versions.version in usable else BUNDLED_VERSION
    assert look.loaded.version == wanted
    assert (look.fault is None) == (versions.version in {*usable, BUNDLED})
