"""Acknowledgments that other people's software writes, and what gridwix says of them: mock-edi
answers documents, pyx12 and pydifact read the answers.

Trading Grid's Lens search tells of an acknowledgment by a status of its own. What is compared is
the verdict: what the message says, by its standard's code and words, is a fault exactly where
gridwix opens a case.
"""

import io
from collections import Counter

import pytest
from mockedi import ack, edifact, schema, validate, x12
from pydifact.segmentcollection import Interchange
from pyx12.x12file import X12Reader

from gridwix.mapping.transactions import transaction_exception
from gridwix.models.transactions import ExceptionKind
from gridwix.runtime.configuration import configuration
from tests.factories import entry

ISA = (
    "ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*PRAIRIEGOLD    *261127*0900"
    "*U*00401*000000007*0*P*>~"
)
ORDER = "BEG*00*SA*4500187734**20261127~PO1*1*{quantity}*EA*4.15**UP*614141000012~CTT*1~"
ORDERS = (
    "UNB+UNOA:2+4012345000009:14+5412345000013:14+261127:0900+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4500187734+9'DTM+137:20261127:102'"
    "NAD+BY+4012345000009::9'NAD+SU+5412345000013::9'LIN+1++4000862141404:SRV'QTY+21:10'UNS+S'CNT+2:1'UNT+10+1'UNZ+1+7'"
)
REJECTED = ExceptionKind.ACKNOWLEDGMENT_REJECTED


def functional_acknowledgment(*quantities: str) -> dict[str, str]:
    """The verdicts of the 997 that answers orders of these quantities, by segment, as pyx12 reads
    them.
    """
    bodies = [ORDER.format(quantity=quantity) for quantity in quantities]
    sets = "".join(
        f"ST*850*{number:04}~{body}SE*{body.count('~') + 2}*{number:04}~"
        for number, body in enumerate(bodies, 1)
    )
    sent = x12.parse(
        f"{ISA}GS*PO*NORTHWIND*PRAIRIEGOLD*20261127*0900*7*X*004010~{sets}GE*{len(bodies)}*7~IEA*1*000000007~"
    )
    report = validate.validate(sent, strict=True)
    [(functional_id, control, version, messages)] = ack.group_reports(sent, report)
    segments = ack.functional_acknowledgment(functional_id, control, version, messages)
    answer = x12.render(
        x12.wrap(
            [x12.message("997", "0001", segments)],
            "PRAIRIEGOLD",
            "NORTHWIND",
            "000000008",
            "8",
            "FA",
        )
    )
    read = [
        segment
        for segment in X12Reader(io.StringIO(answer))
        if segment.get_seg_id() in ("AK5", "AK9")
    ]
    return {
        segment.get_seg_id(): segment.get_value(f"{segment.get_seg_id()}01") for segment in read
    }


@pytest.mark.parametrize(
    ("quantities", "code", "kind"),
    [(["10"], "A", None), (["TEN"], "R", REJECTED), (["10", "TEN"], "P", REJECTED)],
)
def test_997_that_mock_edi_writes_is_a_fault_where_it_rejects(
    quantities: list[str], code: str, kind: ExceptionKind | None
) -> None:
    verdict = functional_acknowledgment(*quantities)["AK9"]

    assert verdict == code
    assert transaction_exception([entry(editype="850", fastatus=verdict)], ()).kind == kind
    assert (
        transaction_exception(
            [entry(editype="850", fastatus=schema.GROUP_ACK_CODES[verdict])], ()
        ).kind
        == kind
    )


@pytest.mark.parametrize(
    ("code", "words"), sorted({**schema.GROUP_ACK_CODES, **schema.TS_ACK_CODES}.items())
)
def test_verdict_in_the_words_of_x12_is_understood(code: str, words: str) -> None:
    unknown: Counter[str] = Counter()

    kind = transaction_exception([entry(fastatus=words)], (), unknown).kind

    assert (kind, unknown) == (None if code in "AE" else REJECTED, {})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("A", None),
        ("E", None),
        ("P", REJECTED),
        ("R", REJECTED),
        ("X", REJECTED),
        ("M", None),
        ("W", None),
        ("4", REJECTED),
        ("7", None),
        ("8", None),
    ],
)
def test_code_is_lenss_own_first_and_then_the_standards(
    code: str, kind: ExceptionKind | None
) -> None:
    # M and W reject in X12; in Lens they are "Manually accepted" and "Waiting", and it is Lens that
    # says so.
    assert transaction_exception([entry(fastatus=code)], ()).kind == kind


def contrl() -> dict[str, str]:
    """The action codes (0083) of the CONTRL that answers an order without its mandatory currency,
    by segment, as pydifact reads them.
    """
    sent = edifact.parse(ORDERS)
    report = validate.validate(sent, strict=True)
    answer = edifact.render(
        edifact.wrap(
            [edifact.message("CONTRL", "1", ack.syntax_report(sent, report, report.messages))],
            "5412345000013",
            "4012345000009",
            "8",
        )
    )
    segments = {
        segment.tag: segment.elements
        for message in Interchange.from_str(answer).get_messages()
        for segment in message.segments
    }
    return {"UCI": str(segments["UCI"][3]), "UCM": str(segments["UCM"][2])}


@pytest.mark.filterwarnings("ignore:segments.xml not found")
def test_contrl_that_mock_edi_writes_rejects_the_message_and_acknowledges_the_interchange() -> None:
    found = contrl()

    # An interchange that is acknowledged may hold only messages that are rejected: the verdict on a
    # document is UCM's.
    assert found == {"UCI": "7", "UCM": "4"}
    assert (
        transaction_exception(
            [entry(editype="ORDERS", envelopetype="UNB", fastatus=found["UCM"])], ()
        ).kind
        == REJECTED
    )


@pytest.mark.parametrize("answer", ["997", "999", "TA1", "CONTRL", "824", "APERAK"])
def test_exception_is_told_of_the_document_and_not_of_the_answer_to_it(answer: str) -> None:
    found = transaction_exception(
        [entry("TG-0", editype=answer, fastatus=None), entry("TG-1", editype="810", fastatus="R")],
        (),
    )

    assert found.document_type == "810"


def test_824_alone_is_what_its_exception_is_about() -> None:
    found = transaction_exception([entry("TG-0", editype="824", status="V")], ())

    assert (found.document_type, found.kind) == ("824", ExceptionKind.VALIDATION_ERROR)


def test_every_document_that_mock_edi_knows_has_a_name() -> None:
    named = configuration().labels["transaction.type"].values

    assert {*schema.X12_SETS, *schema.EDIFACT_SETS, "999", "824", "TA1", "APERAK"} <= set(named)
    assert all(
        text.startswith(f"{code} ") for code, label in named.items() for text in label.values()
    )
