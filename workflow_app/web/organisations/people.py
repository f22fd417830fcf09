"""People: search, one person's offices and delegations."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import NotFound
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.trees import subtree_ids, units_at
from workflow_app.web.actors import current_actor, has_role
from workflow_app.web.context import here
from workflow_app.web.organisations.mandates import delegations_of
from workflow_app.web.reading import reader

bp = Blueprint("people", __name__, url_prefix="/people")

_SHOWN = 50


@bp.get("")
def index() -> ResponseReturnValue:
    """People with an office in the reader's federation today; each typed word begins a word of the name."""
    words = vietnamese.search_words(request.args.get("q", ""))[:8]
    after = request.args.get("after", "")
    rows, more = _found(reader(), words, after)
    return render_template(
        "people/index.html",
        rows=rows[:_SHOWN],
        query=request.args.get("q", "")[:100],
        next=url_for("people.index", q=request.args.get("q") or None, after=more) if more else "",
        first=url_for("people.index", q=request.args.get("q") or None) if after else "",
    )


@bp.get("/<uuid:person_id>")
def show(person_id: UUID) -> ResponseReturnValue:
    """Offices held and past, delegations given and received."""
    person = person_in_federation(person_id)
    terms = _terms(reader(), person_id)
    units = units_at(reader(), frozenset(term["row"].unit_id for term in terms), clock.today())
    return render_template(
        "people/show.html",
        person=person,
        terms=terms,
        units=units,
        delegations=delegations_of(reader(), person_id),
        today=clock.today(),
        own=person_id == current_actor().person_id,
        administrator=has_role(current_actor(), "administrator"),
        watcher=has_role(current_actor(), "auditor", "administrator"),
    )


@bp.get("/me")
def me() -> ResponseReturnValue:
    """The reader's own page."""
    return redirect(url_for("people.show", person_id=current_actor().person_id))


def person_in_federation(person_id: UUID) -> Person:
    """A person who has or had an office in the reader's federation; raises NotFound."""
    person = reader().get(Person, person_id)
    if person is None:
        raise NotFound(f"no person {person_id}")
    if person_id == current_actor().person_id:
        return person
    federation = here().federation_id
    if federation is not None:
        units = subtree_ids(federation, clock.today())
        held = (
            select(Appointment.id)
            .where(Appointment.person_id == person_id, Appointment.unit_id.in_(units))
            .limit(1)
        )
        if reader().scalar(held) is not None:
            return person
    raise NotFound(f"person {person_id} is foreign to person {current_actor().person_id}")


def _found(session: Session, words: tuple[str, ...], after: str) -> tuple[list[dict[str, Any]], str]:
    """One page of rows, and the key of the next one; empty on the last."""
    federation = here().federation_id
    if federation is None:
        return [], ""
    found = session.execute(_query(federation, words, after)).all()
    units = units_at(session, frozenset(row.unit_id for _person, row, _title in found), clock.today())
    rows = [
        {
            "href": url_for("people.show", person_id=person.id),
            "title": person.full_name,
            "lines": [
                " ".join([row.title or title, units[row.unit_id].short_name if row.unit_id in units else ""])
            ],
            "icon": "user",
            "aside": person.phone,
        }
        for person, row, title in found
    ]
    return rows, found[_SHOWN - 1][0].sort_key if len(found) > _SHOWN else ""


def _query(federation: UUID, words: tuple[str, ...], after: str) -> Select[Person, Appointment, str]:
    on = clock.today()
    query = (
        select(Person, Appointment, Office.title)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Office, Office.code == Appointment.office_code)
        .where(holds_on(Appointment, on), Appointment.unit_id.in_(subtree_ids(federation, on)))
        .order_by(Person.sort_key, Person.id, Office.rank)
        .limit(_SHOWN + 1)
    )
    for word in words:  # letters and digits only: nothing to escape
        query = query.where((Person.fold.like(f"{word}%")) | (Person.fold.like(f"% {word}%")))
    return query.where(Person.sort_key > after) if after else query


def _terms(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(Appointment, Office.title)
        .join(Office, Office.code == Appointment.office_code)
        .where(Appointment.person_id == person_id)
        .order_by(Appointment.valid_from.desc(), Appointment.id)
    )
    return [{"row": row, "title": row.title or title} for row, title in session.execute(query)]
