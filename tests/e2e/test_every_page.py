"""Every page of the application under axe and our own rules: light and dark, desk and phone.

The addresses come from the route map: a page that nobody entered here fails the test.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

import bpmn
from tests.e2e.audit import Links, audit
from tests.e2e.people import People
from tests.e2e.product import Product
from tests.e2e.town import Town
from tests.processes.dossiers.office import KEY, Office
from tests.processes.pledges import texts, way
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.documents import bookkeeping, templates
from workflow_app.documents.models import Document, RegisterBook
from workflow_app.engine import definitions, incidents
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import Trouble
from workflow_app.engine.locking import lock
from workflow_app.engine.models import IncidentKind
from workflow_app.organisations.models.people import Appointment
from workflow_app.processes.registry import catalogue

UNITS = 3
REMARK = {"verdict": "comment", "points": [{"ref": "target:party", "text": "Hạ xuống 01 đoàn viên"}]}
REASON = "Chỉ tiêu cao hơn khả năng của đơn vị"

# Who opens which page, and what follows the path of the route. "nobody" has not signed in.
PAGES: dict[str, list[tuple[str, str]]] = {
    "account.list_tokens": [("chair3", ""), ("officer", "")],
    "account.security": [("chair3", "")],
    "account.sessions": [("chair3", "")],
    "account.show": [("chair3", "")],
    "accounts.index": [("admin", ""), ("admin", "?q=khong+ai")],
    "accounts.show": [("admin", "")],
    "administration.appointment_form": [("admin", "")],
    "administration.ending_form": [("admin", "")],
    "blocs.ending_form": [("officer", "")],
    "blocs.history": [("chair3", "")],
    "blocs.index": [("officer", "")],
    "blocs.list_form": [("officer", "")],
    "blocs.name_form": [("officer", "")],
    "blocs.new": [("officer", "")],
    "blocs.show": [("chair3", ""), ("admin", "")],
    "calendars.show": [("admin", ""), ("admin", "?day=2019-04-29")],
    "definitions.index": [("author", "")],
    "definitions.show": [("author", "")],
    "documents.compare": [("chair3", "?old=1&new={newest}")],
    "documents.index": [("chair3", ""), ("chair3", "?q=không+có")],
    "documents.show": [("chair3", ""), ("clerk", "?version=1")],
    "dossiers.cancellation": [("chair1", "")],
    "dossiers.index": [("chair1", ""), ("chair1", "?q=không+có"), ("chair3", "")],
    "dossiers.new": [("chair1", ""), ("clerk", "")],
    "dossiers.show": [("chair1", ""), ("officer", "")],
    "dossiers.start_form": [("chair1", "")],
    "handover.show": [("chair3", "")],
    "history.index": [("auditor", "")],
    "history.of_document": [("chair3", "")],
    "history.of_instance": [("chair3", "")],
    "history.of_person": [("auditor", "")],
    "inbox.show": [("chair3", ""), ("chair2", ""), ("chair1", "?tab=waiting"), ("chair1", "?tab=done"), ("chair3", "?due=overdue")],
    "instances.show": [("chair3", "")],
    "login.show": [("nobody", "")],
    "operated.index": [("admin", ""), ("admin", "?state=cancelled")],
    "operated.migration_form": [("admin", "")],
    "operated.show": [("admin", "")],
    "operations.incident": [("admin", "")],
    "operations.index": [("admin", "")],
    "people.delegation_form": [("chair3", "")],
    "people.index": [("admin", ""), ("chair3", "?q=khong")],
    "people.show": [("admin", ""), ("chair3", "")],
    "pledges.cancellation": [("officer", "")],
    "pledges.closure": [("chair1", "")],
    "pledges.extension": [("chair1", "")],
    "pledges.index": [("officer", ""), ("officer", "?q=không+có"), ("chair3", "")],
    "pledges.new": [("officer", "")],
    "pledges.readmission": [("chair1", "")],
    "pledges.show": [("chair1", ""), ("chair3", ""), ("officer", "")],
    "preferences.show": [("nobody", ""), ("chair3", "")],
    "registers.giving_up": [("clerk", "")],
    "registers.index": [("clerk", "")],
    "registers.reservation": [("clerk", "")],
    "registers.show": [("clerk", "")],
    "registers.writing": [("clerk", "")],
    "reorganisations.show": [("admin", "")],
    "settings.index": [("admin", "")],
    "settings.show": [("admin", "")],
    "tasks.show": [("chair3", "")],
    "templates.index": [("author", "")],
    "templates.show": [("admin", ""), ("author", "")],
    "units.facts_form": [("admin", "")],
    "units.index": [("officer", ""), ("chair3", "?q=so")],
    "units.new": [("admin", "")],
    "units.show": [("chair3", ""), ("admin", "")],
    "verify.show": [("nobody", ""), ("nobody", "?code=ffffffff"), ("nobody", "?code={issued}")],
}  # fmt: skip

# Answers that are no pages of their own: files, data, and ways to another page.
NO_PAGES = {
    "calendars.index",
    "definitions.example",
    "definitions.xml",
    "documents.issued_word",
    "documents.pdf",
    "documents.word",
    "health.alive",
    "health.ready",
    "history.export",
    "inbox.count",
    "instances.marks",
    "instances.xml",
    "openapi.spec",
    "people.me",
    "registers.excel",
    "registers.word",
    "setup.show",  # open only while nobody has an account: test_first_start.py looks at it
    "tasks.following",
    "templates.pages",  # LibreOffice is not asked for here
    "templates.picture",
    "templates.sample",
    "templates.word",
    "units.mine",
}
REFUSED = {("nobody", "/khong-co-trang-nay"), ("chair2", "/khong-co-trang-nay"), ("chair2", "/definitions")}


def test_every_route_is_known_here(product: Product) -> None:
    unknown = sorted(_endpoints(product.app) - set(PAGES) - NO_PAGES)
    assert not unknown, f"say in PAGES who opens {', '.join(unknown)}, or name it in NO_PAGES"
    gone = sorted((set(PAGES) | NO_PAGES) - _endpoints(product.app))
    assert not gone, f"no route any more: {', '.join(gone)}"


@pytest.mark.parametrize("units", [UNITS])
def test_every_page_keeps_the_rules(people: People, town: Town, product: Product) -> None:
    values = signing_round(town, product)
    found, links = {}, Links()
    for who, address in _addresses(product.app, values):
        page = people.at_hand(who)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status in {200, 404 if "ffffffff" in address else 200}, (
            f"{who} {address}: {answer.status}"
        )
        found[f"{who} {address}"] = audit(page) + links.dead(page)
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_refusals_keep_the_rules(people: People, town: Town) -> None:
    found = {}
    for who, address in REFUSED:
        page = people.at_hand(who)
        page.goto(address)
        found[f"{who} {address}"] = audit(page)
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_every_task_and_the_pledge_at_every_step_keep_the_rules(
    people: People, town: Town, product: Product
) -> None:
    looked = Looked(people, town)
    town.open()
    looked.at("draft", "chair1")
    town.complete("chair1", "draft", texts.text())
    looked.at("comment", "chair2", town.unit_ids[1])
    town.complete("chair2", "comment", REMARK, unit_id=town.unit_ids[1])
    town.complete("chair1", "comment", {"verdict": "agree"}, unit_id=town.unit_ids[0])
    looked.at("consolidate", "chair1")
    town.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    looked.at("approve", "standing")
    town.complete("standing", "approve", {"verdict": "approve"})
    looked.at("invite", "chair1")
    town.complete("chair1", "invite", texts.invitation())
    product.clock.set(way.CONFERENCE)
    people.forget()
    looked.at("conference", "chair1")
    town.complete("chair1", "conference", texts.minutes(town.unit_ids))
    way.sign(town, 1)
    looked.at("sign", "chair2", town.unit_ids[1])
    refuse(town, 2)
    looked.at("settle", "chair1")
    town.complete("chair1", "settle", {"settlement": "invite_again", "reply": "Mức chung của khối"})
    way.sign(town, 2)
    looked.at("witness", "standing")
    content_id = town.pledge().frozen_content_id or ""
    town.complete("standing", "witness", texts.witness(content_id))
    looked.at("issue", "clerk")
    town.complete("clerk", "issue", {"recipients": "Ban Tuyên giáo"})
    looked.pledge("chair2")
    assert {name: faults for name, faults in looked.found.items() if faults} == {}


class Looked:
    """Looks at a task's page, and at the pledge meanwhile; keeps what was wrong."""

    def __init__(self, people: People, town: Town) -> None:
        self.people, self.town = people, town
        self.found: dict[str, list[str]] = {}
        self.links = Links()

    def at(self, element: str, who: str, unit_id: UUID | None = None) -> None:
        page = self.people.at_hand(who)
        page.goto(f"/tasks/{self.town.task(element, unit_id)}")
        self.found[element] = audit(page) + self.links.dead(page)
        self.pledge(who)

    def pledge(self, who: str) -> None:
        page = self.people.at_hand(who)
        page.goto(f"/pledges/{self.town.pledge_id}")
        name = f"pledge for {who}, {self.town.pledge().state}"
        self.found[name] = audit(page) + self.links.dead(page)


