"""The PDF: right pages, right letters, no network, no hanging converter."""

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from document_templates import ooxml
from tests.documents.support import AT, CASES, docx, relationship, sample, template, with_parts
from workflow_app.documents import pdf
from workflow_app.documents.errors import PdfUnavailable
from workflow_app.documents.package import Package
from workflow_app.documents.rendering import render

_PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_MISSING = not (pdf.available() and shutil.which("pdftotext"))
if _MISSING and "office" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", ""):
    raise RuntimeError("LibreOffice and poppler-utils are required here")
office = [
    pytest.mark.office,
    pytest.mark.skipif(
        _MISSING, reason="install libreoffice-writer-nogui, fonts-liberation and poppler-utils"
    ),
]


def _pages(data: bytes, folder: Path) -> list[str]:
    path = folder / "made.pdf"
    path.write_bytes(data)
    said = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True
    )
    return said.stdout.split("\f")[:-1]


def _words(page: str) -> str:
    return " ".join(page.replace("\u00a0", " ").split())


def _pledge(count: int, **block: str) -> dict[str, Any]:
    data = sample("pledge", "pledge.sample.soc-trang.json")
    one = data["signers"][0] | {"role": ""} | block
    data["signers"] = [
        one | {"unit": f"Đơn vị số {n}", "full_name": f"Họ Tên Thứ {n}"} for n in range(1, count + 1)
    ]
    return data


