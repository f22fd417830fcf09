"""The text of a document, for search and comparison."""

from document_templates.ooxml import cell, field, paragraph, row, run, table
from tests.documents.support import AT, docx, sample, template, with_parts
from workflow_app.documents.extraction import Passage, margins, search_text, semantic_story, story
from workflow_app.documents.package import Package
from workflow_app.documents.rendering import render


def test_paragraphs_come_in_reading_order_with_their_depth_in_tables() -> None:
    inner = table((20,), row(cell(20, paragraph("TableText", "trong"))), style="TableGrid", caption="x")
    outer = table(
        (50,),
        row(cell(50, paragraph("TableText", "ngoài"), inner, paragraph("TableText", ""))),
        style="TableGrid",
        caption="x",
    )
    body = (paragraph("BodyText", "đầu"), outer, paragraph("BodyText", "cuối"))
    assert story(docx(*body)) == [
        Passage("đầu", 0),
        Passage("ngoài", 1),
        Passage("trong", 2),
        Passage("cuối", 0),
    ]


def test_the_shown_result_of_a_field_is_no_text_of_the_document() -> None:
    assert story(docx(paragraph("BodyText", run("trang "), field("PAGE", "7"), run("!")))) == [
        Passage("trang !", 0)
    ]


def test_another_spelling_of_the_same_letters_is_the_same_story() -> None:
    plain = docx(paragraph("BodyText", "Hoà bình  ở\u00a0đây"))
    split = docx(paragraph("BodyText", run("Ho\u0061\u0300 "), run("bình ở "), run("đây ", bold=True)))
    assert semantic_story(plain) == semantic_story(split)
    assert semantic_story(plain) != semantic_story(docx(paragraph("BodyText", "Hoà bình ở đó")))


def test_search_finds_without_diacritics_also_d_with_a_stroke() -> None:
    text = search_text(render(template("pledge"), sample("pledge"), at=AT).data)
    assert "doan vien cong doan uu tu cho dang" in text
    assert "đ" not in text


def test_texts_in_margins_are_seen_as_well() -> None:
    header = (
        Package.read(docx())
        .parts["word/header1.xml"]
        .replace(b"</w:hdr>", paragraph("Header", "MẬT").encode() + b"</w:hdr>")
    )
    assert margins(with_parts(docx(), {"word/header1.xml": header})) == ["MẬT"]