def signing_round(town: Town, product: Product) -> Mapping[str, str]:
    """Unit 1 has signed, unit 2 refused for good, unit 3 is asked; returns the values of the routes."""
    town.open()
    town.sign_from(product.clock)
    way.sign(town, 1)
    refuse(town, 2)
    town.complete("chair1", "settle", {"settlement": "record", "reply": "Ghi nhận"})
    newer, incident = trouble_and_newer_version(town)
    with transaction() as session:
        book_id = session.scalars(select(RegisterBook.id)).one()
        kept = bookkeeping.reserve(
            session, town.actor("clerk"), book_id, kind="BC", subject="Báo cáo", on=clock.today(), op_id=new_id(), at=clock.now()
        ).id  # fmt: skip
    office = Office(town.federation_id, town.bloc_id, town.unit_ids, town.people)
    definition_id = office.deploy(by="author", check="admin")
    dossier_id = office.start("chair1")
    with reading() as session:
        pledge = town.pledge()
        minutes = session.scalars(select(Document.id).where(Document.kind == "BB")).one()
        values: dict[str, Any] = {
            "appointment_id": session.scalars(select(Appointment.id).where(Appointment.person_id == town.people["chair2"])).one(),
            "bloc_id": town.bloc_id,
            "book_id": book_id,
            "entry_id": kept,
            "business_id": town.pledge_id,
            "definition_id": newer,
            "incident_id": incident,
            "definitions.definition_id": definition_id,
            "dossiers.business_id": dossier_id,
            "dossiers.key": KEY,
            "template_id": templates.versions(session, f"{KEY}.quyet_dinh")[0].id,
            "document_id": pledge.document_id,
            "newest": session.get_one(Document, pledge.document_id).versions[-1].number,
            "instance_id": pledge.instance_id,
            "person_id": town.people["chair3"],
            "task_id": town.task("sign", town.unit_ids[2]),
            "unit_id": town.unit_ids[1],
            "year": 2019,
            "key": "legal_bases",
            "issued": session.get_one(Document, minutes).versions[-1].content_id[:8],
        }  # fmt: skip
    return {name: str(value) for name, value in values.items()}


