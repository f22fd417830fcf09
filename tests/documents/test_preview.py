"""The preview is the document itself, readable without Word and safe to put into a page."""

import re

import pytest
from lxml import html

from document_templates.ooxml import paragraph, run
from tests.documents.support import AT, CASES, docx, one_value, sample, template
from workflow_app.documents.preview import to_html
from workflow_app.documents.rendering import render


def _page(key: str = "pledge", **changes: object) -> html.HtmlElement:
    return html.fromstring(str(to_html(render(template(key), sample(key) | changes, at=AT).data)))


def _text(element: html.HtmlElement | None) -> str:
    return "" if element is None else "".join(map(str, element.itertext()))


def _texts(page: html.HtmlElement, css_class: str) -> list[str]:
    return [" ".join(_text(e).split()) for e in page.iter() if css_class in (e.get("class") or "").split()]


@pytest.mark.parametrize(("key", "name"), CASES)
def test_only_known_elements_and_attributes_come_out(key: str, name: str) -> None:
    page = html.fromstring(str(to_html(render(template(key), sample(key, name), at=AT).data)))
    for element in page.iter():
        assert element.tag in {
            "article",
            "p",
            "h2",
            "h3",
            "h4",
            "h5",
            "table",
            "caption",
            "colgroup",
            "col",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "strong",
            "em",
            "span",
            "br",
            "hr",
        }
        assert set(element.attrib) <= {"class", "lang", "colspan", "scope", "role"}
        assert re.fullmatch(r"(gu-[a-z0-9-]+|visually-hidden)?( gu-[a-z0-9-]+)*", element.get("class", ""))


def test_the_masthead_stands_in_two_columns_with_its_rules() -> None:
    masthead = _page().find(".//table")
    assert masthead is not None
    assert masthead.get("role") == "presentation"
    left, right = masthead.findall(".//tr")[0]
    assert "KHỐI THI ĐUA" in _text(left)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in _text(right)
    assert [rule.get("class") for rule in masthead.iter("hr")] == ["gu-rule gu-w-30", "gu-rule gu-w-60"]


def test_headings_tell_the_order_of_the_document() -> None:
    page = _page()
    assert [_text(e) for e in page.iter("h2")] == ["GIAO ƯỚC THI ĐUA", "Phụ lục I", "Phụ lục II"]
    assert [_text(e) for e in page.iter("h3")] == [
        "I. NỘI DUNG THI ĐUA",
        "II. CHỈ TIÊU",
        "III. TỔ CHỨC THỰC HIỆN",
    ]


def test_looks_that_matter_are_kept() -> None:
    page = _page()
    bases = [e for e in page.iter("p") if "gu-legal-basis" in e.get("class", "")]
    assert len(bases) == 2
    assert all(e.find("em") is not None and "gu-justify gu-indent" in e.get("class", "") for e in bases)
    assert all(
        e.find("strong") is not None for e in page.iter("p") if "gu-signature-unit" in e.get("class", "")
    )
    assert "- Lưu: VT." in [_text(e) for e in page.iter("p") if "gu-small" in e.get("class", "")]


def test_a_data_table_has_a_head_for_screen_readers() -> None:
    [monitoring, sheet, annex] = [
        table for table in _page().iter("table") if table.get("class") == "gu-table"
    ]
    assert [_text(e) for e in monitoring.iter("th")] == [
        "TT",
        "Đơn vị giám sát",
        "Đơn vị được giám sát",
    ]
    assert all(e.get("scope") == "col" for e in monitoring.iter("th"))
    assert _text(sheet.find("caption")) == "Bảng điểm thi đua"
    assert _text(annex.find("caption")).startswith("Chỉ tiêu, danh hiệu")
    assert len(annex.findall("tbody/tr")) == 14


