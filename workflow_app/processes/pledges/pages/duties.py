"""What the leader and the federation may do on the page of a pledge, and what each act brings about."""

from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import decree_date
from workflow_app.notifications.reminders import reminder_text
from workflow_app.organisations.authority import may
from workflow_app.organisations.settings_data import setting
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.handlers.reminding import Waiting, waited_for
from workflow_app.processes.pledges.models import PledgeState, SignState
from workflow_app.processes.pledges.service.dossier import Dossier
from workflow_app.processes.pledges.views.loading import Loaded
from workflow_app.processes.pledges.views.wording import listed, near_day

_OPEN_ENDED = {PledgeState.ISSUED, PledgeState.CANCELLED}


def duties(session: Session, loaded: Loaded, actor: Actor) -> dict[str, Any]:
    """Acts that this person may do now; each is empty or None when it is not his or makes no sense."""
    found = Dossier(loaded.pledge)
    leads, signing = may(actor, "close_round", found), loaded.pledge.state is PledgeState.SIGNING
    waiting = waited_for(loaded.pledge)
    return {
        "leads": leads,
        "reminder": _reminder(loaded, actor, waiting) if leads and waiting else None,
        "extension": _extension(session, loaded) if leads and signing else "",
        "closure": _closure(loaded) if leads and signing and loaded.units_in(SignState.OPEN) else None,
        "readmitted": _readmittable(loaded) if leads and signing else [],
        "delegation_url": delegation_url(),
        "may_cancel": may(actor, "cancel", found) and loaded.pledge.state not in _OPEN_ENDED,
    }


def delegation_url() -> str:
    """Where a person lets somebody act in his own office; empty when the web has no such page."""
    known = "people.delegation_form" in current_app.view_functions
    return url_for("people.delegation_form") if known else ""


def _reminder(loaded: Loaded, actor: Actor, waiting: Waiting) -> dict[str, Any]:
    names = [unit.short_name for unit in waiting.units]
    today = [unit for unit in waiting.units if _reminded_today(loaded, unit.unit_id)]
    event = loaded.last("pledge.reminded")
    last = f" Lần nhắc cuối {near_day(event.at)}." if event else ""
    count = len(names) - len(today)
    return {
        "label": f"Nhắc {count} đơn vị chưa {waiting.act}",
        "count": count,
        "consequence": f"Gửi thông báo cho {listed(names)}.{last} Mỗi đơn vị một lần trong ngày.",
        "ready_text": _ready_text(loaded, actor, waiting, names),
    }


def _ready_text(loaded: Loaded, actor: Actor, waiting: Waiting, names: list[str]) -> str:
    """The sentence to paste into Zalo: to one unit with its task, to several with the pledge."""
    pledge = loaded.pledge
    task = loaded.task(waiting.element, waiting.units[0].unit_id) if len(names) == 1 else None
    link = (
        url_for("tasks.show", task_id=task.id, _external=True)
        if task
        else url_for(".show", business_id=pledge.id, _external=True)
    )
    seat = actor.seat
    return reminder_text(
        to=listed(names, most=20),
        task=f"{waiting.act} giao ước thi đua năm {pledge.year}",
        due=waiting.due,
        link=link,
        today=loaded.today,
        calendar=loaded.calendar,
        sender=f"{loaded.leader_word} {seat.unit_short_name}" if seat else loaded.leader_word,
    )


def _reminded_today(loaded: Loaded, unit_id: Any) -> bool:
    event = loaded.last("pledge.reminded", unit_id)
    return event is not None and near_day(event.at) == near_day(loaded.now)


def _extension(session: Session, loaded: Loaded) -> str:
    most: int = setting(
        session, "pledge.extend_max_days", unit_id=loaded.pledge.federation_id, on=loaded.today
    )
    due = loaded.pledge.sign_hard_due
    now = f"Hạn hiện nay {decree_date(due)}. " if due else ""
    return f"{now}Thêm tối đa {most} ngày làm việc cho các đơn vị chưa ký." if most else ""


def _closure(loaded: Loaded) -> dict[str, str]:
    signed = len(loaded.signed)
    return {
        "label": f"Chốt với {signed} đơn vị đã ký",
        "consequence": f"Ghi rõ đơn vị không ký và lý do, rồi chuyển {loaded.federation.short_name} chứng kiến.",
    }


def _readmittable(loaded: Loaded) -> list[dict[str, Any]]:
    return [
        {"unit_id": unit.unit_id, "name": unit.short_name} for unit in loaded.units_in(SignState.NOT_SIGNED)
    ]
