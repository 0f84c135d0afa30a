"""Writes the files of ``tests/samples/files`` with the programs whose names they have.

Run it by hand after adding a writer; the tests need none of the programs.

``uv run scripts/samples/make.py`` on Debian, with ``libreoffice-calc``, ``libreoffice-writer``,
``libreoffice-impress``, ``default-jre-headless`` and ``libapache-poi-java`` from its packages,
``openssl``, ``ssh-keygen``, ``node`` and ``npm``. Writers put times and random identifiers into
files, so two runs differ in bytes.
"""
# /// script requires-python = ">=3.11" dependencies = [ "aspose-email-foss==26.3", "jpype1==1.7.1",
# "mock-edi==0.9.0", "mock-sap==0.22.0", "msgforge==1.0.0", "msoffcrypto-tool==6.1.0",
# "odfdo==3.27.3", "odfpy==1.4.1", "openpyxl==3.1.5", "pandas==3.1.1", "lxml", "pillow==13.0.0",
# "pillow-heif==1.8.1", "pydifact==0.2.3", "pypdf==7.1.1", "PyRTF3==0.47.5", "poi4py==0.0.8",
# "python-docx==1.2.0", "python-pptx==1.0.2", "reportlab==5.1.0", "tifffile==2026.3.3",
# "xlsxwriter==3.3.1", "xlwt==1.3.0", ] ///

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import certificates
import edi
import office
import others

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "tests" / "samples" / "files"


def main() -> None:
    """Write all samples."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        vba_project(work)
        shutil.copy(HERE / "package.json", work)
        run("npm", "install", "--silent", "--prefix", work)
        run("node", HERE / "make.mjs", work, TARGET)
        office.make(TARGET, work)
        others.make(TARGET)
        certificates.make(TARGET)
        edi.make(TARGET)


def vba_project(work: Path) -> None:
    """Save Excel's macros from xlsxwriter's source package (BSD-2-Clause) as ``vbaProject.bin``."""
    run(
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "xlsxwriter==3.3.1",
        "--dest",
        work,
    )
    (archive,) = work.glob("xlsxwriter-*.tar.gz")
    with tarfile.open(archive) as source:
        member = source.extractfile("xlsxwriter-3.3.1/examples/vbaProject.bin")
        assert member is not None
        (work / "vbaProject.bin").write_bytes(member.read())


def run(*command: object) -> None:
    """Run a command. Raises subprocess.CalledProcessError."""
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
