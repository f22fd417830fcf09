"""Dossiers over REST: what can be opened, the list, one dossier with what was filled in, opening one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.processes.dossiers.handlers.opening import open_dossier, opened_before
from workflow_app.processes.dossiers.models import Dossier, DossierPaper
from workflow_app.processes.dossiers.service import opening
from workflow_app.processes.dossiers.service.access import dossier_of, visible_to
from workflow_app.processes.dossiers.service.parts import parts_of
from workflow_app.processes.once import perform
from workflow_app.processes.request import actor, reader

API = APIBlueprint("api_dossiers", __name__, tag="Hồ sơ theo quy trình riêng", url_prefix="/api/v1/dossiers")
_MOST = 200


class Shape(BaseModel):
    """Read from attributes of rows."""

    model_config = ConfigDict(from_attributes=True)


class DossierRow(Shape):
    """A dossier in a list."""

    id: UUID
    process_key: str
    title: str
    state: str
    federation_id: UUID
    unit_id: UUID | None
    bloc_id: UUID | None
    year: int
    instance_id: UUID | None
    opened_by: UUID
    opened_at: datetime
    ended_at: datetime | None


class PartRow(Shape):
    """One filled form; answers by name of field: numbers and dates as text."""

    number: int
    form_key: str
    element: str
    answers: dict[str, Any]
    filled_by: UUID
    filled_at: datetime


class DossierDetail(DossierRow):
    """A dossier with every filled form, oldest first, and its documents."""

    parts: list[PartRow] = []
    document_ids: list[UUID] = []


class DossierList(Shape):
    """Every dossier that the caller's offices see, newest first, at most 200."""

    items: list[DossierRow]


class OfferRow(Shape):
    """A process that the caller can start, and what it asks for."""

    key: str
    name: str
    needs_unit: bool
    needs_bloc: bool


class OfferList(Shape):
    items: list[OfferRow]


class Opening(BaseModel):
    """Opening a dossier; `op_id` makes a repeat harmless."""

    model_config = ConfigDict(extra="forbid")

    op_id: UUID
    process_key: str = Field(max_length=60)
    title: str = Field(default="", max_length=200)
    unit_id: UUID | None = None
    bloc_id: UUID | None = None


@API.get("")
@API.output(DossierList)
@API.doc(summary="Các hồ sơ thấy được", security="token")
def list_dossiers() -> DossierList:
    query = select(Dossier).where(visible_to(actor())).order_by(Dossier.opened_at.desc(), Dossier.id.desc())
    found = reader().scalars(query.limit(_MOST)).all()
    return DossierList(items=[DossierRow.model_validate(dossier) for dossier in found])


@API.get("/processes")
@API.output(OfferList)
@API.doc(summary="Các quy trình mở được", security="token")
def list_processes() -> OfferList:
    found = opening.offers(reader(), actor())
    return OfferList(
        items=[
            OfferRow(
                key=offer.drawn.key,
                name=offer.definition.name,
                needs_unit=offer.needs.unit,
                needs_bloc=offer.needs.bloc,
            )
            for offer in found
        ]
    )


@API.get("/<uuid:dossier_id>")
@API.output(DossierDetail)
@API.doc(summary="Một hồ sơ với các biểu mẫu đã gửi", security="token")
def show_dossier(dossier_id: UUID) -> DossierDetail:
    return _detail(reader(), dossier_of(reader(), dossier_id, actor()))


@API.post("")
@API.input(Opening)
@API.output(DossierRow, status_code=201)
@API.doc(summary="Mở hồ sơ", security="token")
def open_one(json_data: Opening) -> DossierRow:
    who, wanted = actor(), json_data
    made = perform(
        who,
        wanted.op_id,
        lambda session: open_dossier(
            session,
            who,
            wanted.process_key,
            title=wanted.title,
            unit_id=wanted.unit_id,
            bloc_id=wanted.bloc_id,
            op_id=wanted.op_id,
            at=clock.now(),
        ),
    )
    return DossierRow.model_validate(made or opened_before(reader(), who, wanted.op_id))


def _detail(session: Session, dossier: Dossier) -> DossierDetail:
    papers = select(DossierPaper.document_id).where(DossierPaper.dossier_id == dossier.id)
    return DossierDetail(
        **DossierRow.model_validate(dossier).model_dump(),
        parts=[PartRow.model_validate(part) for part in parts_of(session, dossier.id)],
        document_ids=list(session.scalars(papers)),
    )
