"""What the pages of all tasks of a pledge share."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.core.working_days import WorkingCalendar
from workflow_app.documents.models import DocumentVersion
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.models.blocs import Bloc, BlocKind
from workflow_app.organisations.settings_data import working_calendar
from workflow_app.organisations.trees import unit_at
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.pledges.models import Pledge, PledgeUnit
from workflow_app.processes.pledges.service.dossier import dossier
from workflow_app.processes.pledges.views import papers
from workflow_app.processes.pledges.views.wording import near_day, near_time, strip

_TITLES = {
    "pledge_draft": "Soạn giao ước thi đua năm {year}",
    "pledge_comment": "Góp ý giao ước thi đua năm {year}",
    "pledge_consolidate": "Tổng hợp ý kiến giao ước năm {year}",
    "pledge_approve": "Duyệt giao ước thi đua năm {year}",
    "pledge_invite": "Mời họp ký kết giao ước năm {year}",
    "pledge_minutes": "Ghi biên bản hội nghị ký kết năm {year}",
    "pledge_sign": "Ký giao ước thi đua năm {year}",
    "pledge_settle": "Xử lý đơn vị từ chối ký giao ước năm {year}",
    "pledge_witness": "Chứng kiến giao ước thi đua năm {year}",
    "pledge_issue": "Ban hành giao ước thi đua năm {year}",
}


@dataclass(frozen=True)
class Ask:
    """One open task, asked of one person at one moment; reads what it needs when it is needed."""

    session: Session
    task: OpenTask
    actor: Actor
    now: datetime

    @cached_property
    def pledge(self) -> Pledge:
        return dossier(self.session, self.task.business_id).pledge

    @cached_property
    def bloc(self) -> Bloc:
        return self.session.get_one(Bloc, self.pledge.bloc_id)

    @property
    def today(self) -> date:
        return local(self.now).date()

    @cached_property
    def federation(self) -> str:
        """Short name, as of today."""
        return unit_at(self.session, self.pledge.federation_id, self.today).short_name

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return working_calendar(self.session, unit_id=self.pledge.federation_id, on=self.today)

    @cached_property
    def version(self) -> DocumentVersion | None:
        """The version that the task is about."""
        return papers.current(self.session, self.pledge)

    @property
    def leader_word(self) -> str:
        return "Cụm trưởng" if self.bloc.kind is BlocKind.CLUSTER else "Khối trưởng"

    @property
    def leader(self) -> PledgeUnit:
        return next(unit for unit in self.pledge.units if unit.is_leader)

    @property
    def unit(self) -> PledgeUnit:
        """The unit that the child instance concerns."""
        return next(unit for unit in self.pledge.units if unit.unit_id == self.task.instance.unit_id)

    def seat(self, act: str) -> Seat | None:
        """The seat in which the person would do it, as `authorize` chooses."""
        return self.actor.seat_for(self.task.role, self.task.unit_id, act)

    def common(self) -> dict[str, Any]:
        due = self.task.due_at
        return {
            "title": _TITLES[self.task.form_key].format(year=self.pledge.year),
            "pledge": self.pledge,
            "bloc_name": self.bloc.name,
            "document": self.version.id if self.version else None,
            "day_strip_cells": strip(self.calendar, self.today, local(due).date() if due else None),
        }

    def version_words(self) -> str:
        """ "Bản 3, khóa nội dung ngày 01/3, 16:40"."""
        version = self.version
        if version is None:
            return "Chưa có"
        if version.frozen_at is not None:
            return f"Bản {version.number}, khóa nội dung ngày {near_time(version.frozen_at)}"
        return f"Bản {version.number}, lập ngày {near_time(version.created_at)}"

    def redlined(self, since: datetime | None, occasion: str) -> dict[str, Any] | None:
        """What changed since the person's last act, or else since the version before."""
        before = papers.seen_before(self.session, self.pledge, since)
        if before is None or self.version is None:
            return None
        heading = f"Từ {occasion} ({near_day(since)})" if since else f"So với bản {before.number}"
        return {"heading": heading, "changes": papers.changes(before, self.version)}

    def unit_name(self, unit_id: UUID | None) -> str:
        return next((unit.short_name for unit in self.pledge.units if unit.unit_id == unit_id), "")


def check(state: str, text: str, href: str = "", label: str = "") -> dict[str, str]:
    """A line of the readiness list; state: done, soon or stop."""
    return {"state": state, "text": text, "href": href, "label": label}


def act(label: str, consequence: str, **more: str) -> dict[str, str]:
    """A button and what happens then; more: kind, icon, name, value, href."""
    return {"label": label, "consequence": consequence, **more}
