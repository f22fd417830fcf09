"""Pages of a PDF as pictures, made by poppler's pdftoppm in a process of its own, without network."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from workflow_app.documents import pdf
from workflow_app.documents.errors import PdfUnavailable

TIMEOUT_SECONDS = 30.0
MOST_PAGES = 30
_DOTS = 110  # per inch: 14-point letters are read without effort at the width of a desk


def available() -> bool:
    """Whether a Word file can be shown as pictures here: LibreOffice and poppler are installed."""
    return pdf.available() and shutil.which("pdftoppm") is not None


def pages(data: bytes) -> list[bytes]:
    """PNG pictures of the first 30 pages, in order. Raises PdfUnavailable, whose sentence says what is missing."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise PdfUnavailable(
            "pdftoppm is not installed",
            vi="Máy chủ chưa cài poppler-utils nên chưa có ảnh từng trang. Bản Word vẫn tải được như thường.",
        )
    with tempfile.TemporaryDirectory(prefix="giao-uoc-pages-") as name:
        folder = Path(name)
        (folder / "document.pdf").write_bytes(data)
        command = [
            *pdf.no_network(), program, "-png", "-r", str(_DOTS), "-l", str(MOST_PAGES),
            str(folder / "document.pdf"), str(folder / "page"),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise PdfUnavailable(f"pdftoppm took longer than {TIMEOUT_SECONDS} seconds") from error
        found = [file.read_bytes() for file in sorted(folder.glob("page*.png"))]
    if done.returncode != 0 or not found:
        raise PdfUnavailable("pdftoppm made no pictures")
    return found
