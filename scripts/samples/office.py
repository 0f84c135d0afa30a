"""Writes workbooks, documents and slides, and other formats under their file extensions."""

import importlib.util
import io
import subprocess
import zipfile
from pathlib import Path

import docx
import jpype
import msoffcrypto.format.ooxml
import odf.draw
import odf.opendocument
import odf.table
import odf.text
import odfdo
import openpyxl
import pandas
import pptx
import xlsxwriter
import xlwt
from PyRTF.document.section import Section
from PyRTF.Elements import Document as RtfDocument
from PyRTF.Renderer import Renderer

ROWS = [
    ("Item", "Price", "Valid from"),
    ("4711 Größe M", 4.15, "2026-11-01"),
    ("4712", 12.5, "2026-12-01"),
]
FLAGS = 0x0006
"""ZIP general purpose flags that Microsoft Office writes: the fastest level of deflate."""


def make(target: Path, work: Path) -> None:
    """Write all samples into ``target``; ``work`` is a scratch folder with ``vbaProject.bin``."""
    workbooks(target, work)
    documents(target)
    frames(target)
    poi(target)
    libreoffice(target, work)
    protected(target)
    for name in ("python-docx.docx", "openpyxl.xlsx", "python-pptx.pptx"):
        kind = name.rpartition(".")[2]
        (target / f"office-flags.{kind}").write_bytes(
            with_office_flags((target / name).read_bytes())
        )


def workbooks(target: Path, work: Path) -> None:
    """Write workbooks with openpyxl, xlsxwriter, xlwt and odfpy."""
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(target / "openpyxl.xlsx")
    for name, macros in (("xlsxwriter.xlsx", False), ("xlsxwriter.xlsm", True)):
        with xlsxwriter.Workbook(target / name) as written:
            sheet = written.add_worksheet("Prices")
            for number, row in enumerate(ROWS):
                sheet.write_row(number, 0, row)
            if macros:
                written.add_vba_project(work / "vbaProject.bin")
    old = xlwt.Workbook()
    sheet = old.add_sheet("Prices")
    for number, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    old.save(target / "xlwt.xls")
    sheets = odf.opendocument.OpenDocumentSpreadsheet()
    sheets.spreadsheet.addElement(odf.table.Table(name="Prices"))
    sheets.save(target / "odfpy.ods")


def documents(target: Path) -> None:
    """Write documents and slides with python-docx, python-pptx, odfpy, odfdo and PyRTF3."""
    document = docx.Document()
    document.add_paragraph("Routing guide")
    document.save(target / "python-docx.docx")
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[6])
    slides.save(target / "python-pptx.pptx")
    text = odf.opendocument.OpenDocumentText()
    text.text.addElement(odf.text.P(text="Routing guide"))
    text.save(target / "odfpy.odt")
    for kind, name in (("text", "odfdo.odt"), ("presentation", "odfdo.odp")):
        odfdo.Document(kind).save(target / name)
    rtf = RtfDocument()
    section = Section()
    section.append("Routing guide")
    rtf.Sections.append(section)
    with (target / "pyrtf3.rtf").open("w") as file:
        Renderer().Write(rtf, file)


def frames(target: Path) -> None:
    """Write tables with pandas, also HTML and tab-separated text with a workbook's extension."""
    prices = pandas.DataFrame(ROWS[1:], columns=ROWS[0])
    prices.to_html(target / "html--pandas.xls")
    prices.to_csv(target / "tab-separated--pandas.xls", sep="\t", index=False)
    prices.to_csv(target / "pandas.csv", index=False)
    prices.to_json(target / "pandas.json", orient="records")
    prices.rename(columns=lambda name: name.replace(" ", "")).to_xml(target / "pandas.xml")


def poi(target: Path) -> None:
    """Write Office files with Apache POI 3.17, as most Java programs do.

    Its workbooks (XSSF) need an older XMLBeans than Debian has.
    """
    bundled = importlib.util.find_spec("poi4py").submodule_search_locations[0]
    needed = ("xmlbeans", "commons-collections4", "commons-codec", "commons-compress", "curvesapi")
    jpype.startJVM(
        classpath=[f"{bundled}/java/*", *(f"/usr/share/java/{name}.jar" for name in needed)]
    )
    written = {
        "apache-poi.xls": "org.apache.poi.hssf.usermodel.HSSFWorkbook",
        "apache-poi.docx": "org.apache.poi.xwpf.usermodel.XWPFDocument",
        "apache-poi.pptx": "org.apache.poi.xslf.usermodel.XMLSlideShow",
        "apache-poi.ppt": "org.apache.poi.hslf.usermodel.HSLFSlideShow",
    }
    for name, writer in written.items():
        document = jpype.JClass(writer)()
        if name.endswith(".xls"):
            document.createSheet("Prices").createRow(0).createCell(0).setCellValue("4711")
        stream = jpype.JClass("java.io.FileOutputStream")(str(target / name))
        document.write(stream)
        stream.close()


