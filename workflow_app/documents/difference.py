"""What changed between two versions of a document, in words a chair can judge before signing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from workflow_app.documents.passages import Part, Passage, parts

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_SIMILAR = 0.4  # below it two sentences are another one, not the same one reworded
_CONTEXT = 6  # words that follow a short replacement, so that "02 → 01" says of what


class Kind(StrEnum):
    """Of a segment: text that stayed, came or went."""

    SAME = "same"
    INS = "ins"
    DEL = "del"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text of one kind; pages show `ins` and `del` elements."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One changed, added or removed passage.

    label: where, as the document numbers it now ("Chỉ tiêu 3"); a removed one as it was numbered before.
    kind: "changed", "added" or "removed". segments: the whole passage, for a redline.
    """

    label: str
    kind: str
    segments: tuple[Segment, ...]

    @property
    def summary(self) -> str:
        """One Vietnamese line: "Chỉ tiêu 3: 02 → 01 đoàn viên công đoàn ưu tú; thêm “(nếu có nguồn)”"."""
        text = "".join(segment.text for segment in self.segments)
        if self.kind == "added":
            return f"{self.label}: thêm “{text}”"
        if self.kind == "removed":
            return f"{self.label}: bỏ “{text}”"
        return f"{self.label}: {'; '.join(_phrases(self.segments))}"


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes in the order of the document, and the parts without one."""

    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """The difference of what two versions of one document were filled with, old first.

    Whether a signature is there is not a difference of the text, nor is the mark of a draft.
    """
    changes: list[Change] = []
    unchanged: list[str] = []
    for before, after in _paired(parts(old), parts(new)):
        found = list(_compare(before.passages, after.passages))
        changes += found
        if not found and after.passages:
            unchanged.append(after.label)
    return Difference(tuple(changes), tuple(unchanged))


def redline(old: str, new: str) -> tuple[Segment, ...]:
    """Word by word; put together, `same` and `del` give the old text, `same` and `ins` the new one."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    segments: list[Segment] = []
    for operation, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            segments.append(Segment(Kind.SAME, "".join(before[i:j])))
            continue
        segments += [Segment(Kind.DEL, "".join(before[i:j]))] if j > i else []
        segments += [Segment(Kind.INS, "".join(after[k:m]))] if m > k else []
    return tuple(segments)


def _paired(old: Sequence[Part], new: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    """Parts of one label side by side; a document of another kind has parts without a partner."""
    before, after = ({part.label: part for part in each} for each in (old, new))
    for label in dict.fromkeys([*after, *before]):
        yield before.get(label, Part(label)), after.get(label, Part(label))


def _compare(old: Sequence[Passage], new: Sequence[Passage]) -> Iterator[Change]:
    pairs = _matched(old, new)
    partner = {id(after): before for before, after in pairs}
    kept = {id(before) for before, _ in pairs}
    gone = [passage for passage in old if id(passage) not in kept]
    for passage in gone:
        yield Change(passage.label, "removed", (Segment(Kind.DEL, passage.text),))
    for passage in new:
        before = partner.get(id(passage))
        if before is None:
            yield Change(passage.label, "added", (Segment(Kind.INS, passage.text),))
        elif before.text != passage.text:
            yield Change(passage.label, "changed", redline(before.text, passage.text))


def _matched(old: Sequence[Passage], new: Sequence[Passage]) -> list[tuple[Passage, Passage]]:
    by_key = {passage.key: passage for passage in old if passage.key}
    pairs = [(by_key[passage.key], passage) for passage in new if passage.key in by_key]
    taken = {id(each) for pair in pairs for each in pair}
    rest_old = [passage for passage in old if id(passage) not in taken and not passage.key]
    rest_new = [passage for passage in new if id(passage) not in taken and not passage.key]
    return pairs + list(_alike(rest_old, rest_new))


def _alike(old: list[Passage], new: list[Passage]) -> Iterator[tuple[Passage, Passage]]:
    """The pairs of equal texts, then the likeliest pairs in falling order of likeness."""
    scored = [
        (likeness(before.text, after.text), -abs(i - j), before, after)
        for i, before in enumerate(old)
        for j, after in enumerate(new)
    ]
    taken: set[int] = set()
    for score, _, before, after in sorted(scored, key=lambda each: each[:2], reverse=True):
        if score >= _SIMILAR and id(before) not in taken and id(after) not in taken:
            taken |= {id(before), id(after)}
            yield before, after


def likeness(old: str, new: str) -> float:
    """0 to 1; 1 for the same text."""
    return (
        1.0
        if old == new
        else SequenceMatcher(None, _TOKEN.findall(old), _TOKEN.findall(new), autojunk=False).ratio()
    )


def _phrases(segments: Sequence[Segment]) -> Iterator[str]:
    """The changes of one passage in words, with a little of what follows."""
    index = 0
    while index < len(segments):
        segment, following = segments[index], segments[index + 1 : index + 3]
        index += 1
        if segment.kind is Kind.DEL and following and following[0].kind is Kind.INS:
            index += 1
            yield f"{segment.text.strip()} → {following[0].text.strip()}{_context(following[1:], following[0].text)}"
        elif segment.kind is Kind.DEL:
            yield f"bỏ “{segment.text.strip()}”"
        elif segment.kind is Kind.INS:
            yield f"thêm “{segment.text.strip()}”"


def _context(following: Sequence[Segment], replaced: str) -> str:
    if not following or len(replaced.split()) > 2:
        return ""
    words = re.split(r"[.;:(]", following[0].text)[0].split()[:_CONTEXT]
    return f" {' '.join(words)}" if words else ""
