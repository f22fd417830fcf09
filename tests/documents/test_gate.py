"""Every fault a template can have is found before anybody uses it, and told in Vietnamese."""

from typing import Any

import pytest

from document_templates import ooxml
from document_templates.ooxml import cell, paragraph, row, table
from tests.documents.support import AT, docx, sample, template, with_parts
from workflow_app.documents import gate
from workflow_app.documents.errors import TemplateRefused
from workflow_app.documents.rendering import render

SCHEMA: dict[str, Any] = {
    "type": "object",
    "x-kind": "X",
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "note": {"type": "string"},
        "names": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "note", "names"],
    "additionalProperties": False,
}
SAMPLE = {"title": "Giao ước", "note": "ghi chú", "names": ["An", "Bảo"]}


def _codes(*body: str, schema: dict[str, Any] = SCHEMA) -> set[str]:
    findings = gate.check(docx(*body), schema, {"sample": SAMPLE})
    assert all(finding.vi.strip() for finding in findings)
    return {finding.code for finding in findings}


def _p(text: str) -> str:
    return paragraph("BodyText", text)


def test_a_sound_template_passes() -> None:
    assert not _codes(
        _p("{{ title|upper }}"), _p("{%p for n in names %}"), _p("{{ n }}"), _p("{%p endfor %}")
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{% for n in names %}{{ n }}", "syntax"),
        ("{{ title", "syntax"),
        ("{{ title }", "syntax"),
        ("{% if title %}x", "syntax"),
        ("{{ title|uper }}", "syntax"),
        ("{{ titel }}", "unknown_variable"),
        ("{{ title.nmae }}", "render"),
        ("{{ title|official_date }}", "render"),
        ("{{ names }}", "render"),
        ("{{ ''.__class__ }}", "not_allowed"),
        ("{{ title.upper() }}", "not_allowed"),
        ("{% set x = 1 %}", "not_allowed"),
        ("{{ title * 9 }}", "not_allowed"),
        ("{%tr for n in names %}{{ n }}{%tr endfor %}", "syntax"),
        ("{{r title }}", "stray_text"),
        ("{{ '{' }}{ x }}", "leftover_tag"),
    ],
)
def test_faults_of_the_language_are_found(body: str, code: str) -> None:
    assert code in _codes(_p(body))


def test_a_variable_in_the_page_header_is_checked_as_well() -> None:
    broken = with_parts(
        docx(_p("{{ title }}")),
        {"word/header1.xml": f'<w:hdr xmlns:w="{ooxml.W}">{_p("{{ nobody }}")}</w:hdr>'.encode()},
    )
    [finding] = gate.check(broken, SCHEMA, {"sample": SAMPLE})
    assert (finding.code, finding.part) == ("unknown_variable", "word/header1.xml")


def test_a_cell_that_may_end_up_empty_is_found() -> None:
    tags = (
        paragraph("TableText", "{%p if note %}"),
        paragraph("TableText", "x"),
        paragraph("TableText", "{%p endif %}"),
    )
    one = table((50,), row(cell(50, *tags)), style="TableGrid", caption="x")
    assert "empty_cell" in _codes(_p("{{ title }}"), one)


def test_a_table_that_may_end_up_without_rows_is_found() -> None:
    rows = [
        row(cell(50, paragraph("TableText", text)))
        for text in ("{%tr for n in names %}", "{{ n }}", "{%tr endfor %}")
    ]
    assert "empty_table" in _codes(_p("{{ title }}"), table((50,), *rows, style="TableGrid", caption="x"))


def test_a_schema_word_we_do_not_check_is_refused() -> None:
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "title": {"type": "string", "pattern": "^x$"}}}
    assert _codes(_p("{{ title }}"), schema=schema) == {"schema"}


def test_a_sample_that_does_not_follow_the_schema_is_found() -> None:
    findings = gate.check(docx(_p("{{ title }}")), SCHEMA, {"sample": {"title": ""}})
    assert {finding.code for finding in findings} == {"sample"}


def test_an_unsafe_file_is_found_before_its_language() -> None:
    macro = with_parts(docx(_p("{{ '' ")), {"word/vbaProject.bin": b"x"})
    assert {finding.code for finding in gate.check(macro, SCHEMA, {})} == {"embedded"}


def test_curly_quotes_of_word_and_cut_runs_do_no_harm() -> None:
    cut = (
        "<w:p><w:r><w:t>{{ ti</w:t></w:r><w:r><w:t>tle|en</w:t></w:r><w:r><w:t>ded(‘.’) }}</w:t></w:r></w:p>"
    )
    assert not _codes(cut)


def test_require_tells_every_fault_at_once() -> None:
    with pytest.raises(TemplateRefused) as refused:
        gate.require(docx(_p("{{ titel }} {{ nmaes }}")), SCHEMA, {"sample": SAMPLE})
    assert [finding.vi for finding in refused.value.findings] == [
        "Mẫu dùng tên “nmaes” mà dữ liệu không có.",
        "Mẫu dùng tên “titel” mà dữ liệu không có.",
    ]
    assert "titel" in refused.value.vi


def test_the_open_xml_schemas_find_what_word_would_call_corrupt() -> None:
    pytest.importorskip("openxml_audit")
    good = render(template("pledge_plan"), sample("pledge_plan"), at=AT).data
    assert not gate.office_findings(good)
    wrong_order = '<w:p><w:r><w:t>x</w:t></w:r><w:pPr><w:jc w:val="center"/></w:pPr></w:p>'
    assert {finding.code for finding in gate.office_findings(docx(wrong_order))} == {"office"}


def test_the_emptiest_sample_keeps_what_the_schema_requires() -> None:
    emptied = gate.emptiest(sample("pledge"), template("pledge").schema)
    assert emptied["registrations"] == []
    assert len(emptied["targets"]) == len(emptied["signers"]) == 1
    assert emptied["letterhead"]["number"] == ""
    assert emptied["letterhead"]["parent"]
    assert emptied["witness"]["state"] == "open"
