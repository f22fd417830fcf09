"""The product's own templates: built alike everywhere, complete, by the rules of Decree 30/2020."""

import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from document_templates import ROOT, example_files
from document_templates.build import BUILDERS, build_all
from tests.documents.support import AT, CASES, FILES, sample, template
from workflow_app.documents import templates
from workflow_app.documents.extraction import story
from workflow_app.documents.normalising import normalise
from workflow_app.documents.package import Package, W, parse_xml
from workflow_app.documents.rendering import render
from workflow_app.documents.schema import unknown_keywords


def test_building_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    for path in build_all(tmp_path):
        committed = ROOT / path.relative_to(tmp_path)
        assert path.read_bytes() == committed.read_bytes(), (
            f"run python -m document_templates.build: {committed}"
        )


def test_another_process_with_another_hash_seed_builds_the_same_bytes(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from document_templates.build import build_all; build_all(Path({str(tmp_path)!r}))"
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT.parent,
        env={"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"},
    )
    for name in BUILDERS:
        assert (tmp_path / f"{name}.docx").read_bytes() == (ROOT / f"{name}.docx").read_bytes()


def test_every_template_has_its_three_files() -> None:
    # Those of the example process get their schema from its forms.
    examples = {f"examples/{name.removesuffix('.docx')}" for name in example_files()}
    assert {f"{files.folder.name}/{files.key}" for files in FILES.values()} | examples == set(BUILDERS)
    assert all(files.docx.exists() and files.samples() for files in FILES.values())


@pytest.mark.parametrize(("key", "name"), CASES)
def test_samples_follow_their_schema(key: str, name: str) -> None:
    jsonschema.Draft202012Validator(FILES[key].schema()).validate(sample(key, name))


@pytest.mark.parametrize("key", FILES)
def test_our_checker_knows_every_keyword_of_the_schema(key: str) -> None:
    assert not unknown_keywords(FILES[key].schema())


@pytest.mark.parametrize("key", FILES)
def test_templates_pass_the_gate_and_the_open_xml_schemas(key: str) -> None:
    pytest.importorskip("openxml_audit")
    templates.check_files(FILES[key])


@pytest.mark.parametrize("key", FILES)
def test_packages_are_slim_and_already_normal(key: str) -> None:
    data = FILES[key].docx.read_bytes()
    package = Package.read(data)
    assert not [name for name in package.parts if re.search("customXml|thumbnail|stylesWithEffects", name)]
    at = AT.replace(year=2020, month=1, day=1, hour=0)
    assert Package.read(normalise(data, at=at)).parts.keys() == package.parts.keys()


@pytest.mark.parametrize("key", FILES)
def test_letters_are_times_new_roman_in_the_document_defaults(key: str) -> None:
    styles = parse_xml(Package.read(FILES[key].docx.read_bytes()).parts["word/styles.xml"])
    fonts = styles.find(f"{{{W}}}docDefaults/{{{W}}}rPrDefault/{{{W}}}rPr/{{{W}}}rFonts")
    assert fonts is not None
    assert set(fonts.attrib.values()) == {"Times New Roman"}
    assert not [name for element in styles.iter() for name in element.attrib if "Theme" in str(name)]


@pytest.mark.parametrize("key", FILES)
def test_pages_have_the_margins_of_the_decree_and_their_number_from_page_two(key: str) -> None:
    package = Package.read(FILES[key].docx.read_bytes())
    root = parse_xml(package.parts["word/document.xml"])
    for section in root.iter(f"{{{W}}}sectPr"):
        margins = section.find(f"{{{W}}}pgMar")
        assert margins is not None
        found = [
            round(int(margins.get(f"{{{W}}}{side}", "0")) * 25.4 / 1440)
            for side in ("top", "right", "bottom", "left")
        ]
        assert found == [20, 15, 20, 30]
        assert section.find(f"{{{W}}}titlePg") is not None
        assert section.find(f"{{{W}}}headerReference") is not None
    assert b" PAGE " in package.parts["word/header1.xml"]


@pytest.mark.parametrize(("key", "name"), CASES)
def test_tables_repeat_their_head_and_never_break_a_row(key: str, name: str) -> None:
    rendered = render(template(key), sample(key, name), at=AT)
    root = parse_xml(Package.read(rendered.data).parts["word/document.xml"])
    for table in root.iter(f"{{{W}}}tbl"):
        rows = table.findall(f"{{{W}}}tr")
        assert all(row.find(f"{{{W}}}trPr/{{{W}}}cantSplit") is not None for row in rows)
        style = table.find(f"{{{W}}}tblPr/{{{W}}}tblStyle")
        assert style is not None
        heads = [row for row in rows if row.find(f"{{{W}}}trPr/{{{W}}}tblHeader") is not None]
        assert heads == (rows[:1] if style.get(f"{{{W}}}val") == "TableGrid" else [])


def test_the_pledge_reads_as_the_bloc_of_an_giang_agreed_it() -> None:
    text = [passage.text for passage in story(render(template("pledge"), sample("pledge"), at=AT).data)]
    assert "Số: 01/GƯ-KTĐ04" in text
    assert "An Giang, ngày 01 tháng 3 năm 2019" in text
    assert (
        "Chúng tôi, 14 công đoàn cơ sở thuộc Khối thi đua 04, Khối trưởng là CĐCS Sở Thông tin và Truyền thông, "
        "Khối phó là CĐCS Sở Nội vụ, cùng thống nhất giao ước:"
    ) in text
    third = next(line for line in text if line.startswith("3. Giới thiệu"))
    assert third.endswith("(giới thiệu nếu có nguồn đoàn viên công đoàn không phải là đoàn viên chi đoàn).")
    assert any(line.endswith("./.") for line in text)
    assert "- Lưu: VT." in text


@pytest.mark.parametrize("count", range(1, 21))
def test_every_number_of_signers_gets_a_block_each(count: int) -> None:
    data = sample("pledge")
    data["signers"] = [
        data["signers"][0] | {"unit": f"CĐCS thứ {n}", "full_name": f"Người ký {n}"} for n in range(count)
    ]
    text = [passage.text for passage in story(render(template("pledge"), data, at=AT).data)]
    assert [line for line in text if line.startswith("Người ký ")] == [f"Người ký {n}" for n in range(count)]


def test_a_signed_a_refused_and_an_absent_block_say_so() -> None:
    data = sample("pledge")
    data["signers"][0] |= {"state": "signed", "signed_at": "2019-03-01T16:40:00+07:00"}
    data["signers"][1] |= {"state": "refused", "reason": "chưa họp Ban Chấp hành"}
    data["signers"][2] |= {"state": "absent", "reason": "đi công tác"}
    text = [passage.text for passage in story(render(template("pledge"), data, at=AT).data)]
    assert text[text.index("Đã ký điện tử") + 1] == "2019-03-01T16:40:00+07:00"
    assert "Không ký: chưa họp Ban Chấp hành" in text
    assert "Không ký: đi công tác" in text


def test_a_draft_without_number_leaves_room_for_it_and_is_marked() -> None:
    data = sample("pledge")
    data["letterhead"] |= {"number": "", "date": "", "draft_label": "DỰ THẢO LẦN 2"}
    text = [passage.text for passage in story(render(template("pledge"), data, at=AT).data)]
    assert "Số:         /GƯ-KTĐ04" in text
    assert "An Giang, ngày ..... tháng ..... năm ....." in text
    assert "DỰ THẢO LẦN 2" in text
