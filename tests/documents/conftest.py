"""Units, a store and documents for the tests of this package."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from storage.files import FileStore
from tests.documents.support import AT, sample, template
from workflow_app.core.ids import new_id
from workflow_app.documents import objects, service
from workflow_app.documents.models import Document, DocumentVersion
from workflow_app.documents.rendering import render
from workflow_app.organisations.models import Unit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    store = FileStore(tmp_path / "objects")
    objects.bind(store)
    yield store
    objects.bind(None)


@pytest.fixture
def unit(session: Session) -> Unit:
    unit = Unit(code=f"unit-{new_id()}")
    session.add(unit)
    session.flush()
    return unit


@dataclass
class Desk:
    """Makes documents of one unit."""

    session: Session
    unit: Unit
    person: UUID

    def document(self) -> Document:
        return service.create(
            self.session,
            kind="GƯ",
            title="Giao ước thi đua năm 2019",
            owner_type="pledge",
            owner_id=new_id(),
            issuing_unit_id=self.unit.id,
            federation_id=self.unit.id,
            by=self.person,
            at=AT,
        )

    def version(self, document: Document, **changes: object) -> DocumentVersion:
        data = sample("pledge") | changes
        used = template("pledge")
        rendered = render(used, data, at=AT)
        return service.add_version(
            self.session,
            document,
            rendered,
            service.put(rendered),
            template=used,
            data=data,
            by=self.person,
            at=AT,
        )


@pytest.fixture
def desk(session: Session, store: FileStore, unit: Unit) -> Desk:
    return Desk(session, unit, new_id())
