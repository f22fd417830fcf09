"""What a remark, a reply or a registered value is pinned to must be there: nothing is kept where nobody sees it."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from workflow_app.core.errors import FieldError, Invalid
from workflow_app.processes.pledges.forms import Point, RegisteredValue, Reply
from workflow_app.processes.pledges.models import Pledge
from workflow_app.processes.pledges.rules import TargetKind, TargetScope, is_registrable, target_fault

_RELOAD = "Hãy tải lại trang và nhập lại."


def refs(pledge: Pledge) -> Iterator[str]:
    """Every part of the pledge that a remark can be pinned to."""
    yield from (f"content:{number}" for number in range(1, len(pledge.text["contents"]) + 1))
    yield from (f"target:{target['key']}" for target in pledge.text["targets"])
    yield from (f"clause:{number}" for number in range(1, len(pledge.text["clauses"]) + 1))
    yield from ("monitoring", "closing", "score_sheet", "plan", "general")


def check_refs(pledge: Pledge, points: Sequence[Point]) -> None:
    """Raises Invalid for a remark on a part that the pledge does not have."""
    known = set(refs(pledge))
    for row, point in enumerate(points):
        if point.ref not in known:
            raise Invalid([FieldError(f"points-{row}-ref", f"Dự thảo không có phần này. {_RELOAD}")])


def check_registration(pledge: Pledge, values: Sequence[RegisteredValue]) -> None:
    """Raises Invalid for a value of a target that takes none, a second one, and one that cannot be."""
    # The stored text, not the rows of the targets: a unit's comment costs no further statement.
    targets = {target["key"]: target for target in pledge.text["targets"]}
    seen: set[str] = set()
    for row, given in enumerate(values):
        target = targets.get(given.target_key)
        if target is None or not _registrable(target) or given.target_key in seen:
            sentence = f"Chỉ tiêu này không đăng ký giá trị riêng được. {_RELOAD}"
            raise Invalid([FieldError(f"values-{row}-target_key", sentence)])
        seen.add(given.target_key)
        fault = target_fault(TargetKind(target["kind"]), given.value, target["measure"])
        if given.value is not None and fault:
            raise Invalid([FieldError(f"values-{row}-value", fault)])


def check_replies(replies: Sequence[Reply], known: AbstractSet[UUID]) -> None:
    """Raises Invalid for an answer to a remark that this pledge does not have."""
    for row, reply in enumerate(replies):
        if reply.point_id not in known:
            raise Invalid([FieldError(f"replies-{row}-point_id", f"Không có ý kiến này. {_RELOAD}")])


def _registrable(target: Mapping[str, Any]) -> bool:
    return is_registrable(TargetKind(target["kind"]), TargetScope(target["scope"]))
