"""Dossiers and what was filled in; the forms and Word templates that versions of diagrams came with."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow_app.core.database import RUNTIME_ROLE, Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.organisations.types import Capacity, Scope
from workflow_app.processes.dossiers.errors import DossierClosed


class DossierState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Dossier(Base):
    """One approval (hồ sơ) that runs on a diagram which was deployed on the screen.

    definition_id: the version it was opened on; where its instance goes over to another one, the instance decides,
    see `service.brought.version_of`. Its scope is that of its instance.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("title <> ''", name="title"),
        Index("ix_dossier_federation", "federation_id", "opened_at"),
        Index("ix_dossier_unit", "unit_id", "opened_at"),
        Index("ix_dossier_definition", "definition_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    process_key: Mapped[str]
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_instance.id"))
    title: Mapped[str]
    state: Mapped[DossierState] = enum_column(DossierState, default=DossierState.OPEN)
    federation_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    bloc_id: Mapped[UUID | None] = mapped_column(ForeignKey("bloc.id"))
    year: Mapped[int]
    leader_unit_id: Mapped[UUID | None]
    deputy_unit_id: Mapped[UUID | None]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[UtcTime]
    ended_at: Mapped[UtcTime | None]
    parts: Mapped[list["DossierPart"]] = relationship(order_by="DossierPart.number")

    @property
    def scope(self) -> Scope:
        """Which unit stands behind each role."""
        return Scope(
            federation_id=self.federation_id,
            bloc_id=self.bloc_id,
            year=self.year,
            unit_id=self.unit_id,
            leader_unit_id=self.leader_unit_id,
            deputy_unit_id=self.deputy_unit_id,
        )

    def end(self, state: DossierState, at: Any) -> None:
        """Raises DossierClosed."""
        self.require_open()
        self.state, self.ended_at = state, at

    def require_open(self) -> None:
        """Raises DossierClosed."""
        if self.state is not DossierState.OPEN:
            raise DossierClosed(f"dossier {self.id} is {self.state}", ended_at=self.ended_at)


class DossierPart(Base):
    """One filled form of a dossier (phần hồ sơ): never changed, a form filled again is a further part.

    answers: by name of field, as `form_schemas.values.kept` writes them.
    The office is copied: it must read the same in documents after the person's term.
    """

    __tablename__ = "dossier_part"
    __table_args__ = (UniqueConstraint("dossier_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    number: Mapped[int]
    form_key: Mapped[str]
    element: Mapped[str]
    task_id: Mapped[UUID] = mapped_column(unique=True)
    answers: Mapped[dict[str, Any]]
    filled_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    filled_at: Mapped[UtcTime]
    full_name: Mapped[str]
    office: Mapped[str]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str]
    capacity: Mapped[Capacity] = enum_column(Capacity)
    body: Mapped[str]
    principal_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    principal_title: Mapped[str | None]


class DossierPaper(Base):
    """Which document of a dossier is made from which template."""

    __tablename__ = "dossier_paper"
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    template_key: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), unique=True)


class DefinitionForm(Base):
    """A form that a version of a diagram brought along (biểu mẫu); source: its JSON, fields in their order."""

    __tablename__ = "definition_form"
    __table_args__ = (UniqueConstraint("definition_id", "position"),)
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    source: Mapped[str]


class DefinitionTemplate(Base):
    """The version of a Word template with which a version of a diagram was checked."""

    __tablename__ = "definition_template"
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("document_template.id"), index=True)


for _table in ("dossier_part", "definition_form", "definition_template"):
    # What was filled in, and what a running dossier rests on, is added to and never rewritten.
    _ddl = DDL(f"REVOKE UPDATE, DELETE ON {_table} FROM {RUNTIME_ROLE}")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    event.listen(Base.metadata.tables[_table], "after_create", _ddl)
