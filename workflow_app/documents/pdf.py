"""The PDF of a document, made by LibreOffice: PDF/A-2b, in a process of its own, without network."""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from workflow_app.documents.errors import PdfUnavailable

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0
_EXPORT = {
    "SelectPdfVersion": {"type": "long", "value": "2"},  # PDF/A-2b
    "UseTaggedPDF": {"type": "boolean", "value": "true"},
    "ExportBookmarks": {"type": "boolean", "value": "true"},
}
# Where no network namespace may be made: a proxy that is not there, no macros, no links followed.
_DEAD_PROXY = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def available() -> bool:
    """Whether LibreOffice is installed."""
    return program() is not None


def program() -> str | None:
    """The program that is used, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(docx: bytes, *, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """The document as PDF/A-2b; seconds of work, so in a background job.

    timeout: seconds; a converter that hangs is killed with all its children.
    Raises PdfUnavailable, whose sentence says what is missing.
    """
    office = program()
    if office is None:
        raise PdfUnavailable(
            "LibreOffice is not installed",
            vi="Máy chủ chưa cài LibreOffice nên chưa có bản PDF. Bản Word vẫn dùng được như thường.",
        )
    with tempfile.TemporaryDirectory(prefix="giao-uoc-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "document.docx").write_bytes(docx)
        _prepare_profile(folder / "profile")
        said = _run([*no_network(), *_command(office, folder)], folder, timeout)
        made = folder / "document.pdf"
        data = made.read_bytes() if made.exists() else b""
    if not data.startswith(b"%PDF-"):
        logger.warning("no PDF: %s", said[-500:])
        raise PdfUnavailable("LibreOffice made no PDF")
    return data


def _command(office: str, folder: Path) -> list[str]:
    return [
        office,
        "--headless",
        "--norestore",
        "--nodefault",
        "--nolockcheck",
        "--nologo",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to",
        f"pdf:writer_pdf_Export:{json.dumps(_EXPORT)}",
        "--outdir",
        str(folder),
        str(folder / "document.docx"),
    ]


def _prepare_profile(profile: Path) -> None:
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")


@lru_cache(maxsize=1)
def no_network() -> tuple[str, ...]:
    """The words before a command that take its network away; none where the system does not allow it."""
    for words in (("unshare", "-n", "--"), ("unshare", "-rn", "--")):
        try:
            if subprocess.run([*words, "true"], capture_output=True, timeout=10, check=False).returncode == 0:
                return words
        except (OSError, subprocess.TimeoutExpired):
            continue
    return ()


def _run(command: list[str], folder: Path, timeout: float) -> str:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise PdfUnavailable(f"LibreOffice took longer than {timeout} seconds") from error
    finally:
        _end(process)
    return said.decode(errors="replace")


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: a converter has no use for our secrets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        **_DEAD_PROXY,
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole group: soffice is a script that starts the real program as its child."""
    with contextlib.suppress(ProcessLookupError):  # all ended by themselves
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    if process.stdout:
        process.stdout.close()
