"""Pledges over REST: the list, one pledge with its units and targets, opening a year."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import exists, or_, select

from workflow_app.audit import service as audit
from workflow_app.core import clock
from workflow_app.core.errors import Conflict
from workflow_app.organisations.authority import require_visible
from workflow_app.organisations.types import Actor
from workflow_app.processes.once import perform
from workflow_app.processes.pledges.handlers.opening import open_year
from workflow_app.processes.pledges.models import Pledge, PledgeUnit
from workflow_app.processes.pledges.service.dossier import dossier
from workflow_app.processes.request import actor, reader

API = APIBlueprint("api_pledges", __name__, tag="Giao ước", url_prefix="/api/v1/pledges")


class Shape(BaseModel):
    """Read from attributes of rows."""

    model_config = ConfigDict(from_attributes=True)


class PledgeRow(Shape):
    """A pledge in a list."""

    id: UUID
    title: str
    year: int
    state: str
    bloc_id: UUID
    federation_id: UUID
    round: int
    instance_id: UUID | None
    document_id: UUID | None
    frozen_content_id: str | None
    issued_at: datetime | None


class UnitRow(Shape):
    """One unit of a pledge: what it said, how it stands to the frozen text."""

    unit_id: UUID
    position: int
    name: str
    is_leader: bool
    is_deputy: bool
    comment_state: str
    sign_state: str
    sign_reason: str | None
    is_late: bool
    registered_values: dict[str, str]
    titles: list[str]
    works: list[str]
    monitored_id: UUID | None


class TargetRow(Shape):
    """One typed target."""

    key: str
    position: int
    sentence: str
    kind: str
    comparator: str
    value: Decimal | None
    measure: str
    scope: str
    condition: str
    due: date | None


class PledgeDetail(PledgeRow):
    """A pledge with its units and targets."""

    signing_order: str
    comment_due: date | None
    sign_due: date | None
    sign_hard_due: date | None
    units: list[UnitRow]
    targets: list[TargetRow]


class PledgeList(Shape):
    """Every pledge that the caller's offices see, newest year first."""

    items: list[PledgeRow]


class Opening(BaseModel):
    """Opening the year of a bloc; `op_id` makes a repeat harmless."""

    model_config = ConfigDict(extra="forbid")

    op_id: UUID
    bloc_id: UUID
    year: int = Field(ge=2000, le=2100)


@API.get("")
@API.output(PledgeList)
@API.doc(summary="Các giao ước thấy được", security="token")
def list_pledges() -> PledgeList:
    units = list(actor().unit_ids)
    mine = exists().where(PledgeUnit.pledge_id == Pledge.id, PledgeUnit.unit_id.in_(units))
    query = select(Pledge).where(or_(Pledge.federation_id.in_(units), mine))
    found = reader().scalars(query.order_by(Pledge.year.desc(), Pledge.id)).all()
    return PledgeList(items=[PledgeRow.model_validate(pledge) for pledge in found])


@API.get("/<uuid:pledge_id>")
@API.output(PledgeDetail)
@API.doc(summary="Một giao ước với đơn vị và chỉ tiêu", security="token")
def show_pledge(pledge_id: UUID) -> PledgeDetail:
    found = dossier(reader(), pledge_id)
    require_visible(actor(), found)
    return PledgeDetail.model_validate(found.pledge)


@API.post("")
@API.input(Opening)
@API.output(PledgeRow, status_code=201)
@API.doc(summary="Mở giao ước năm của một khối", security="token")
def open_pledge(json_data: Opening) -> PledgeRow:
    who, wanted = actor(), json_data
    pledge = perform(
        who,
        wanted.op_id,
        lambda session: open_year(
            session, who, wanted.bloc_id, wanted.year, op_id=wanted.op_id, at=clock.now()
        ),
    )
    return PledgeRow.model_validate(pledge or _opened_before(who, wanted.op_id))


def _opened_before(who: Actor, op_id: UUID) -> Pledge:
    """The pledge that the same program opened under this id; raises Conflict when the id was another act's."""
    event = audit.repeat(reader(), who.person_id, op_id)
    if event is None or event.action != "pledge.opened":
        raise Conflict(f"op {op_id} was another act", vi="Mã op_id này đã dùng cho một việc khác.")
    return reader().get_one(Pledge, event.object_id)
