"""The text of a pledge as parts that remarks are pinned to, and the remarks on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import decree_date
from workflow_app.processes.pledges.models import Pledge, PledgePoint, PledgeUnit
from workflow_app.processes.pledges.score_sheets import score_sheet
from workflow_app.processes.pledges.views.targets import in_words

_SECTIONS = {
    "content": "I. Nội dung thi đua",
    "target": "II. Chỉ tiêu",
    "clause": "III. Tổ chức thực hiện",
    "monitoring": "III. Tổ chức thực hiện",
    "closing": "III. Tổ chức thực hiện",
    "score_sheet": "Phụ lục. Bảng điểm thi đua",
    "plan": "Kế hoạch hoạt động khối",
    "general": "Ý kiến chung",
}
_WHOLE = {
    "monitoring": "Phân công giám sát chéo",
    "closing": "Câu kết",
    "score_sheet": "Bảng điểm",
    "plan": "Kế hoạch hoạt động khối",
    "general": "Chung cho cả giao ước",
}


@dataclass(frozen=True, slots=True)
class Article:
    """One part of a pledge. ref: as `forms.Point` has it. points: sub-points of the text."""

    ref: str
    label: str
    text: str
    points: tuple[str, ...] = ()
    words: str = ""

    @property
    def section(self) -> str:
        return _SECTIONS[self.ref.partition(":")[0]]


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said on one part, and the leader's answer. accepted: None while there is no answer."""

    id: UUID
    ref: str
    where: str
    who: str
    unit_id: UUID | None
    round: int
    text: str
    made_at: datetime
    accepted: bool | None
    reply: str

    @property
    def verdict(self) -> tuple[str, str]:
        """Word and tone of the answer."""
        if self.accepted is None:
            return "Chưa trả lời", "soon"
        return ("Tiếp thu", "done") if self.accepted else ("Không tiếp thu", "stop")


def articles(pledge: Pledge) -> list[Article]:
    """Every part of a pledge in its order, the units being loaded; one without a text has none."""
    text = pledge.text
    if not text:
        return []
    return [
        *(_numbered("content", "Nội dung", text["contents"], "title")),
        *(_target(number, target) for number, target in enumerate(text["targets"], 1)),
        *(_numbered("clause", "Khoản", text["clauses"], "text", [_reporting(text)])),
        *_monitoring(pledge.units),
        Article("closing", _WHOLE["closing"], text["closing"]),
        *_score_sheet(text),
        Article("plan", _WHOLE["plan"], _plan_text(text["plan"]), _plan_points(text["plan"])),
        Article("general", _WHOLE["general"], ""),
    ]


def monitoring(units: Sequence[PledgeUnit]) -> list[tuple[str, str]]:
    """Who watches whom, by their short names, in signing order."""
    names = {unit.unit_id: unit.short_name for unit in units}
    return [(unit.short_name, names[unit.monitored_id]) for unit in units if unit.monitored_id]


def label_of(ref: str, parts: Sequence[Article]) -> str:
    """The name of a part; one that has gone from the text keeps a name that says so."""
    return next((part.label for part in parts if part.ref == ref), "Phần đã bỏ khỏi giao ước")


def remarks(session: Session, pledge: Pledge) -> list[Remark]:
    """All remarks in the order of the text, then of time; the units must be loaded."""
    parts = articles(pledge)
    order = {part.ref: number for number, part in enumerate(parts)}
    units = {unit.unit_id: unit for unit in pledge.units}
    query = select(PledgePoint).where(PledgePoint.pledge_id == pledge.id)
    found = [_remark(point, units, parts) for point in session.scalars(query)]
    return sorted(found, key=lambda each: (order.get(each.ref, len(order)), each.made_at, str(each.id)))


def grouped(found: Iterable[Remark]) -> list[tuple[str, list[Remark]]]:
    """Remarks by the part they are pinned to, in the order given."""
    groups: dict[str, list[Remark]] = {}
    for remark in found:
        groups.setdefault(remark.where, []).append(remark)
    return list(groups.items())


def _remark(point: PledgePoint, units: Mapping[UUID, PledgeUnit], parts: Sequence[Article]) -> Remark:
    unit = units.get(point.unit_id) if point.unit_id else None
    return Remark(
        id=point.id,
        ref=point.ref,
        where=label_of(point.ref, parts),
        who=unit.short_name if unit else "Liên đoàn Lao động",
        unit_id=point.unit_id,
        round=point.round,
        text=point.text,
        made_at=point.made_at,
        accepted=point.accepted if point.answered_at else None,
        reply=point.reply or "",
    )


def _numbered(
    kind: str, word: str, rows: Sequence[Mapping[str, Any]], field: str, more: Sequence[tuple[str, ...]] = ()
) -> list[Article]:
    found = [
        Article(f"{kind}:{number}", f"{word} {number}", row[field], tuple(row["points"]))
        for number, row in enumerate(rows, 1)
    ]
    if found and more and more[0]:
        last = found[-1]
        found[-1] = Article(last.ref, last.label, last.text, (*last.points, *more[0]))
    return found


def _target(number: int, target: Mapping[str, Any]) -> Article:
    condition = f" ({target['condition']})" if target["condition"] else ""
    return Article(
        f"target:{target['key']}",
        f"Chỉ tiêu {number}",
        f"{target['text']}{condition}",
        words=in_words(target),
    )


def _reporting(text: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{row['name']}: trước ngày {decree_date(date.fromisoformat(row['due']))}"
        for row in text["reporting"]
    )


def _monitoring(units: Sequence[PledgeUnit]) -> Iterator[Article]:
    points = tuple(f"{monitor} giám sát {monitored}" for monitor, monitored in monitoring(units))
    if points:
        yield Article("monitoring", _WHOLE["monitoring"], f"{len(points)} cặp đơn vị", points)


def _score_sheet(text: Mapping[str, Any]) -> Iterator[Article]:
    sheet = score_sheet(text)
    if sheet.rows:
        points = tuple(f"{row.number}. {row.text}: {row.points} điểm" for row in sheet.rows)
        yield Article("score_sheet", _WHOLE["score_sheet"], f"Tổng {sheet.total} điểm", points)


def _plan_text(plan: Mapping[str, Any]) -> str:
    return f"{len(plan['work_items'])} việc trong năm"


def _plan_points(plan: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{row['name']} · {row['lead']} · {row['due']}" for row in plan["work_items"])
