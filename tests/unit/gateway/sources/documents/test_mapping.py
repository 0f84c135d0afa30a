"""What a path says of a document, and the paths that are refused."""

import unicodedata
from typing import Any

import pytest

from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.mapping import (
    MAX_FILE_NAME,
    document_faults,
)
from gridwix_gateway.sources.mapping import MappingFault
from gridwix_gateway.sources.mapping.members import DOCUMENT_RULES, OF_EVERY_RECORD
from ops.paths import ROOT
from ops.yaml_files import load_trusted_yaml
from tests.unit.gateway.sources.documents.samples import SHARE, compile_share, declare

# The pure Python parser takes seconds for it, in each worker of pytest-xdist.
SCHEMAS: dict[str, Any] = load_trusted_yaml(
    (ROOT / "docs/community-gateway.openapi.yaml").read_text()
)["components"]["schemas"]


def refusal(path: str, **changes: Any) -> FileRefused:
    with pytest.raises(FileRefused) as raised:
        compile_share(**changes).map_path(path)
    return raised.value


def test_path_says_what_the_document_is() -> None:
    found = compile_share().map_path("GC1/insurance/Liability v1.2 until 2027-01-31.PDF")

    assert found.fields == {
        "partnerId": "GC1",
        "title": "Liability v1.2",
        "type": "insurance",
        "category": "insurance",
        "classification": "partner",
        "expiresOn": "2027-01-31",
        "audience": {"all": True},
        "locale": ["en"],
        "tags": [],
    }
    assert found.file_name == "Liability v1.2 until 2027-01-31.PDF"
    assert found.media_type == "application/pdf"


def test_part_without_a_text_is_null() -> None:
    assert compile_share().map_path("GC1/Tax/W-9.pdf").fields["expiresOn"] is None


def test_names_of_a_mac_and_of_other_systems_are_one_document() -> None:
    mapping, path = compile_share(), "GC1/Tax/Größe.pdf"

    found = {
        mapping.map_path(unicodedata.normalize(form, path)) == mapping.map_path(path)
        for form in ("NFC", "NFD")
    }

    assert found == {True}


def test_id_is_that_of_source_partner_and_path() -> None:
    path = "GC1/Tax/a.pdf"
    document = {**SHARE["document"], "partnerId": "row.partner + 'x'"}
    ids = [
        compile_share().map_path(path).id,
        compile_share(name="other").map_path(path).id,
        compile_share(document=document).map_path(path).id,
        compile_share().map_path("GC1/Tax/b.pdf").id,
    ]

    assert len(set(ids)) == 4
    assert compile_share().map_path(path).id == ids[0] == "doc_5188394d97a27904bc6f1d6b"


@pytest.mark.parametrize(
    ("path", "code", "part", "value"),
    [
        ("x.pdf", "path", "", ""),
        ("GC1/Tax/deeper/a.pdf", "path", "", ""),
        ("GC1/Taxes/a.pdf", "unknown-word", "kind", "Taxes"),
        ("GC1/Tax/a until 31.1.2027.pdf", "date", "expires", "31.1.2027"),
        ("GC1/Tax/a.exe", "type", "file_name", "a.exe"),
        ("GC1/Tax/README", "type", "file_name", "README"),
        ("GC1/Tax/a\u202efdp.pdf", "name", "path", ""),
        ("GC1/Tax/a\x07.pdf", "name", "path", ""),
        (f"GC1/Tax/{'a' * 252}.pdf", "name", "file_name", "a" * 100 + "…"),
        (" /Tax/a.pdf", "no-partner", "", ""),
    ],
)
def test_path_that_names_no_document_is_refused(
    path: str, code: str, part: str, value: str
) -> None:
    (fault,) = refusal(path).faults

    assert (fault.code, fault.column, fault.value) == (code, part, value)


