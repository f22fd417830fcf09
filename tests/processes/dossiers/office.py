"""What an office has to draw a process of its own: the example's files, two authors, quick ways to any step."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
import document_templates
from tests.processes.pledges.world import SINCE, World
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.engine.models import ProcessDefinition
from workflow_app.organisations import service as organisations
from workflow_app.processes import deployment
from workflow_app.processes.dossiers.handlers.opening import open_dossier
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.process import Package

KEY = "ho_tro_kho_khan"
_PEOPLE = (
    ("author", "Mai Xuân Đức", "process_author"),
    ("author2", "Tô Kim Chi", "process_author"),
    ("admin", "Đặng Văn Quản", "administrator"),
)
REQUEST: dict[str, Any] = {
    "doan_vien": "Nguyễn Văn Bình",
    "hoan_canh": "thien_tai",
    "trinh_bay": "Nhà bị sập do bão, thiệt hại khoảng 40 triệu đồng.",
    "tu_ngay": "2019-02-12",
    "so_tien": 5_000_000,
    "giay_to": [{"ten": "Giấy xác nhận của xã", "ngay": "2019-02-14"}],
}


class Office(World):
    """A world whose authors bring processes along."""

    def deploy(self, package: Package | None = None, *, by: str = "author", check: str = "author2") -> UUID:
        """Brings a package, the example by default, and puts it into force; returns the version's id."""
        with transaction() as session:
            made = deployment.deploy(
                session, package or example(), actor=ActorRef(self.people[by]), at=clock.now()
            )
            definition_id = made.id
        with transaction() as session:
            deployment.activate(session, definition_id, actor=ActorRef(self.people[check]), at=clock.now())
        return definition_id

    def start(self, who: str = "chair1", *, key: str = KEY, title: str = "", **chosen: UUID) -> UUID:
        actor = self.actor(who)
        with transaction() as session:
            dossier = open_dossier(
                session,
                actor,
                key,
                title=title,
                unit_id=chosen.get("unit_id"),
                bloc_id=chosen.get("bloc_id"),
                op_id=new_id(),
                at=clock.now(),
            )
            made = dossier.id
        jobs.run_until_idle()
        return made

    def dossier(self, dossier_id: UUID) -> Dossier:
        with reading() as session:
            return session.get_one(Dossier, dossier_id)

    def versions(self, key: str = KEY) -> list[ProcessDefinition]:
        with reading() as session:
            query = select(ProcessDefinition).where(ProcessDefinition.key == key)
            return list(session.scalars(query.order_by(ProcessDefinition.version)))


def add_authors(session: Session, world: World) -> None:
    for who, name, office in _PEOPLE:
        person = organisations.add_person(session, full_name=name)
        organisations.appoint(
            session, person_id=person.id, unit_id=world.federation_id, office_code=office, valid_from=SINCE
        )
        organisations.open_account(session, person.id, username=who, at=clock.now())
        world.people[who] = person.id


def example() -> Package:
    """The example that the product brings along."""
    files = bpmn.example_files() | document_templates.example_files()
    return Package(
        files[f"{KEY}.bpmn"],
        {name.removesuffix(".json"): data for name, data in files.items() if name.endswith(".json")},
        {name.removesuffix(".docx"): data for name, data in files.items() if name.endswith(".docx")},
    )


def form_of(package: Package, key: str) -> dict[str, Any]:
    source: dict[str, Any] = json.loads(package.forms[key])
    return source


def with_form(package: Package, key: str, source: Mapping[str, Any] | bytes) -> Package:
    data = source if isinstance(source, bytes) else json.dumps(source, ensure_ascii=False).encode()
    return Package(package.xml, {**package.forms, key: data}, package.templates)


def with_xml(package: Package, old: str, new: str) -> Package:
    """The diagram with one text put in the place of another, which must be there."""
    assert old.encode() in package.xml, old
    return Package(package.xml.replace(old.encode(), new.encode()), package.forms, package.templates)


def posted(package: Package) -> dict[str, Any]:
    """The package as the page's form sends it."""
    return {
        "diagram": (io.BytesIO(package.xml), f"{KEY}.bpmn"),
        "forms": [(io.BytesIO(data), f"{key}.json") for key, data in package.forms.items()],
        "templates": [(io.BytesIO(data), f"{key}.docx") for key, data in package.templates.items()],
    }


def words_of(docx: bytes) -> str:
    """The text of a Word file, runs joined."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        paragraphs = package.read("word/document.xml").decode().split("</w:p>")
    return "\n".join(re.sub(r"<[^>]+>", "", each) for each in paragraphs)
