"""What stands in the form before anybody has typed: last year's pledge, or the national frame."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.processes.pledges.models import Pledge, PledgeState
from workflow_app.processes.pledges.rules import in_turn


@dataclass(frozen=True, slots=True)
class Start:
    """values: of the form, nested. source: one sentence that says where they come from."""

    values: dict[str, Any]
    source: str


def starting_text(session: Session, pledge: Pledge, on: date) -> Start:
    """The text of the bloc's previous pledge moved to this year, or the frame in force on the day."""
    query = select(Pledge).where(
        Pledge.bloc_id == pledge.bloc_id,
        Pledge.year < pledge.year,
        Pledge.state != PledgeState.CANCELLED,
        Pledge.text != {},
    )
    previous = session.scalars(query.order_by(Pledge.year.desc()).limit(1)).one_or_none()
    if previous is None:
        start = frame(pledge.year, on)
        return Start(start.values | _monitoring_in_turn(pledge), start.source)
    values = form_values(_moved(previous.text, previous.year, pledge.year)) | _monitoring_in_turn(pledge)
    source = (
        f"Nội dung lấy từ giao ước năm {previous.year}, năm và hạn báo cáo đã đổi sang {pledge.year}."
        " Kiểm tra lại từng chỉ tiêu trước khi gửi."
    )
    return Start(values, source)


def frame(year: int, on: date) -> Start:
    """The national frame that holds on the day; the first one for a day before all of them."""
    data = _data()
    frames = sorted(data["frame"], key=lambda each: str(each["valid_from"]))
    held = [each for each in frames if each["valid_from"] <= on] or frames[:1]
    text = _strings(data["text"][held[-1]["text"]], lambda line: line.replace("{year}", str(year)))
    text["score_sheet"] = [dict(criterion) for criterion in held[-1].get("score_sheet", ())]
    for row in text["reporting"]:
        row["due"] = f"{year}-{row['due']}"
    source = f"Nội dung gợi ý theo khung chung ({held[-1]['source']}). Sửa cho hợp với khối trước khi gửi."
    return Start(form_values(text), source)


def form_values(text: Mapping[str, Any]) -> dict[str, Any]:
    """A stored text as values of its form: numbers as people write them."""
    targets = [_counted(target, "value") for target in text["targets"]]
    criteria = [_counted(criterion, "max_points") for criterion in text["score_sheet"]]
    return {**text, "targets": targets, "score_sheet": criteria}


def monitoring_values(pledge: Pledge) -> dict[str, Any]:
    """Who watches whom, as values of the form."""
    return _monitoring((unit.unit_id, unit.monitored_id) for unit in pledge.units)


def _monitoring_in_turn(pledge: Pledge) -> dict[str, Any]:
    # Members change from year to year, so last year's pairs would name units that have gone.
    return _monitoring(in_turn([unit.unit_id for unit in pledge.units]))


def _monitoring(pairs: Iterable[tuple[UUID, UUID | None]]) -> dict[str, Any]:
    rows = [{"unit_id": monitor, "monitored_id": monitored} for monitor, monitored in pairs]
    return {"monitoring": rows}


def _counted(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    return {**row, name: Decimal(value) if value is not None else None}


def _moved(text: Mapping[str, Any], old: int, new: int) -> Any:
    """A text of one year for another: its year in sentences, its deadlines by as many years."""
    year = re.compile(rf"(?<!\d){old}(?!\d)")
    moved = _strings(text, lambda line: year.sub(str(new), line))
    for rows in (moved["reporting"], moved["targets"]):
        for row in rows:
            if row.get("due"):
                row["due"] = _day_in(row["due"], new)
    return moved


def _day_in(iso: str, year: int) -> str:
    month_day = iso[5:]
    return f"{year}-{'02-28' if month_day == '02-29' else month_day}"


def _strings(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, str):
        return change(node)
    if isinstance(node, Mapping):
        # A planned value that happens to look like a year stays what it is.
        return {key: value if key == "value" else _strings(value, change) for key, value in node.items()}
    return [_strings(value, change) for value in node] if isinstance(node, list | tuple) else node


@cache
def _data() -> dict[str, Any]:
    source = resources.files("workflow_app.processes.pledges").joinpath("data", "starting_text.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
