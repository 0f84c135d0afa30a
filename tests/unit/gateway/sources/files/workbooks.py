"""Builds workbooks part by part, as the programs of the field write them."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

STYLES = (
    f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="4">'
    '<numFmt numFmtId="164" formatCode="000000000"/>'
    '<numFmt numFmtId="165" formatCode="[$-407]dd/mm/yyyy;@"/>'
    '<numFmt numFmtId="166" formatCode="&quot;Day &quot;0"/>'
    '<numFmt numFmtId="167" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6">'
    + "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        for number in (0, 14, 164, 165, 166, 167)
    )
    + "</cellXfs></styleSheet>"
)
"""Styles 0 to 5: general, Excel's own date, nine zeros, a German date, a quoted text that has the
letters of a date, and a date with a time.
"""
DATE, ZEROS, GERMAN, QUOTED, MOMENT = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Sheet:
    """A sheet: ``data`` is the XML inside ``<sheetData>``, ``behind`` what follows it."""

    data: str
    name: str = "Partners"
    state: str = "visible"
    dimension: str | None = "A1:Z999"
    behind: str = ""
    prefix: str = ""
    raw: str | None = None

    def xml(self, namespace: str) -> str:
        if self.raw is not None:
            return self.raw
        mark = f"{self.prefix}:" if self.prefix else ""
        attribute = f"xmlns:{self.prefix}" if self.prefix else "xmlns"
        size = f'<{mark}dimension ref="{self.dimension}"/>' if self.dimension else ""
        return (
            f'{DECLARATION}<{mark}worksheet {attribute}="{namespace}">{size}'
            f"<{mark}sheetData>{self.data}</{mark}sheetData>{self.behind}</{mark}worksheet>"
        )


@dataclass(frozen=True)
class Book:
    """A workbook."""

    sheets: Sequence[Sheet]
    shared: Sequence[str] = ()
    date1904: bool = False
    namespace: str = MAIN
    more: dict[str, bytes] = field(default_factory=dict)

    def parts(self) -> dict[str, bytes]:
        numbers = range(1, len(self.sheets) + 1)
        numbered = list(zip(numbers, self.sheets, strict=True))
        content = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        listed = "".join(
            f'<sheet name="{sheet.name}" sheetId="{number}" state="{sheet.state}"'
            f' r:id="rId{number}"/>'
            for number, sheet in numbered
        )
        overrides = "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{content}.{kind}+xml"/>'
            for part, kind in (
                ("workbook", "sheet.main"),
                ("styles", "styles"),
                ("sharedStrings", "sharedStrings"),
                *((f"worksheets/sheet{number}", "worksheet") for number in numbers),
            )
        )
        relations = "".join(
            f'<Relationship Id="rId{key}" Type="{RELATIONS}/{kind}" Target="{target}.xml"/>'
            for key, kind, target in (
                (90, "styles", "styles"),
                (91, "sharedStrings", "sharedStrings"),
                *((number, "worksheet", f"worksheets/sheet{number}") for number in numbers),
            )
        )
        epoch = '<workbookPr date1904="1"/>' if self.date1904 else "<workbookPr/>"
        texts = "".join(f"<si>{one}</si>" for one in self.shared)
        found = {
            "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
            "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{self.namespace}"'
            f' xmlns:r="{RELATIONS}">{epoch}<sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f"{DECLARATION}<Relationships"
            f' xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
            "xl/styles.xml": STYLES,
            "xl/sharedStrings.xml": f'{DECLARATION}<sst xmlns="{MAIN}">{texts}</sst>',
        }
        for number, sheet in numbered:
            found[f"xl/worksheets/sheet{number}.xml"] = sheet.xml(self.namespace)
        return {**{name: text.encode() for name, text in found.items()}, **self.more}

    def content(self) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts().items():
                archive.writestr(name, content)
        return file.getvalue()


def row(number: int | None, *cells: str, more: str = "") -> str:
    """A row; without a number its position counts."""
    where = "" if number is None else f' r="{number}"'
    return f"<row{where}{more}>{''.join(cells)}</row>"


def text(place: str, value: str) -> str:
    """A text inside its cell, as EPPlus, NPOI and xlsxwriter (constant memory) write it."""
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def shared(place: str, index: int) -> str:
    """A text by its place in the shared texts, as Excel writes it."""
    return f'<c r="{place}" t="s"><v>{index}</v></c>'


def number(place: str, value: object, style: int = 0) -> str:
    """A number with a style."""
    where = f' r="{place}"' if place else ""
    return f'<c{where} s="{style}"><v>{value}</v></c>'


def formula(place: str, expression: str, value: str, more: str = "") -> str:
    """A formula with its saved result, a text."""
    return f'<c r="{place}" t="str"><f{more}>{expression}</f><v>{value}</v></c>'


HEADING_TEXTS = ("BUID", "Name", "GLN", "DUNS", "Go live", "Revenue")


def headings(number_: int | None = 1, texts: Sequence[str] = HEADING_TEXTS) -> str:
    """The row of headings, as texts inside their cells."""
    places = [f"{letter}{number_}" if number_ else "" for letter in "ABCDEFGHIJ"]
    return row(number_, *(text(place, one) for place, one in zip(places, texts, strict=False)))


def book(*rows: str, **options: object) -> bytes:
    """A workbook with one sheet of headings and rows. Options are those of :class:`Sheet`."""
    return Book([Sheet(headings() + "".join(rows), **options)]).content()  # type: ignore[arg-type]