def test_path_is_refused_before_its_key_is_too_long_for_s3() -> None:
    """Each letter has three bytes, and one byte more would end the upload of a share."""
    changes: dict[str, Any] = {
        "pattern": "(?P<partner>[^/]+)/(?P<kind>[^/]+)/(?:.+/)?(?P<title>[^/]+)[.]pdf",
        "columns": {"kind": SHARE["columns"]["kind"]},
        "document": {**SHARE["document"], "expiresOn": None},
    }
    path = f"GC1/Tax/{'李' * 200}/{'李' * 130}"
    path += "a" * (1_024 - len(f"drops/share/{path}.pdf".encode()))

    assert compile_share(**changes).map_path(f"{path}.pdf").ending == "pdf"
    (fault,) = refusal(f"{path}a.pdf", **changes).faults
    assert (fault.code, fault.column, fault.value) == ("name", "path", f"{path[:100]}…")


def test_each_fault_of_a_path_is_named() -> None:
    refused = refusal("GC1/Taxes/a until soon.pdf")

    assert [fault.column for fault in refused.faults] == ["kind", "expires"]
    assert refused.code == refused.faults[0].code


def test_member_is_validated_by_the_profile() -> None:
    document = {**SHARE["document"], "category": "row.title"}

    (fault,) = refusal("GC1/Tax/a.pdf", document=document).faults

    assert fault.code == "record"
    assert fault.reason.startswith("documents.category:")


def test_document_without_a_partner_needs_a_declaration_that_says_so() -> None:
    """A part that is missing by accident must not show a partner's document to all."""
    share: dict[str, Any] = {"pattern": "(?P<kind>[^/]+)/(?P<title>.+)[.]pdf", "columns": {}}
    library = {**SHARE["document"], "category": "row.kind"}
    del library["expiresOn"], library["partnerId"]
    partner = "row.kind == 'x' ? null : row.kind"
    accidental = {**library, "category": "'other'", "partnerId": partner}
    blank = {**library, "partnerId": None}

    shared = compile_share(**share, shared=True, document=library)
    assert shared.map_path("other/a.pdf").fields["partnerId"] is None
    assert refusal("x/a.pdf", **share, document=accidental).code == "no-partner"
    for document in (blank, library):
        with pytest.raises(MappingFault, match="whose documents"):
            compile_share(**share, document=document)


def test_types_of_the_declaration_are_the_only_ones() -> None:
    assert refusal("GC1/Tax/a.pdf", types=["xlsx"]).code == "type"


@pytest.mark.parametrize(
    ("changes", "place", "said", "fix"),
    [
        ({"document": {"title": "row.title"}}, ("document",), "whose documents", "shared: true"),
        ({"title": "row.titel"}, ("document", "title"), "no part titel", "in the pattern"),
        ({"local": ["'en'"]}, ("document", "local"), "no member local", "locale"),
        ({"status": "'published'"}, ("document", "status"), "no member status", "write"),
        ({"title": "row."}, ("document", "title"), "no CEL expression", "correct"),
        ({"type": ...}, ("document",), "needs type", "add it"),
        ({"expiresOn": ...}, ("columns", "expires"), "no expression uses this column", "use it"),
        ({"title": "'x'"}, ("pattern",), "no expression uses the part title", "(?:...)"),
    ],
)
def test_declaration_fault_has_its_place_and_its_fix(
    changes: dict[str, Any], place: tuple[str, ...], said: str, fix: str
) -> None:
    document = changes.get("document") or {
        name: value for name, value in {**SHARE["document"], **changes}.items() if value is not ...
    }

    fault = next(document_faults(declare(document=document)))

    assert (fault.place, said in fault.said, fix in fault.fix) == (place, True, True), fault


def test_compiling_raises_what_the_check_reports() -> None:
    with pytest.raises(MappingFault, match="no part titel"):
        compile_share(document={**SHARE["document"], "title": "row.titel"})


def test_members_are_those_of_the_profile() -> None:
    rules = DOCUMENT_RULES["documents"]
    own = set(SCHEMAS["Document"]["allOf"][1]["properties"])
    new = SCHEMAS["NewDocument"]

    assert rules.members - OF_EVERY_RECORD == own - {"status", "currentVersion", "versions"}
    assert rules.required == set(new["required"])
    assert SCHEMAS["NewUpload"]["properties"]["fileName"]["maxLength"] == MAX_FILE_NAME
