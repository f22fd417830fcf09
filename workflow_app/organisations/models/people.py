"""People, offices, terms in office and delegations."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, enum_column
from workflow_app.core.ids import new_id
from workflow_app.organisations.models.periods import Dated, period_check
from workflow_app.organisations.types import Capacity


class Gender(StrEnum):
    """For the form of address (ông, bà); may be unknown."""

    FEMALE = "female"
    MALE = "male"


class Person(Base):
    """A human being; what he may do comes from his appointments."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_sort_key", "sort_key", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    full_name: Mapped[str]
    fold: Mapped[str]
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    gender: Mapped[Gender | None] = enum_column(Gender, nullable=True)
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")


class Office(Dated, Base):
    """An office (chức vụ) as reference data: its title, the roles it gives, how its holder signs.

    body: the collective on whose behalf he signs (TM.), upper case as printed.
    """

    __tablename__ = "office"
    __table_args__ = (period_check(),)
    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sign_capacity: Mapped[Capacity] = enum_column(Capacity, default=Capacity.DIRECT)
    body: Mapped[str] = mapped_column(default="")
    rank: Mapped[int] = mapped_column(default=100)  # order in lists: the chair first


class Appointment(Dated, Base):
    """A person in an office of a unit for a time (giữ chức vụ theo nhiệm kỳ)."""

    __tablename__ = "appointment"
    __table_args__ = (
        period_check(),
        Index("ix_appointment_person", "person_id"),
        Index("ix_appointment_unit", "unit_id", "office_code"),
        Index("ix_appointment_ending", "valid_to", postgresql_where="valid_to IS NOT NULL"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    office_code: Mapped[str] = mapped_column(ForeignKey("office.code"))
    title: Mapped[str | None]  # when it differs from the office's
    basis: Mapped[str] = mapped_column(default="")
    end_basis: Mapped[str] = mapped_column(default="")


class Delegation(Dated, Base):
    """A delegation (giấy ủy quyền, phân công ký thay): some acts of one appointment, for a time.

    It falls with the principal's term, and with the delegate's own when that one is named.
    scope: acts such as {"sign", "comment"}; empty = all of them.
    revoked_on: the first day on which it no longer holds, when taken back early.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        period_check(),
        CheckConstraint("capacity <> 'TUQ.' OR basis_number <> ''", name="basis_of_delegation"),
        Index("ix_delegation_delegate", "delegate_person_id"),
        Index("ix_delegation_principal", "principal_appointment_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    principal_appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    delegate_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    delegate_appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    delegate_title: Mapped[str | None]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    capacity: Mapped[Capacity] = enum_column(Capacity, default=Capacity.FOR_HEAD)
    basis_number: Mapped[str] = mapped_column(default="")
    basis_date: Mapped[date | None]
    revoked_on: Mapped[date | None]
