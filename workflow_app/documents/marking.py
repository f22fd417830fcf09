"""Which words of a document were not in the version before: for marks in the preview."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from workflow_app.documents.difference import Kind, likeness, redline

Ranges = tuple[tuple[int, int], ...]

_SIMILAR = 0.4


def inserted(old: Sequence[str], new: Sequence[str]) -> list[Ranges]:
    """For each paragraph of the new text, from which letter to which it is new; () for an unchanged one."""
    ranges: list[Ranges] = []
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            ranges += [()] * (m - k)
        else:
            ranges += [_ranges(_likest(text, old[i:j]), text) for text in new[k:m]]
    return ranges


def _likest(text: str, candidates: Sequence[str]) -> str:
    scored = [(likeness(candidate, text), candidate) for candidate in candidates]
    score, best = max(scored, default=(0.0, ""))
    return best if score >= _SIMILAR else ""


def _ranges(old: str, new: str) -> Ranges:
    ranges: list[tuple[int, int]] = []
    at = 0
    for segment in redline(old, new):
        if segment.kind is Kind.DEL:
            continue
        if segment.kind is Kind.INS and segment.text.strip():
            ranges.append((at, at + len(segment.text)))
        at += len(segment.text)
    return tuple(ranges)
