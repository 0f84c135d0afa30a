"""Writes pictures, emails, PDF files and archives."""

import io
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import msgforge
import numpy
import pillow_heif
import pypdf
import tifffile
from aspose.email_foss import msg
from PIL import Image
from reportlab.pdfgen.canvas import Canvas


def make(target: Path) -> None:
    """Write all samples into ``target``."""
    pillow_heif.register_heif_opener()
    picture = Image.new("RGB", (16, 16), "green")
    for name in (
        "pillow.png",
        "pillow.jpg",
        "pillow.gif",
        "pillow.tif",
        "pillow.webp",
        "pillow-heif.heic",
    ):
        picture.save(target / name)
    scan = numpy.zeros((16, 16), dtype=numpy.uint8)
    tifffile.imwrite(
        target / "tifffile-big-endian.tiff", scan, byteorder=">", photometric="minisblack"
    )
    tifffile.imwrite(target / "tifffile-bigtiff.tiff", scan, bigtiff=True, photometric="minisblack")
    canvas = Canvas(str(target / "reportlab.pdf"))
    canvas.drawString(72, 720, "Routing guide")
    canvas.save()
    pypdf.PdfWriter(clone_from=target / "reportlab.pdf").write(target / "pypdf.pdf")
    mails(target)
    with zipfile.ZipFile(target / "python.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(target / "pandas.csv", "prices.csv")


def mails(target: Path) -> None:
    """Write emails with the standard library, msgforge and aspose-email-foss."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "ap@prairiegold.example",
        "edi@hub.example",
        "Our new certificate",
    )
    mail["Date"] = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    mail.set_content("Please find it attached.")
    mail.add_attachment(b"4711;4,15\n", maintype="text", subtype="csv", filename="prices.csv")
    (target / "python.eml").write_bytes(bytes(mail))
    forged = msgforge.Message(
        subject="Our new certificate",
        text_body="Please find it attached.",
        to=[("edi@hub.example", "EDI")],
    )
    forged.save(str(target / "msgforge.msg"))
    written = msg.MapiMessage.create("Our new certificate", "Please find it attached.")
    written.add_recipient("edi@hub.example", display_name="EDI")
    file = io.BytesIO(b"4711;4,15\n")
    written.add_attachment("prices.csv", file.getvalue(), mime_type="text/csv")
    written.save(str(target / "aspose-email-foss.msg"))
