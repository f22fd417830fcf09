"""The text of a .docx: for search, for comparison and for tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from workflow_app.core.vietnamese import fold, nfc
from workflow_app.documents.package import Package, W, parse_xml

_STORIES = re.compile(r"word/(header|footer|footnotes|endnotes|comments)\d*\.xml")


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph: its text and how many table cells it lies in."""

    text: str
    depth: int


def story(docx: bytes) -> list[Passage]:
    """The paragraphs of the body that are not empty, in reading order, as typed. Raises PackageBroken."""
    package = Package.read(docx)
    root = parse_xml(package.parts[package.main_part()])
    passages = (Passage(paragraph_text(p), _depth(p)) for p in root.iter(f"{{{W}}}p"))
    return [passage for passage in passages if passage.text.strip()]


def semantic_story(docx: bytes) -> list[Passage]:
    """As story, in the form in which a re-saved file must be equal: NFC, one kind of space, trimmed."""
    return [Passage(nfc(re.sub(r"[ \u00a0]+", " ", p.text)).strip(), p.depth) for p in story(docx)]


def margins(docx: bytes) -> list[str]:
    """The texts of headers, footers, notes and comments, sorted."""
    package = Package.read(docx)
    parts = [part for name, part in package.parts.items() if _STORIES.fullmatch(name)]
    texts = (paragraph_text(p) for part in parts for p in parse_xml(part).iter(f"{{{W}}}p"))
    return sorted(text for text in texts if text.strip())


def search_text(docx: bytes) -> str:
    """Everything in the body, folded for search without diacritics."""
    return fold("\n".join(passage.text for passage in story(docx)))


def paragraph_text(paragraph: etree._Element) -> str:
    """The text as a reader sees it; what a field shows is left out, because every program computes it anew."""
    return "".join(_pieces(paragraph))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    fields: list[bool] = []  # of each open field: whether its result has begun
    for element in paragraph.iter(f"{{{W}}}*"):
        word = str(element.tag).rpartition("}")[2]
        if word == "fldChar":
            _follow_field(fields, element.get(f"{{{W}}}fldCharType", ""))
        elif not any(fields):
            yield _piece(element, word)


def _follow_field(fields: list[bool], mark: str) -> None:
    if mark == "begin":
        fields.append(False)
    elif fields and mark == "separate":
        fields[-1] = True
    elif fields and mark == "end":
        fields.pop()


def _piece(element: etree._Element, word: str) -> str:
    if word == "t":
        return element.text or ""
    if word == "tab":
        parent = element.getparent()
        return "\t" if parent is not None and parent.tag == f"{{{W}}}r" else ""  # else a tab stop
    if word == "sym":
        return "\ue000" + element.get(f"{{{W}}}char", "")
    return {"br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}.get(word, "")


def _depth(paragraph: etree._Element) -> int:
    return sum(1 for ancestor in paragraph.iterancestors(f"{{{W}}}tc"))