def trouble_and_newer_version(town: Town) -> tuple[UUID, UUID]:
    """A newer version of the pledge's diagram, and an open incident in the pledge."""
    xml = bpmn.diagram("pledge")
    with transaction() as session:
        changed = xml.replace(b"</bpmn:definitions>", b"<!-- newer -->\n</bpmn:definitions>")
        newer = definitions.deploy(session, changed, by=None, at=clock.now(), known=catalogue())
        instance = lock(session, town.pledge().instance_id or UUID(int=0))
        trouble = Trouble(instance.id, IncidentKind.SERVICE_TASK, new_id(), "sign_all")
        return newer.id, incidents.open_locked(session, instance, trouble, StepFailed("x"), at=clock.now())


def refuse(town: Town, number: int) -> None:
    content_id = town.pledge().frozen_content_id or ""
    values = {"result": "refused", "content_id": content_id, "reason": REASON}
    town.complete(f"chair{number}", "sign", values, unit_id=town.unit_ids[number - 1])


def _endpoints(app: Flask) -> set[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = [rule for rule in rules if not rule.endpoint.startswith("api_")]  # the API answers programs
    return {rule.endpoint for rule in pages} - {"assets.dist"}


def _addresses(app: Flask, values: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for rule in app.url_map.iter_rules():
        for who, rest in PAGES.get(rule.endpoint, ()):
            if "GET" in (rule.methods or ()):
                path = str(rule)
                for name in rule.arguments:
                    value = values.get(f"{rule.endpoint.partition('.')[0]}.{name}") or values[name]
                    for converter in ("uuid:", "int:", ""):
                        path = path.replace(f"<{converter}{name}>", value)
                found.append((who, path + rest.format(**values)))
    return found
