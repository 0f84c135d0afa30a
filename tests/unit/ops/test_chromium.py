"""A Chromium that the demo can do without: there may be none, or one that does not start."""

from pathlib import Path

import pytest

from ops.chromium import chromium_if_any, find_chromium


@pytest.mark.parametrize("is_there", [False, True])
def test_chromium_when_there_is_none_or_it_does_not_start_then_there_is_no_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    program = tmp_path / "chromium-browser"
    if is_there:
        program.write_text("#!/bin/sh\necho 'Install it as a snap' >&2\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_chromium() == (str(program) if is_there else None)
    with chromium_if_any() as browser:
        assert browser is None
