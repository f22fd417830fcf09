"""LibreOffice believes what we sign, and no longer does when a word is changed."""

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.documents.support import with_parts
from tests.signatures.ooxml import pki, support, tsa
from tests.signatures.ooxml.lined import lined_pledge, on_line
from workflow_app.documents.package import Package

_CLIENT = Path(__file__).with_name("office_client.py")


def _python_with_uno() -> str | None:
    """Uno belongs to the system's Python or to LibreOffice's own, not to the one of our environment."""
    office = shutil.which("soffice")
    if office is None:
        return None
    places = [Path(folder) / "python3" for folder in os.get_exec_path()]
    for python in (Path(office).resolve().with_name("python"), *places):
        if python.exists():
            tried = subprocess.run([str(python), "-c", "import uno"], capture_output=True, check=False)
            if tried.returncode == 0:
                return str(python)
    return None


_PYTHON = _python_with_uno()
_MISSING = _PYTHON is None
if _MISSING and "office" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", ""):
    raise RuntimeError("libreoffice-writer-nogui and python3-uno are required here")
pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(_MISSING, reason="install libreoffice-writer-nogui and python3-uno"),
]

Believed = Callable[[bytes], list[bool]]


@pytest.fixture(scope="module")
def believed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Believed]:
    """One LibreOffice for all tests, with a profile of its own; asked through a pipe, not a port."""
    folder = tmp_path_factory.mktemp("office")
    pipe = f"giaouoc{uuid.uuid4().hex}"
    with subprocess.Popen(
        [
            "soffice",
            "--headless",
            "--norestore",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            f"--accept=pipe,name={pipe};urp",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as office:

        def ask(data: bytes) -> list[bool]:
            path = folder / f"{uuid.uuid4().hex}.docx"
            path.write_bytes(data)
            said = subprocess.run(
                [str(_PYTHON), str(_CLIENT), pipe, str(path)],
                capture_output=True,
                check=True,
                text=True,
                timeout=120,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            )
            return [valid for valid, _ in json.loads(said.stdout)]

        yield ask
        os.killpg(office.pid, 15)  # soffice is a script around the real process


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_it_believes_every_signature_of_a_round(believed: Believed, count: int) -> None:
    assert believed(support.signed(count)) == [True] * count


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384"])
def test_it_believes_each_kind_of_key(believed: Believed, kind: str) -> None:
    assert believed(support.sign(support.pledge(), pki.signer(90, kind))) == [True]


@pytest.mark.skipif(tsa.OPENSSL is None, reason="install openssl")
def test_it_believes_signatures_with_time_stamps(believed: Believed, tmp_path: Path) -> None:
    authority = tsa.Authority(tmp_path)
    data = support.sign(support.pledge(), *support.signers(3), time_stamper=authority.stamp)
    assert believed(data) == [True] * 3


def test_it_believes_two_signature_lines(believed: Believed) -> None:
    first = on_line(lined_pledge(2), 1, pki.signer(1))
    assert believed(on_line(first, 2, pki.signer(2))) == [True, True]


def test_it_calls_every_signature_broken_when_a_word_is_changed(believed: Believed) -> None:
    signed = support.signed(3)
    document = Package.read(signed).parts["word/document.xml"]
    changed = document.replace("Công đoàn".encode(), "Công Đoàn".encode(), 1)
    assert changed != document
    assert believed(with_parts(signed, {"word/document.xml": changed})) == [False] * 3
