"""The benchmark of a large snapshot, with few rows."""

from pathlib import Path

import pytest

from benchmarks import snapshot


def test_benchmark_plans_exactly_the_changed_rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(snapshot, "ROWS", 300)
    snapshot.write_rows(tmp_path / "first.csv", changed=False)
    snapshot.write_rows(tmp_path / "second.csv", changed=True)

    first = snapshot._prepare(tmp_path)
    second = snapshot._compare("second.csv")(tmp_path)
    equal = snapshot._compare("first.csv")(tmp_path)

    assert first == {"changes": 300}
    assert second == {"changes": 3, "snapshot": 1}
    assert equal == {"changes": 0, "snapshot": 0}
