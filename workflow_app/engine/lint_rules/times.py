"""Timers: text in quotes, an offset in a literal date, counted cycles of days or hours."""

import re
from collections.abc import Callable, Iterator

from workflow_app.engine import expressions, moments
from workflow_app.engine.elements import B, text
from workflow_app.engine.errors import ExpressionRefused, Finding, MomentRefused
from workflow_app.engine.lint_rules import data
from workflow_app.engine.lint_rules.view import View

_READ: dict[str, Callable[[object], object]] = {
    "timeDate": moments.instant,
    "timeDuration": moments.duration,
    "timeCycle": moments.cycle,
}
_BARE = re.compile(r"(R\d*/)?P[\dT].*|R\d*/.*|\d{4}-\d{2}-\d{2}.*")
_OFFSET = re.compile(r".*T.*(Z|[+-]\d{2}:\d{2})")


def timers(view: View) -> Iterator[Finding]:
    for key, node in view.nodes.items():
        if "timer" not in view.definitions(key):
            continue
        parts = [part for kind in _READ for part in node.iterfind(f"{B}timerEventDefinition/{B}{kind}")]
        if len(parts) != 1 or not text(parts[0].text):
            yield view.finding(
                "timer_text", key, "chưa ghi thời hạn, hoặc ghi nhiều hơn một. Hãy ghi đúng một thời hạn.",
                "there is no time, or more than one. Write exactly one.",
            )  # fmt: skip
            continue
        kind = str(parts[0].tag).removeprefix(B)
        yield from _timer(view, key, kind, text(parts[0].text))


def _timer(view: View, key: str, kind: str, source: str) -> Iterator[Finding]:
    if kind == "timeCycle" and not _reminds(view, key):
        yield view.finding(
            "cycle_misplaced", key, "thời hạn lặp lại chỉ dùng ở sự kiện biên không ngắt (viền đứt), để nhắc việc.",
            "a cycle is for non-interrupting boundary events only, as a reminder.",
        )  # fmt: skip
    if _BARE.fullmatch(source):
        yield view.finding(
            "timer_unquoted", key, f"thời hạn {source} phải đặt trong ngoặc kép: \"{source}\".",
            f'the time {source} must be in quotes: "{source}".',
        )  # fmt: skip
        return
    try:
        literal = expressions.parse(source).literal
    except ExpressionRefused as error:
        code = "timer_cycle" if kind == "timeCycle" else "expression"
        yield view.finding(
            code, key, f"không đọc được thời hạn. {_hint(kind)} {error.vi}", f"not a time: {error}"
        )
        return
    if literal is None:
        yield from data.check(view, data.Use(key, source))
    else:
        yield from _literal(view, key, kind, literal)


def _literal(view: View, key: str, kind: str, literal: object) -> Iterator[Finding]:
    try:
        _READ[kind](literal)
        clear = kind != "timeDate" or _OFFSET.fullmatch(str(literal)) is not None
    except MomentRefused as error:
        code = {"timeDate": "timer_offset", "timeCycle": "timer_cycle"}.get(kind, "timer_text")
        yield view.finding(
            code, key, f"không dùng được thời hạn «{literal}». {_hint(kind)}", f"not usable: {error}"
        )
        return
    if not clear:
        yield view.finding(
            "timer_offset", key, f"ngày «{literal}» thiếu giờ và múi giờ. {_hint(kind)}", "no offset"
        )


def _reminds(view: View, key: str) -> bool:
    return view.kind(key) == "boundaryEvent" and view.nodes[key].get("cancelActivity") == "false"


def _hint(kind: str) -> str:
    return {
        "timeDate": 'Ghi như "2019-03-01T17:00:00+07:00", hoặc tốt hơn là tên một biến giữ thời hạn.',
        "timeDuration": 'Ghi như "P10D" (10 ngày) hoặc "PT36H" (36 giờ).',
        "timeCycle": 'Ghi như "R3/PT24H": số lần và khoảng cách theo ngày hoặc giờ, không theo tháng. '
        "Quý và năm lấy từ lịch công tác.",
    }[kind]