def libreoffice(target: Path, work: Path) -> None:
    """Convert samples with LibreOffice."""
    workbook_inside().save(work / "text.odt")
    for source, name, kind in (
        (target / "openpyxl.xlsx", "libreoffice.xlsx", "xlsx:Calc MS Excel 2007 XML"),
        (target / "openpyxl.xlsx", "libreoffice.xls", "xls:MS Excel 97"),
        (target / "openpyxl.xlsx", "libreoffice.ods", "ods:calc8"),
        (target / "openpyxl.xlsx", "html--libreoffice.xls", "html:HTML (StarCalc)"),
        (target / "xlsxwriter.xlsm", "libreoffice.xlsm", "xlsm:Calc MS Excel 2007 VBA XML"),
        (target / "xlsxwriter.xlsm", "macros--libreoffice.xls", "xls:MS Excel 97"),
        (target / "xlsxwriter.xlsm", "macros--libreoffice.ods", "ods:calc8"),
        (target / "python-docx.docx", "libreoffice.docx", "docx:MS Word 2007 XML"),
        (target / "python-docx.docx", "libreoffice.doc", "doc:MS Word 97"),
        (target / "python-docx.docx", "libreoffice.odt", "odt:writer8"),
        (target / "python-docx.docx", "libreoffice.rtf", "rtf:Rich Text Format"),
        (target / "python-docx.docx", "rtf--libreoffice.doc", "rtf:Rich Text Format"),
        (target / "python-docx.docx", "html--libreoffice.doc", "html:HTML (StarWriter)"),
        (target / "python-docx.docx", "libreoffice.pdf", "pdf:writer_pdf_Export"),
        (work / "text.odt", "libreoffice-workbook-inside.doc", "doc:MS Word 97"),
        (target / "python-pptx.pptx", "libreoffice.pptx", "pptx:Impress MS PowerPoint 2007 XML"),
        (target / "python-pptx.pptx", "libreoffice.odp", "odp:impress8"),
    ):
        profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
        subprocess.run(
            [
                "soffice",
                profile,
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                work / "out",
                source,
            ],
            check=True,
            capture_output=True,
        )
        (work / "out" / source.with_suffix(f".{kind.partition(':')[0]}").name).rename(target / name)


def workbook_inside() -> odf.opendocument.OpenDocument:
    """Return a text document with an embedded workbook."""
    book, table, row, cell = (
        odf.opendocument.OpenDocumentSpreadsheet(),
        odf.table.Table(name="Prices"),
        odf.table.TableRow(),
        odf.table.TableCell(valuetype="string"),
    )
    cell.addElement(odf.text.P(text="4711"))
    row.addElement(cell)
    table.addElement(row)
    book.spreadsheet.addElement(table)
    text, paragraph = odf.opendocument.OpenDocumentText(), odf.text.P(text="Prices ")
    frame = odf.draw.Frame(width="8cm", height="3cm", anchortype="as-char")
    frame.addElement(odf.draw.Object(href=text.addObject(book)))
    paragraph.addElement(frame)
    text.text.addElement(paragraph)
    return text


def protected(target: Path) -> None:
    """Write encrypted Office files."""
    for kind in ("xlsx", "docx"):
        with (
            (target / f"libreoffice.{kind}").open("rb") as plain,
            (target / f"protected--msoffcrypto.{kind}").open("wb") as file,
        ):
            msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("secret", file)


def with_office_flags(data: bytes) -> bytes:
    """Return the same archive with Office's flags in each header.

    They only state the compression level.
    """
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            changed[entry.header_offset + 6 : entry.header_offset + 8] = FLAGS.to_bytes(2, "little")
        place = archive.start_dir
        for entry in archive.infolist():
            changed[place + 8 : place + 10] = FLAGS.to_bytes(2, "little")
            place += 46 + len(entry.orig_filename.encode()) + len(entry.extra) + len(entry.comment)
    return bytes(changed)
