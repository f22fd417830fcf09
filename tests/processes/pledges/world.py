"""A small federation with one bloc: people for every office, ready for a pledge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

import bpmn
from document_templates import template_files
from storage.files import FileStore
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.documents import objects, templates
from workflow_app.documents.models import DocumentTemplate
from workflow_app.engine import definitions
from workflow_app.engine.models import HumanTask, ProcessDefinition, ProcessInstance, TaskStatus
from workflow_app.organisations import passwords
from workflow_app.organisations import service as organisations
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.types import Actor
from workflow_app.processes.completion import Completed, complete_task
from workflow_app.processes.pledges.handlers.opening import open_year
from workflow_app.processes.pledges.models import Pledge
from workflow_app.processes.registry import catalogue, processes

SINCE = date(2018, 1, 1)
PIN = "271828"
NAMES = ("Nguyễn Thị Minh An", "Trần Quốc Bảo", "Đặng Hoài Phương", "Lý Thanh Tùng", "Võ Minh Khôi")


@dataclass
class World:
    federation_id: UUID
    bloc_id: UUID
    unit_ids: list[UUID]
    people: dict[str, UUID] = field(default_factory=dict)
    pledge_id: UUID | None = None

    def actor(self, who: str) -> Actor:
        with reading() as session:
            return organisations.load_actor(session, self.people[who], on=clock.today())

    def open(self, year: int = 2019) -> UUID:
        actor = self.actor("officer")
        with transaction() as session:
            pledge = open_year(session, actor, self.bloc_id, year, op_id=uuid4(), at=clock.now())
            self.pledge_id = pledge.id
        jobs.run_until_idle()
        return pledge.id

    def pledge(self) -> Pledge:
        with reading() as session:
            pledge = session.get_one(Pledge, self.pledge_id)
            assert pledge.units, "read while the session is open"
            return pledge

    def task(self, element: str, unit_id: UUID | None = None) -> UUID:
        with reading() as session:
            return _open_task(session, element, unit_id)

    def complete(
        self,
        who: str,
        element: str,
        values: Mapping[str, Any],
        *,
        unit_id: UUID | None = None,
        op_id: UUID | None = None,
    ) -> Completed:
        done = complete_task(
            self.actor(who), self.task(element, unit_id), values, op_id=op_id or uuid4(), at=clock.now()
        )
        jobs.run_until_idle()
        return done


def found(session: Session, *, units: int = 2) -> World:
    """The federation, its bloc of `units` units in the order of the list, first leads, second is deputy."""
    at = clock.now()
    seed_reference(session)
    facts = organisations.UnitFacts
    federation = organisations.found_unit(
        session,
        code="LDLD-AG",
        facts=facts(
            "Liên đoàn Lao động tỉnh An Giang", "federation", "LĐLĐ tỉnh", place="An Giang", symbol="LĐLĐ"
        ),
        parent_id=None,
        valid_from=SINCE,
    )
    members = [
        organisations.found_unit(
            session,
            code=f"CDCS-{number:02}",
            facts=facts(f"Công đoàn cơ sở Sở số {number}", "grassroots_union", f"CĐCS Sở số {number}"),
            parent_id=federation.id,
            valid_from=SINCE,
        ).id
        for number in range(1, units + 1)
    ]
    bloc = organisations.form_bloc(
        session,
        federation_id=federation.id,
        code="04",
        name="Khối thi đua 04",
        symbol="KTĐ04",
        valid_from=SINCE,
    )
    deputy = members[1] if units > 1 else None
    organisations.set_bloc_year(
        session, bloc.id, 2019, members=members, leader=members[0], deputy=deputy, basis="QĐ 12"
    )
    world = World(federation.id, bloc.id, members)
    for number, unit_id in enumerate(members, start=1):
        name = NAMES[number - 1] if number <= len(NAMES) else f"Lê Văn {number}"
        world.people[f"chair{number}"] = _person(session, name, unit_id, "chair", f"chutich{number}", at)
    for who, name, office in (
        ("officer", "Lê Thị Thu Hà", "federation_officer"),
        ("standing", "Phạm Ngọc Diệp", "federation_vice_chair"),
        ("clerk", "Bùi Hải Yến", "records_clerk"),
    ):
        world.people[who] = _person(session, name, federation.id, office, who, at)
    return world


_installed: list[tuple[Table, list[dict[str, Any]]]] = []


def install(session: Session, store_root: Path) -> None:
    """Templates, diagrams and the object store, as a fresh installation has them.

    The checks of an installation take seconds: they run once, later tests get the rows that they left,
    and the Word files too: a later test may keep its objects in another folder.
    """
    store = FileStore(store_root)
    objects.bind(store)
    if _installed:
        for template in template_files():
            store.put(template.docx.read_bytes(), kind="templates/docx")
        for table, rows in _installed:
            session.execute(insert(table), rows)
        return
    at = clock.now()
    templates.register_builtin(session, store, at=at)
    known = catalogue()
    for process in processes():
        for key in reversed(process.diagrams):
            definitions.deploy(session, bpmn.diagram(key), by=None, at=at, known=known)
    session.flush()
    for model in (DocumentTemplate, ProcessDefinition):
        table = cast("Table", model.__table__)
        _installed.append((table, [dict(row._mapping) for row in session.execute(select(table))]))


def _person(session: Session, name: str, unit_id: UUID, office: str, username: str, at: Any) -> UUID:
    person = organisations.add_person(session, full_name=name)
    organisations.appoint(session, person_id=person.id, unit_id=unit_id, office_code=office, valid_from=SINCE)
    organisations.open_account(session, person.id, username=username, at=at)
    with passwords.using(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        organisations.set_pin(session, person.id, pin=PIN)
    return person.id


def _open_task(session: Session, element: str, unit_id: UUID | None) -> UUID:
    query = (
        select(HumanTask.id)
        .join(ProcessInstance, ProcessInstance.id == HumanTask.instance_id)
        .where(HumanTask.element == element, HumanTask.status == TaskStatus.OPEN)
    )
    if unit_id is not None:
        query = query.where(ProcessInstance.unit_id == unit_id)
    return session.scalars(query).one()
