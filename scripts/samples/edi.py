"""Writes EDI samples: X12 and EDIFACT by mock-edi and pydifact, and an IDoc by mock-sap.

The companies in them are fictional.
"""

import json
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import URLError

from mockedi.testing import Mock
from pydifact.segmentcollection import Interchange, Message
from pydifact.segments import Segment

ORDER = "\n".join(
    (
        (
            "ISA*00*          *00*          *ZZ*ACME           *ZZ*MOCKEDI        "
            "*261127*0900*U*00401*000000077*0*T*>~"
        ),
        "GS*PO*ACME*MOCKEDI*20261127*0900*77*X*004010~",
        "ST*850*0001~",
        "BEG*00*SA*4500000042**20261127~",
        "PO1*1*100*EA*12.50**VP*WIDGET-001~",
        "CTT*1~",
        "SE*5*0001~",
        "GE*1*77~",
        "IEA*1*000000077~",
    )
)


EDIFACT_ORDER = (
    "UNA:+.? 'UNB+UNOC:3+EURODIS:14+MOCKEDI:ZZ+261127:0900+1'UNH+1+ORDERS:D:96A:UN'"
    "BGM+220+4500000043+9'DTM+137:20261127:102'NAD+BY+EURODIS::92'CUX+2:EUR:9'"
    "LIN+1++WIDGET-001:SA'QTY+21:100'PRI+AAA:12.5'UNS+S'CNT+2:1'UNT+10+1'UNZ+1+1'"
)
PORT = 18002
"""Port of mock-sap on the loopback interface."""


def make(target: Path) -> None:
    """Write all samples into ``target``."""
    interchange = Interchange(
        sender=["4012345000009", "14"],
        recipient=["5412345000013", "14"],
        control_reference="1",
        syntax_identifier=("UNOC", 3),
    )
    message = Message("1", ("ORDERS", "D", "96A", "UN"))
    message.add_segment(Segment("BGM", "220", "4500000042", "9"))
    interchange.add_message(message)
    (target / "pydifact.edifact").write_text(interchange.serialize())
    with Mock.start() as partner:
        partner.send(ORDER)
        (target / "mock-edi.x12").write_text(
            partner.get("/_mock/mailbox?raw").body.split("\n\n")[0]
        )
    with Mock.start() as partner:
        partner.send(EDIFACT_ORDER)
        (target / "mock-edi.edifact").write_text(
            partner.get("/_mock/mailbox?raw").body.split("\n\n")[0]
        )
    idoc(target)


def idoc(target: Path) -> None:
    """Write an IDoc that mock-sap generates."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mocksap", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        token = _wait_for_token()
        body = json.dumps({"mestyp": "ORDERS", "SalesOrder": "0000004712"}).encode()
        (target / "mock-sap.idoc").write_bytes(
            _ask("/sap/bc/idoc/generate?format=xml", token, body).read()
        )
    finally:
        process.terminate()
        process.wait()


def _wait_for_token() -> dict[str, str]:
    for _ in range(100):
        try:
            answer = _ask("/sap/opu/odata/sap/API_SALES_ORDER_SRV/", {"X-CSRF-Token": "Fetch"})
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return {
                "X-CSRF-Token": answer.headers["X-CSRF-Token"],
                "Cookie": answer.headers.get("Set-Cookie", "").partition(";")[0],
            }
    raise TimeoutError


def _ask(path: str, headers: dict[str, str], body: bytes | None = None) -> HTTPResponse:
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", body, {"Content-Type": "application/json", **headers}
    )
    return urllib.request.urlopen(request)
