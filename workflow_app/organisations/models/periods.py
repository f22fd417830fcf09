"""The shape of every dated row."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, and_, or_
from sqlalchemy.orm import Mapped, mapped_column


class Dated:
    """valid_from: the first day; valid_to: the first day on which it no longer holds, NULL = open."""

    valid_from: Mapped[date] = mapped_column()
    valid_to: Mapped[date | None] = mapped_column()

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def period_check() -> CheckConstraint:
    """Each dated table puts this into its __table_args__."""
    return CheckConstraint("valid_from < valid_to", name="period")


def holds_on(model: Any, day: date) -> ColumnElement[bool]:
    """The SQL twin of `Dated.holds_on`."""
    return and_(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day))
