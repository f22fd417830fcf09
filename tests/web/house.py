"""Two federations with people for every role, and browsers that behave like browsers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.web import letters
from workflow_app.core import clock, vietnamese
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.engine import definitions, instances
from workflow_app.engine.models import HumanTask, TaskStatus
from workflow_app.organisations import service as organisations
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.types import Scope
from workflow_app.processes.registry import catalogue

SINCE = date(2018, 1, 1)
PASSWORD = "con tàu màu xanh 27"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_OP_ID = re.compile(r'name="op_id" value="([^"]+)"')


@dataclass
class House:
    """people: by role word; units: by name; instance_id, letter_id: one running letter of unit one."""

    people: dict[str, UUID] = field(default_factory=dict)
    units: dict[str, UUID] = field(default_factory=dict)
    seats: dict[str, UUID] = field(default_factory=dict)
    bloc_id: UUID | None = None

    def task(self, element: str = "draft") -> UUID:
        """The open task of that element."""
        with reading() as session:
            query = session.query(HumanTask.id).filter_by(element=element, status=TaskStatus.OPEN)
            return query.order_by(HumanTask.created_at.desc()).limit(1).one()[0]

    def letter(
        self, *, unit: str = "one", due: datetime | None = None, title: str = "Thư của đơn vị một"
    ) -> UUID:
        """Starts a letter; the unit's chair has to write it."""
        with transaction() as session:
            return start_letter(session, self, unit, due, title)


class Browser:
    """A client that keeps cookies, sends its forms' tokens, and follows nothing unasked."""

    def __init__(self, app: Flask, *, address: str = "10.0.0.1") -> None:
        self.client: FlaskClient = app.test_client()
        self.address = {"REMOTE_ADDR": address}
        self.page = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, environ_base=self.address, buffered=True, **options)
        if answer.mimetype == "text/html":
            self.page = answer.get_data(as_text=True)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Posts the data with the token and op_id of the page that was read last."""
        form = {"csrf_token": self.token(), **(data or {})}
        if (found := _OP_ID.search(self.page)) and "op_id" not in form:
            form["op_id"] = found[1]
        return self.send(path, form, **options)

    def sending(self, path: str) -> Callable[[dict[str, Any]], TestResponse]:
        """Posts from the page that was read last, again and again: the button pressed twice, the way back."""
        found = _OP_ID.search(self.page)
        hidden = {"csrf_token": self.token(), "op_id": found[1] if found else ""}
        return lambda data: self.send(path, {**hidden, **data})

    def send(self, path: str, data: dict[str, Any], **options: Any) -> TestResponse:
        """Posts exactly this."""
        answer = self.client.post(path, data=data, environ_base=self.address, **options)
        if answer.mimetype == "text/html":
            self.page = answer.get_data(as_text=True) or self.page
        return answer

    def token(self) -> str:
        found = _TOKEN.search(self.page)
        return found[1] if found else ""

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        return self.post("/login", {"username": name, "password": password})

    def cookie(self, name: str = "giao_uoc") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None


def found_house(session: Session) -> House:
    """An Giang with three units in bloc 04, Sóc Trăng with one; deploys the letter's diagram."""
    seed_reference(session)
    house = House()
    _unit(session, house, "federation", "Liên đoàn Lao động tỉnh An Giang", "LĐLĐ tỉnh An Giang", None)
    for word, name in (("one", "Sở Nội vụ"), ("two", "Sở Tư pháp"), ("three", "Sở Xây dựng")):
        _unit(session, house, word, f"Công đoàn cơ sở {name}", f"CĐCS {name}", "federation")
    _unit(session, house, "elsewhere", "Liên đoàn Lao động tỉnh Sóc Trăng", "LĐLĐ tỉnh Sóc Trăng", None)
    _unit(session, house, "far", "Công đoàn cơ sở Sở Y tế", "CĐCS Sở Y tế", "elsewhere")
    for who, name, unit, office in _PEOPLE:
        _person(session, house, who, name, unit, office)
    bloc = organisations.form_bloc(
        session,
        federation_id=house.units["federation"],
        code="04",
        name="Khối thi đua 04",
        symbol="KTĐ04",
        valid_from=SINCE,
    )
    house.bloc_id = bloc.id
    members = [house.units["two"], house.units["one"]]
    organisations.set_bloc_year(
        session, bloc.id, 2019, members=members, leader=house.units["two"], deputy=None, basis="QĐ 12"
    )
    definitions.deploy(session, letters.diagram(), by=None, at=clock.now(), known=catalogue())
    return house


_PEOPLE = (
    ("chair", "Trần Quốc Bảo", "one", "chair"),
    ("deputy", "Phạm Ngọc Diệp", "one", "vice_chair"),
    ("leader", "Nguyễn Thị Minh An", "two", "chair"),
    ("third", "Võ Minh Khôi", "three", "chair"),
    ("standing", "Lê Hoàng Sơn", "federation", "federation_vice_chair"),
    ("officer", "Lê Thị Thu Hà", "federation", "federation_officer"),
    ("clerk", "Bùi Hải Yến", "federation", "records_clerk"),
    ("admin", "Đặng Hoài Phương", "federation", "administrator"),
    ("author", "Mai Xuân Đức", "federation", "process_author"),
    ("author2", "Tô Kim Chi", "federation", "process_author"),
    ("auditor", "Dương Nhật Minh", "federation", "auditor"),
    ("stranger", "Lâm Quang Vinh", "far", "chair"),
    ("stranger_admin", "Hồ Gia Hân", "elsewhere", "administrator"),
)


def start_letter(session: Session, house: House, unit: str, due: datetime | None, title: str) -> UUID:
    scope = Scope(house.units["federation"], house.bloc_id, 2019, house.units[unit], house.units["two"], None)
    letter_id = new_id()
    data = {"letter_id": str(letter_id), "draft_due": vietnamese.iso_local(due) if due else None}
    started = instances.start(
        session,
        "letter",
        scope=scope,
        business_type="letter",
        business_id=letter_id,
        title=title,
        data=data,
        by=house.people["officer"],
        at=clock.now(),
    )
    return started.id


def _unit(session: Session, house: House, word: str, name: str, short: str, parent: str | None) -> None:
    kind = "grassroots_union" if parent else "federation"
    unit = organisations.found_unit(
        session,
        code=word.upper(),
        facts=organisations.UnitFacts(
            name, kind, short, "" if parent else "Tổng Liên đoàn Lao động Việt Nam"
        ),
        parent_id=house.units[parent] if parent else None,
        valid_from=SINCE,
    )
    house.units[word] = unit.id


def _person(session: Session, house: House, who: str, name: str, unit: str, office: str) -> None:
    person = organisations.add_person(session, full_name=name, phone="0296 3 000 111")
    seat = organisations.appoint(
        session, person_id=person.id, unit_id=house.units[unit], office_code=office, valid_from=SINCE
    )
    organisations.open_account(session, person.id, username=who, at=clock.now(), password=PASSWORD)
    house.people[who], house.seats[who] = person.id, seat.id
