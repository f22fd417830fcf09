"""Whatever happens to a signed file: the verifier answers, and never calls something else than the signed text valid."""

import warnings
from collections import Counter
from functools import cache

import pytest

from tests.signatures.ooxml import support
from tests.signatures.ooxml.mutations import mutated
from workflow_app.documents.content_id import content_id_of
from workflow_app.documents.package import Package
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import verifying
from workflow_app.signatures.ooxml.findings import SENTENCES

_COUNT = 2


@cache
def _signed_parts() -> dict[str, bytes]:
    """What the signatures protect."""
    parts = Package.read(support.pledge()).parts
    return {
        name: part for name, part in parts.items() if name.startswith("word/") and not name.endswith(".rels")
    }


@cache
def _content_id() -> str:
    return content_id_of(Package.read(support.pledge()))


@cache
def _said() -> list[object]:
    report = ooxml.verify(support.signed(_COUNT), support.demands(_COUNT))
    assert report.valid
    return [(each.said, each.certificate) for each in report.signatures]


def check(seed: int) -> str:
    """One mutation. Returns what became of it."""
    with warnings.catch_warnings():
        # zipfile warns of names that come twice, `cryptography` of odd certificates; only the answer counts.
        warnings.simplefilter("ignore")
        data = mutated(support.signed(_COUNT), seed)
        report = ooxml.verify(data, support.demands(_COUNT))
    assert report.codes <= SENTENCES.keys()
    believed = [each for each in report.signatures if each.valid]
    if believed:
        package = Package.read(data)  # the reader of the rest of the product sees the same text
        for name, part in _signed_parts().items():
            assert package.parts[name] == part, f"seed {seed}: {name}"
        assert content_id_of(package) == _content_id(), f"seed {seed}"
        for each in believed:
            assert (each.said, each.certificate) in _said(), f"seed {seed}: {each.part}"
    if report.valid:
        assert len(report.signatures) == _COUNT, f"seed {seed}"
        return "valid"
    return "partly" if believed else "broken"


def _run(seeds: range) -> Counter[str]:
    return Counter(check(seed) for seed in seeds)


def test_three_hundred_random_changes() -> None:
    found = _run(range(300))
    assert found["broken"] > 100
    assert found["valid"] > 3  # white space that nobody reads, properties that nobody signs: no false alarm


@pytest.mark.parametrize("blind", ["check_itself", "check_manifest"])
def test_the_same_changes_would_catch_a_verifier_that_looks_away(
    blind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without one of its checks the verifier believes something else within few changes."""
    _said()  # before it is blinded
    monkeypatch.setattr(verifying, blind, lambda *_: iter(()))
    with pytest.raises(AssertionError):
        _run(range(300))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(1, 21))
def test_twenty_thousand_random_changes(chunk: int) -> None:
    found = _run(range(chunk * 1000, (chunk + 1) * 1000))
    assert found["broken"] > 300
    assert found["partly"] > 30
