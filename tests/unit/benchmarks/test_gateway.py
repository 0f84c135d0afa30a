"""The benchmarks of the gateway can run: they are not part of the tests."""

import pytest

from benchmarks import gateway_cold_start, gateway_commits, snapshot
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.mapping import compile_mapping


@pytest.mark.parametrize("declaration", [snapshot.DECLARATION, gateway_commits.DECLARATION])
def test_declaration_of_a_benchmark_is_valid(declaration: FilesDeclaration) -> None:
    assert compile_mapping(declaration).collections == {"partners"}


def test_import_of_the_api_is_measured_with_all_of_botocore() -> None:
    seconds = gateway_cold_start.time_import(
        f"{gateway_cold_start.API}\nimport sys\nassert 'botocore.session' in sys.modules\n"
        "assert app.handler"
    )

    assert seconds > 0


def test_ratio_is_that_of_commits_to_batches() -> None:
    found = gateway_commits.Figures(
        rows=10, drop=4, reads=2, commits=1.5, transactions=1, batches=1
    )

    assert found.ratio == 1.5