def test_the_block_of_the_reader_is_pointed_out() -> None:
    data = render(template("pledge"), sample("pledge"), at=AT).data
    page = html.fromstring(str(to_html(data, sign_here="CĐCS Sở Nội vụ")))
    [mine] = [cell for cell in page.iter("td") if "gu-mine" in cell.get("class", "")]
    assert "Trần Quốc Bảo" in _text(mine)
    assert _texts(page, "gu-sign-here") == ["Chỗ ông/bà ký"]


def test_a_signed_block_is_not_pointed_out_as_empty() -> None:
    data = sample("pledge")
    data["signers"][1] |= {"state": "signed", "signed_at": "2019-03-01T16:40:00+07:00"}
    shown = to_html(render(template("pledge"), data, at=AT).data, sign_here="CĐCS Sở Nội vụ")
    assert "Chỗ ông/bà ký" not in shown
    assert "2019-03-01T16:40:00+07:00" in shown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "&lt;b&gt; & 'x'",
        "{{ 7*7 }}",
        "javascript:x",
    ],
)
def test_what_people_typed_is_text(text: str) -> None:
    page = html.fromstring(str(to_html(render(one_value(), {"value": text}, at=AT).data)))
    assert _text(page) == text
    assert {e.tag for e in page.iter()} <= {"article", "p"}


def test_line_ends_tabs_and_tracked_changes_are_shown() -> None:
    changed = "<w:p><w:ins><w:r><w:t>01</w:t></w:r></w:ins><w:del><w:r><w:delText>02</w:delText></w:r></w:del></w:p>"
    shown = str(to_html(docx(changed)))
    assert "<ins>01</ins><del>02</del>" in shown
    shown = str(to_html(render(one_value(), {"value": "a\nb\tc"}, at=AT).data))
    assert "a<br>b" in shown
    assert 'class="gu-tab"' in shown


def test_names_of_styles_cannot_break_out_of_the_class() -> None:
    hostile = paragraph("BodyText", "x").replace(
        'w:val="BodyText"', 'w:val="A&quot; onclick=&quot;x&quot; B"'
    )
    assert '<p class="gu-aonclickx-b' in str(to_html(docx(hostile)))


def test_a_picture_is_named_and_not_loaded() -> None:
    assert "[hình]" in str(to_html(docx("<w:p><w:r><w:drawing/></w:r></w:p>")))


def _pledge_with(**changes: str) -> bytes:
    data = sample("pledge")
    data["targets"][2] |= changes
    return render(template("pledge"), data, at=AT).data


def test_words_that_were_not_in_the_version_before_are_marked() -> None:
    text = "Giới thiệu ít nhất {} đoàn viên ưu tú"
    old = _pledge_with(text=text.format("02"), condition="")
    new = _pledge_with(text=text.format("01"), condition="nếu có nguồn")
    page = html.fromstring(str(to_html(new, before=old)))
    assert _texts(page, "gu-new") == ["01", "(nếu có nguồn)"]
    assert _text(page) == _text(html.fromstring(str(to_html(new))))
    assert "gu-new" not in to_html(new, before=new)


def test_marks_run_through_letters_of_different_look() -> None:
    old = docx(paragraph("BodyText", "một hai"))
    new = docx(paragraph("BodyText", run("một "), run("ba bốn", bold=True), run(" năm & sáu"), run(" hai")))
    shown = str(to_html(new, before=old))
    assert (
        '<strong><ins class="gu-new">ba bốn</ins></strong><ins class="gu-new"> năm &amp; sáu</ins>' in shown
    )


def test_a_whole_new_paragraph_is_marked_and_its_neighbours_are_not() -> None:
    old = docx(paragraph("BodyText", "đầu tiên"), paragraph("BodyText", "cuối cùng"))
    new = docx(
        paragraph("BodyText", "đầu tiên"),
        paragraph("BodyText", "Báo cáo quý"),
        paragraph("BodyText", "cuối cùng"),
    )
    page = html.fromstring(str(to_html(new, before=old)))
    assert _texts(page, "gu-new") == ["Báo cáo quý"]
