"""Whatever is changed in a signed file is found, by the right code, and told about the right signatures."""

import re
from functools import cache

import pytest

from tests.documents.support import with_parts
from tests.signatures.ooxml import support
from tests.signatures.ooxml.tampers import TAMPERS, swap
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml.findings import SENTENCES


@cache
def _intact() -> bool:
    return all(ooxml.verify(support.signed(n), support.demands(n)).valid for n in (2, 16))


@pytest.mark.parametrize("count", [2, 16])
@pytest.mark.parametrize("name", TAMPERS)
def test_a_change_is_found(name: str, count: int) -> None:
    assert _intact()  # otherwise finding something would say nothing
    tamper = TAMPERS[name]
    report = ooxml.verify(tamper.change(support.signed(count)), support.demands(count))
    assert not report.valid
    broken = [each for each in report.signatures if tamper.code in {found.code for found in each.findings}]
    if tamper.whose == "all":
        assert len(broken) == count
        assert not any(each.valid for each in report.signatures)
    elif tamper.whose == "first":
        assert [each.part for each in broken] == ["_xmlsignatures/sig1.xml"]
        assert [each.valid for each in report.signatures].count(True) == count - 1
        assert "signer_missing" in report.codes
    else:
        assert tamper.code in report.codes


@pytest.mark.parametrize("name", [name for name, tamper in TAMPERS.items() if tamper.whose != "file"])
def test_a_change_is_found_without_a_list_of_signers_too(name: str) -> None:
    report = ooxml.verify(TAMPERS[name].change(support.signed(2)), support.demands())
    assert not report.valid


def test_what_word_leaves_unsigned_may_change() -> None:
    """The title among the properties: readers show it nowhere in the text, and Word rewrites it."""
    changed = swap("docProps/core.xml", "</dc:title>", " khác</dc:title>")(support.signed(2))
    assert ooxml.verify(changed, support.demands(2)).valid


def test_packing_the_same_parts_anew_changes_nothing() -> None:
    assert ooxml.verify(with_parts(support.signed(2), {}), support.demands(2)).valid


def test_findings_speak_vietnamese_and_their_codes_are_words() -> None:
    for code, sentence in SENTENCES.items():
        assert re.fullmatch(r"[a-z0-9_]+", code)
        assert sentence.endswith(".")
        assert re.search(r"[ạảãàáâậầấẩẫăắằặẳẵđêệềếểễôộồốổỗơợờớởỡưựừứửữịọụỳỵỷỹý]", sentence)


def test_no_two_codes_say_the_same() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