class TestOffice:
    pytestmark = office

    @pytest.mark.parametrize(("key", "name"), CASES)
    def test_every_template_becomes_an_archivable_pdf(self, key: str, name: str, tmp_path: Path) -> None:
        data = pdf.convert(render(template(key), sample(key, name), at=AT).data)
        assert b"<pdfaid:part>2</pdfaid:part>" in data
        assert b"<pdfaid:conformance>B</pdfaid:conformance>" in data
        pages = _pages(data, tmp_path)
        expected = {"pledge.sample.json": 8, "pledge.sample.soc-trang.json": 4}
        assert len(pages) == expected.get(name, 2 if key in {"pledge_plan", "pledge_minutes"} else 1)

    def test_page_numbers_stand_on_top_but_not_on_the_first_page_and_an_annex_counts_anew(
        self, tmp_path: Path
    ) -> None:
        pages = _pages(pdf.convert(render(template("pledge"), sample("pledge"), at=AT).data), tmp_path)
        firsts = [page.split()[0] for page in pages]
        assert firsts == ["LIÊN", "2", "3", "4", "5", "Phụ", "Phụ", "2"]

    def test_heads_of_tables_are_repeated_on_the_next_page(self, tmp_path: Path) -> None:
        pages = _pages(pdf.convert(render(template("pledge"), sample("pledge"), at=AT).data), tmp_path)
        assert ["Đơn vị được giám sát" in page for page in pages] == [
            False,
            True,
            True,
            False,
            False,
            False,
            False,
            False,
        ]
        assert ["Chỉ tiêu đăng ký" in page for page in pages[-2:]] == [True, True]

    @pytest.mark.parametrize("count", [5, 6, 7, 14, 16])
    def test_no_signature_block_is_cut_by_a_page(self, count: int, tmp_path: Path) -> None:
        pages = [
            _words(p)
            for p in _pages(pdf.convert(render(template("pledge"), _pledge(count), at=AT).data), tmp_path)
        ]
        for number in range(1, count + 1):
            [unit] = [n for n, page in enumerate(pages) if re.search(rf"ĐƠN VỊ SỐ {number}\b", page)]
            [name] = [n for n, page in enumerate(pages) if re.search(rf"Họ Tên Thứ {number}\b", page)]
            assert unit == name
        last = pages[-1]
        assert "CHỨNG KIẾN" in last
        assert f"Họ Tên Thứ {count}" in last, "no page begins with the witness alone"
        assert "KÝ GIAO ƯỚC" in next(page for page in pages if "Họ Tên Thứ 1 " in f"{page} ")

    def test_long_names_of_units_wrap_inside_their_column(self, tmp_path: Path) -> None:
        data = _pledge(6)
        long = (
            "Công đoàn cơ sở Trung tâm Hỗ trợ phát triển doanh nghiệp, khoa học và đổi mới sáng tạo thành phố"
        )
        data["signers"] = [block | {"unit": f"{long} {n}"} for n, block in enumerate(data["signers"] * 2)]
        text = " ".join(
            _words(p) for p in _pages(pdf.convert(render(template("pledge"), data, at=AT).data), tmp_path)
        )
        assert text.count("ĐỔI MỚI") == 12

    def test_the_canary_sings_when_nothing_holds_the_converter_back(
        self, canary: "Canary", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "no_network", lambda: ())
        monkeypatch.setattr(pdf, "_prepare_profile", lambda profile: None)
        monkeypatch.setattr(pdf, "_DEAD_PROXY", {})
        pdf.convert(_with_remote_picture(canary.url))
        assert canary.hits > 0, "the two tests below would prove nothing"

    def test_the_converter_cannot_reach_the_network(self, canary: "Canary") -> None:
        pdf.convert(_with_remote_picture(canary.url))
        assert canary.hits == 0

    def test_where_no_namespace_is_allowed_a_dead_proxy_holds_it_back(
        self, canary: "Canary", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "no_network", lambda: ())
        pdf.convert(_with_remote_picture(canary.url))
        assert canary.hits == 0

    def test_two_conversions_at_once_do_not_disturb_each_other(self) -> None:
        document = render(template("pledge_invitation"), sample("pledge_invitation"), at=AT).data
        made: list[bytes] = []
        threads = [threading.Thread(target=lambda: made.append(pdf.convert(document))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert [data[:5] for data in made] == [b"%PDF-"] * 2

    def test_a_file_that_is_no_document_is_named(self) -> None:
        with pytest.raises(PdfUnavailable):
            pdf.convert(b"PK\x03\x04 broken")


def test_without_libreoffice_the_refusal_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "program", lambda: None)
    assert not pdf.available()
    with pytest.raises(PdfUnavailable) as refused:
        pdf.convert(b"")
    assert "LibreOffice" in refused.value.vi


def test_a_converter_that_hangs_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = tmp_path / "alive"
    fake = tmp_path / "soffice"
    child = f"import time\nwhile True: open({str(alive)!r}, 'a').write('x'); time.sleep(0.05)"
    fake.write_text(
        f"#!{sys.executable}\nimport subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)\n"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(pdf, "program", lambda: str(fake))
    started = time.monotonic()
    with pytest.raises(PdfUnavailable, match="longer than"):
        pdf.convert(b"", timeout=1.5)
    assert time.monotonic() - started < 15
    size = alive.stat().st_size
    time.sleep(0.3)
    assert alive.stat().st_size == size


class Canary:
    """A web server that counts who comes."""

    def __init__(self) -> None:
        self.hits = 0
        canary = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.hits += 1
                self.send_error(404)

            do_HEAD = do_GET  # noqa: N815 - the name the base class calls

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of the base class
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/picture.png"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.server.shutdown()
    canary.server.server_close()


def _with_remote_picture(url: str) -> bytes:
    size = '<wp:extent cx="900000" cy="900000"/>'
    shape = '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
    picture = (
        '<w:p><w:r><w:drawing xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'xmlns:pic="{_PICTURE}"><wp:inline>{size}<wp:docPr id="1" name="x"/><a:graphic><a:graphicData uri="{_PICTURE}">'
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="x"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:link="rId77"/><a:stretch/></pic:blipFill>{shape}</pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    plain = docx(picture, ooxml.paragraph("BodyText", "x"))
    rels = Package.read(plain).parts["word/_rels/document.xml.rels"]
    more = relationship("image", url, external=True)
    return with_parts(plain, {"word/_rels/document.xml.rels": rels.replace(b"</Rel", more + b"</Rel", 1)})
