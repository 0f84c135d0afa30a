"""The bucket of drops in S3, and the messages that announce them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.lookup import TableLookup
from gridwix_gateway.sources.files.messages import DropMessages, drop_names
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.sources.files.s3_drops import MAX_DROP_BYTES, S3Drops
from gridwix_gateway.sources.files.service import FileSource, Result
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.records import Records
from tests.fakes.gateway.memory_table import MemoryTable
from tests.unit.gateway.sources.files.samples import CSV, declare

BUCKET = "drops"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3: Any = botocore.session.get_session().create_client("s3")
        s3.create_bucket(Bucket=BUCKET)
        yield s3


@pytest.fixture
def drops(client: Any) -> S3Drops:
    return S3Drops(client, BUCKET)


def put(client: Any, name: str, content: bytes = b"x", **metadata: str) -> None:
    client.put_object(Bucket=BUCKET, Key=name, Body=content, Metadata=metadata)


def names(client: Any) -> list[str]:
    listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [item["Key"] for item in listed]


def test_drop_has_the_same_time_in_a_list_as_in_its_own_header() -> None:
    """A list can have milliseconds; a header cannot. A drop must not seem newer than itself."""
    at = datetime(2026, 3, 12, 14, 2, 11, tzinfo=UTC)

    class PreciseLists:
        def head_object(self, **_: Any) -> Any:
            return {"ETag": '"t"', "LastModified": at, "ContentLength": 1, "Metadata": {}}

        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: Any) -> Any:
            listed = {"Key": "drops/tracker/a.csv", "ETag": '"t"', "Size": 1}
            return [{"Contents": [{**listed, "LastModified": at.replace(microsecond=533_000)}]}]

    drops = S3Drops(PreciseLists(), BUCKET)

    assert drops.list_drops("tracker") == [drops.describe_drop("drops/tracker/a.csv")]


def test_drop_is_described_and_opened(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/Größe 1+.csv", b"content", **{"accept-missing": "true"})

    drop = drops.describe_drop("drops/tracker/Größe 1+.csv")
    with drops.open_drop(drop) as path:
        content = path.read_bytes()

    assert (content, drop.size, drop.accept_missing) == (b"content", 7, True)
    assert drop.dropped_at.tzinfo == UTC
    assert not path.exists()


def test_drop_that_was_replaced_or_deleted_is_gone(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/a.csv", b"old")
    drop = drops.describe_drop("drops/tracker/a.csv")
    put(client, "drops/tracker/a.csv", b"new")

    with pytest.raises(DropGone), drops.open_drop(drop):
        pass
    with pytest.raises(DropGone):
        drops.describe_drop("drops/tracker/b.csv")


def test_drop_that_is_too_large_is_not_downloaded(drops: S3Drops) -> None:
    drop = Drop("drops/tracker/a.csv", "t", datetime.now(UTC), MAX_DROP_BYTES + 1)

    with pytest.raises(FileFault, match="at most 1,000,000,000 are read"), drops.open_drop(drop):
        pass


def test_drops_of_a_source_are_listed_without_those_of_others(client: Any, drops: S3Drops) -> None:
    for name in ("tracker/a.csv", "tracker/b.csv", "tracker/", "tracker-2/c.csv"):
        put(client, f"drops/{name}")

    assert [drop.name for drop in drops.list_drops("tracker")] == [
        "drops/tracker/a.csv",
        "drops/tracker/b.csv",
    ]


def test_report_lies_beside_the_drops(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/a.csv")

    name = drops.put_report(drops.describe_drop("drops/tracker/a.csv"), b"report")

    assert name == "refused/tracker/a.csv.csv"
    assert names(client) == ["drops/tracker/a.csv", "refused/tracker/a.csv.csv"]


def test_drop_is_refused_until_it_is_dropped_again(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/Größe.csv", b"bad")
    bad = drops.describe_drop("drops/tracker/Größe.csv")
    before = drops.is_refused(bad)

    drops.put_report(bad, b"why", whole=True)

    listed = drops.list_drops("tracker")
    put(client, "drops/tracker/Größe.csv", b"good")
    good = drops.describe_drop("drops/tracker/Größe.csv")
    assert (before, [drops.is_refused(one) for one in listed]) == (False, [True])
    assert not drops.is_refused(good)


def test_drop_of_which_rows_are_refused_is_not_refused_itself(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/a.csv")
    drop = drops.describe_drop("drops/tracker/a.csv")

    drops.put_report(drop, b"rows")

    assert not drops.is_refused(drop)


def test_files_of_a_state_are_kept_until_they_are_deleted(
    client: Any, drops: S3Drops, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"state")
    for name in ("state/tracker/1/a", "state/tracker/2/a", "state/tracker-2/1/a"):
        drops.put_file(name, tmp_path / "f")

    drops.delete_files("state/tracker/", {"state/tracker/1/a"}, {"state/tracker/2/a"})

    assert names(client) == ["state/tracker-2/1/a", "state/tracker/2/a"]
    with drops.open_file("state/tracker/2/a") as path:
        assert path.read_bytes() == b"state"
    with pytest.raises(FileNotFoundError), drops.open_file("state/tracker/1/a"):
        pass


@pytest.mark.parametrize(
    ("hours", "left"),
    [(1, ["state/tracker/kept", "state/tracker/of-another"]), (25, ["state/tracker/kept"])],
)
def test_file_of_no_plan_is_deleted_when_it_is_a_day_old(
    client: Any, tmp_path: Path, hours: int, left: list[str]
) -> None:
    drops = S3Drops(client, BUCKET, clock=lambda: datetime.now(UTC) + timedelta(hours=hours))
    (tmp_path / "f").write_bytes(b"state")
    for name in ("state/tracker/kept", "state/tracker/of-another"):
        drops.put_file(name, tmp_path / "f")

    drops.delete_files("state/tracker/", (), {"state/tracker/kept"})

    assert names(client) == left


class Observations:
    """Collects results."""

    def __init__(self) -> None:
        self.results: list[tuple[str, str]] = []
        self.unknown: list[str] = []
        self.failures: list[str] = []

    def record_result(self, source: str, drop: Drop, result: Result) -> None:
        self.results.append((source, result.status))

    def record_unknown(self, source: str) -> None:
        self.unknown.append(source)

    def record_failure(self, error: Exception) -> None:
        self.failures.append(type(error).__name__)


def announcement(*keys: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    }


def messages(
    drops: S3Drops, may_go_on: bool = True
) -> tuple[DropMessages, Observations, list[str], MemoryTable]:
    table, observations, sent = MemoryTable(), Observations(), list[str]()
    commits = Commits(table, "HUB", "t.")

    def find_source(name: str) -> FileSource | None:
        if name != "tracker":
            return None
        return FileSource(
            name,
            declare(CSV, end=[]),
            drops=drops,
            commits=commits,
            records=TableLookup(Records(table)),
            may_go_on=lambda: may_go_on,
        )

    return DropMessages(find_source, drops, sent.append, observations), observations, sent, table


FILE = b"BUID;Name;GLN;DUNS;Go live;Revenue\nGC1;Amber;;;;\n"


def test_announced_drop_is_applied(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/My file.csv", FILE)
    processor, observations, sent, table = messages(drops)

    response = processor.handle_event(batch(announcement("drops/tracker/My+file.csv")))

    assert response == {"batchItemFailures": []}
    assert observations.results == [("tracker", "applied")]
    assert Records(table).get("partners", "GC1") is not None
    assert sent == []


def test_work_without_time_goes_on_by_a_message(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/a.csv", FILE)
    processor, observations, sent, _ = messages(drops, may_go_on=False)

    processor.handle_event(batch(announcement("drops/tracker/a.csv")))

    assert observations.results == [("tracker", "unfinished")]
    assert list(drop_names(sent[0])) == ["drops/tracker/a.csv"]


@pytest.mark.parametrize("arrival", [("good", "bad"), ("bad", "good")], ids=str)
def test_good_drop_that_was_left_out_for_a_refused_one_is_applied(
    client: Any, drops: S3Drops, arrival: tuple[str, str]
) -> None:
    put(client, "drops/tracker/1-good.csv", FILE)
    put(client, "drops/tracker/2-bad.csv", b"no table")
    keys = {"good": "drops/tracker/1-good.csv", "bad": "drops/tracker/2-bad.csv"}
    processor, observations, sent, table = messages(drops)

    for name in arrival:
        processor.handle_event(batch(announcement(keys[name])))
    while sent:
        processor.handle_event(batch(sent.pop(0)))

    assert Records(table).get("partners", "GC1") is not None
    assert [status for _, status in observations.results].count("refused") == 1


def test_good_drop_that_was_left_out_for_a_deleted_one_is_applied(
    client: Any, drops: S3Drops
) -> None:
    put(client, "drops/tracker/1-good.csv", FILE)
    put(client, "drops/tracker/2-deleted.csv", FILE)
    processor, observations, sent, table = messages(drops)
    processor.handle_event(batch(announcement("drops/tracker/1-good.csv")))
    client.delete_object(Bucket=BUCKET, Key="drops/tracker/2-deleted.csv")

    processor.handle_event(batch(announcement("drops/tracker/2-deleted.csv")))
    processor.handle_event(batch(*sent))

    assert [status for _, status in observations.results] == ["superseded", "applied"]
    assert Records(table).get("partners", "GC1") is not None


def test_file_that_is_gone_or_of_no_source_is_no_failure(client: Any, drops: S3Drops) -> None:
    put(client, "drops/other/a.csv", FILE)
    processor, observations, _, table = messages(drops)

    response = processor.handle_event(
        batch(
            announcement("drops/tracker/gone.csv", "drops/tracker/"),
            announcement("drops/other/a.csv"),
            '{"Event": "s3:TestEvent"}',
        )
    )

    assert response == {"batchItemFailures": []}
    assert observations.unknown == ["other"]
    assert table.commits == 0


def test_message_that_fails_harms_no_other(client: Any, drops: S3Drops) -> None:
    put(client, "drops/tracker/a.csv", FILE)
    processor, observations, _, _ = messages(drops)

    response = processor.handle_event(batch("no JSON", announcement("drops/tracker/a.csv")))

    assert response == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert observations.failures == ["JSONDecodeError"]
    assert observations.results == [("tracker", "applied")]


def test_lookup_finds_records_that_are_there_and_not_deleted() -> None:
    table = MemoryTable()
    commits = Commits(table, "HUB", "t.")
    for name in ("GC1", "GC2"):
        commits.run(lambda draft, name=name: draft.create("partners", {"id": name}, None))  # type: ignore[misc]
    commits.run(
        lambda draft: draft.change(
            "partners", draft.get("partners", "GC2") or {}, {"deletedAt": draft.at}, None
        )
    )

    assert TableLookup(Records(table)).known_ids("partners", ["GC1", "GC2", "GC3"]) == {"GC1"}
