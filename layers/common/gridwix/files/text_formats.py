"""Detection of text formats by the beginning of a file. Pure.

The formats are EDI, XML, JSON, mail, and text in a file with the name of a workbook, such as a web
page or a table in ``prices.xls``.
"""

import codecs
import re
from collections.abc import Mapping

KINDS: Mapping[str, re.Pattern[str] | None] = {
    kind: None if pattern is None else re.compile(pattern, re.DOTALL)
    for kind, pattern in {
        # Any text may be one of these.
        "csv": None,
        "txt": None,
        "edi": None,
        # The fourth character of ISA is the element separator of X12.
        "x12": r"\s*ISA[^\w\s]",
        # UNA with its six service characters, or UNB at once (ISO 9735-1, 7 and 8).
        "edifact": r"\s*(?:UNA[^\w\s].{5}\s*UNB|UNB[^\w\s])",
        # A control record of SAP, as a flat file (EDI_DC until release 3, EDI_DC40 since 4) or as
        # XML.
        "idoc": r"\s*(?:EDI_DC(?:40)?\b|<(?=.*<IDOC[\s>]))",
        "xml": r"\s*<[?!A-Za-z_:]",
        "json": r'\s*(?:\{\s*["}]|[\["]|-?\d|true\b|false\b|null\b)',
        # A header section (RFC 5322, 2.2) with at least one field that is typical of mails.
        "eml": (
            r"(?=[!-9;-~]+:)"
            r"(?=(?:.*\n)?(?i:from|to|date|subject|received|return-path|message-id"
            r"|mime-version|delivered-to|x-[a-z-]+):)"
        ),
    }.items()
}
"""Pattern of the beginning of a text, by kind; None if any text may be of the kind."""

_WEB_PAGE = re.compile(
    r"\s*(?>(?:<\?xml(?>[^>]*)>|<!--(?>(?:(?!-->).)*)-->|\s)*)"
    r"<(?:!doctype\s+html|html|head|body|meta|title|style|script|table|div|center|font|form|tr|p|br|span|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_WEB_ARCHIVE = re.compile(r"content-type:\s*multipart/related", re.IGNORECASE)
_XML_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_COLUMNS = re.compile(r"[^\s,;|][\t,;|]|[\t,;|][^\s,;|]")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a]")

END_MARKS = b"\x1a\0"
"""Bytes that may follow the text of a file as padding: the end mark of CP/M and DOS (Ctrl-Z), and
the NULs of AS/400 and old EDI translators.
"""


def decode_text_head(head: bytes) -> str | None:
    r"""Decode the beginning of a text file: UTF-16, UTF-8, or else an eight-bit character set.

    Returns None for binary content.

    Separators of EDI (U+001C to U+001F) are allowed. Padding at the end (``END_MARKS``) is left
    out; a file with nothing else is no text.

    >>> decode_text_head("Größe;Preis".encode("utf-16"))
    'Größe;Preis'
    >>> decode_text_head(b"IEA*1*000000001~\x1a\x00\x00")
    'IEA*1*000000001~'
    >>> decode_text_head(b"MZ\x90\x00\x03")
    """
    text = _decoded_text(head)
    # Half a character of UTF-16 is left over of an odd number of NULs.
    written = text.removesuffix("\ufffd" if "\0" in text[-2:] else "").rstrip(END_MARKS.decode())
    return None if _BINARY.search(written) or (head and not written) else written


def has_end_mark(head: bytes) -> bool:
    r"""Return True if the first bytes of a text file end in padding: one of ``END_MARKS``.

    A zero byte that is half of a UTF-16 character is no padding.

    >>> has_end_mark(b"one\x1a"), has_end_mark("one".encode("utf-16"))
    (True, False)
    """
    return _decoded_text(head).endswith(tuple(END_MARKS.decode()))


def _decoded_text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    if head.startswith((b"<\0", b"\0<")):
        # XML in UTF-16 may lack the byte order mark.
        return head.decode("utf-16-le" if head[0] else "utf-16-be", "replace")
    if head.startswith(codecs.BOM_UTF8):
        return head.decode("utf-8-sig", "replace")
    return head.decode("latin-1")


def is_kind(kind: str, head: bytes) -> bool:
    """Tell whether a file with these first bytes can be of a text kind out of :data:`KINDS`.

    >>> is_kind("x12", b"ISA*00*          *00*"), is_kind("edifact", b"UNABLE TO DELIVER")
    (True, False)
    """
    text, pattern = decode_text_head(head), KINDS[kind]
    return text is not None and (pattern is None or pattern.match(text) is not None)


def is_web_page(head: bytes) -> bool:
    """Tell whether a file begins as HTML, or as a web archive (MHTML).

    >>> is_web_page(b"<!-- saved --><html><body>")
    True
    """
    text = decode_text_head(head)
    return text is not None and (
        _WEB_PAGE.match(text) is not None
        or (is_kind("eml", head) and _WEB_ARCHIVE.search(text) is not None)
    )


def is_xml_spreadsheet(head: bytes) -> bool:
    """Tell whether a file begins as XML Spreadsheet 2003."""
    return is_kind("xml", head) and _XML_SPREADSHEET in (decode_text_head(head) or "")


def is_table(head: bytes) -> bool:
    """Tell whether a file is text in columns, rather than XML, JSON, a mail or EDI.

    >>> is_table(b"Item;Price"), is_table(b"<Item;Price>")
    (True, False)
    """
    text = decode_text_head(head)
    return (
        text is not None
        and _COLUMNS.search(text) is not None
        and not any(
            is_kind(kind, head) for kind in ("xml", "json", "eml", "x12", "edifact", "idoc")
        )
    )
