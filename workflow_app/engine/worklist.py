"""Lists of work: every query walks an index in list order and stops after one page, whatever the table's size."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from workflow_app.organisations.types import Pair

MANY = 1_000  # counts stop here: a page shows "999+"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: the last row's place and id."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One human task in a list. outcome, ended_at: only for what is done. place: for the cursor."""

    id: UUID
    instance_id: UUID
    element: str
    name: str
    act: str | None
    role: str
    unit_id: UUID
    form_key: str
    assignee_id: UUID | None
    due_at: datetime | None
    soft_due_at: datetime | None
    created_at: datetime
    process_key: str
    business_type: str
    business_id: UUID
    title: str
    bloc_id: UUID | None
    year: int | None
    place: datetime
    ended_at: datetime | None = None
    outcome: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An instance that waits for somebody else; the task that waits longest, and how many there are."""

    instance_id: UUID
    process_key: str
    business_type: str
    business_id: UUID
    title: str
    started_at: datetime
    open_tasks: int
    name: str
    role: str
    unit_id: UUID
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers for the navigation, each up to MANY: open tasks, those past their deadline, those near it."""

    open: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and where the next page begins; None after the last one."""

    rows: tuple[WorkRow, ...]
    after: Cursor | None


_COLUMNS = """
    t.id, t.instance_id, t.element, t.name, t.act, t.role, t.unit_id, t.form_key, t.assignee_id, t.due_at,
    t.soft_due_at, t.created_at, i.process_key, i.business_type, i.business_id, i.title, i.bloc_id, i.year
"""

# One index walk per office, each stopped after one page: `IN (pairs) ORDER BY` would read them whole and sort.
_MINE = """
    SELECT t.* FROM unnest(CAST(:roles AS text[]), CAST(:units AS uuid[])) AS p(role, unit_id)
    CROSS JOIN LATERAL (
        SELECT * FROM human_task h
        WHERE h.status = 'open' AND h.role = p.role AND h.unit_id = p.unit_id {after}
        ORDER BY h.order_at, h.id LIMIT :limit) t
    UNION ALL
    (SELECT * FROM human_task h
     WHERE h.status = 'open' AND h.assignee_id = :person AND h.assignee_id IS NOT NULL {after}
       AND NOT EXISTS (SELECT FROM unnest(CAST(:roles AS text[]), CAST(:units AS uuid[])) AS q(role, unit_id)
                       WHERE q.role = h.role AND q.unit_id = h.unit_id)
     ORDER BY h.order_at, h.id LIMIT :limit)
"""
_AFTER = "AND (h.order_at, h.id) > (:at, :id)"

_OPEN = f"""
SELECT {_COLUMNS}, t.order_at AS place FROM (
    SELECT * FROM ({{mine}}) m ORDER BY m.order_at, m.id LIMIT :limit) t
JOIN process_instance i ON i.id = t.instance_id
ORDER BY t.order_at, t.id
"""  # noqa: S608 - constants only; values are bound

_DONE = f"""
SELECT {_COLUMNS}, t.ended_at AS place, t.ended_at, t.outcome FROM (
    SELECT * FROM human_task h WHERE h.status = 'completed' AND h.completed_by = :person {{after}}
    ORDER BY h.ended_at DESC, h.id DESC LIMIT :limit) t
JOIN process_instance i ON i.id = t.instance_id
ORDER BY t.ended_at DESC, t.id DESC
"""  # noqa: S608 - constants only; values are bound

_OF_BUSINESS = f"""
SELECT {_COLUMNS}, t.order_at AS place FROM process_instance i
JOIN human_task t ON t.instance_id = i.id AND t.status IN ('open', 'suspended')
WHERE i.business_type = :type AND i.business_id = :business AND i.status IN ('running', 'suspended')
ORDER BY t.created_at, t.id LIMIT :limit
"""  # noqa: S608 - constants only; values are bound

_COUNTS = f"""
SELECT count(*), count(*) FILTER (WHERE due_at < :now),
       count(*) FILTER (WHERE due_at >= :now AND due_at < :soon)
FROM (SELECT * FROM ({_MINE.format(after="")}) m LIMIT :limit) t
"""  # noqa: S608 - constants only; values are bound

# What a person has a part in: running roots that he started, and the roots of tasks that he completed.
_WAITING = """
WITH mine AS (
    (SELECT id FROM process_instance
     WHERE started_by = :person AND status IN ('running', 'suspended') AND parent_id IS NULL
     ORDER BY started_at DESC LIMIT :most)
    UNION
    (SELECT i.root_id FROM (
         SELECT instance_id FROM human_task WHERE status = 'completed' AND completed_by = :person
         ORDER BY ended_at DESC, id DESC LIMIT :most) t
     JOIN process_instance i ON i.id = t.instance_id))
SELECT r.id, r.process_key, r.business_type, r.business_id, r.title, r.started_at,
       w.open_tasks, w.name, w.role, w.unit_id, w.created_at, w.due_at
FROM mine
CROSS JOIN LATERAL (  -- LIMIT keeps the planner from reading all instances to find these few
    SELECT * FROM process_instance i WHERE i.id = mine.id AND i.status IN ('running', 'suspended') LIMIT 1) r
CROSS JOIN LATERAL (
    SELECT t.name, t.role, t.unit_id, t.created_at, t.due_at, count(*) OVER () AS open_tasks
    FROM process_instance c JOIN human_task t ON t.instance_id = c.id AND t.status IN ('open', 'suspended')
    WHERE c.root_id = r.id AND c.status IN ('running', 'suspended')
      AND t.assignee_id IS DISTINCT FROM :person
      AND NOT EXISTS (SELECT FROM unnest(CAST(:roles AS text[]), CAST(:units AS uuid[])) AS q(role, unit_id)
                      WHERE q.role = t.role AND q.unit_id = t.unit_id)
    ORDER BY t.created_at, t.id LIMIT 1) w
ORDER BY w.created_at, r.id LIMIT :limit
"""
_MOST = 300  # the latest acts of a person that are looked at: several years of a chair's work


def open_for(
    session: Session,
    pairs: Collection[Pair],
    person_id: UUID,
    *,
    limit: int = 50,
    after: Cursor | None = None,
) -> Page:
    """Open tasks of these offices, and those handed to the person: by deadline, then oldest first.

    Tasks that a colleague has claimed are among them (assignee_id), so that nothing is hidden while he is away.
    """
    condition = _AFTER if after else ""
    statement = _OPEN.format(mine=_MINE.format(after=condition))
    rows = session.execute(text(statement), _bind(pairs, person_id, limit=limit + 1, after=after)).all()
    return _page(rows, limit)


def done_by(session: Session, person_id: UUID, *, limit: int = 50, after: Cursor | None = None) -> Page:
    """Tasks that the person completed, latest first."""
    condition = "AND (h.ended_at, h.id) < (:at, :id)" if after else ""
    bound = {"person": person_id, "limit": limit + 1, **_cursor(after)}
    return _page(session.execute(text(_DONE.format(after=condition)), bound).all(), limit)


def open_of(session: Session, business_type: str, business_id: UUID, *, limit: int = 500) -> list[WorkRow]:
    """Every open task of one domain row, children's included, oldest first: whose turn it is."""
    bound = {"type": business_type, "business": business_id, "limit": limit}
    return [WorkRow(**row._mapping) for row in session.execute(text(_OF_BUSINESS), bound)]


def waiting_for_others(
    session: Session, pairs: Collection[Pair], person_id: UUID, *, limit: int = 50
) -> list[WaitingRow]:
    """Running instances in which the person had a part and somebody else has to act now; longest wait first."""
    bound = {**_bind(pairs, person_id, limit=limit), "most": _MOST}
    return [WaitingRow(*row) for row in session.execute(text(_WAITING), bound)]


def counts(
    session: Session, pairs: Collection[Pair], person_id: UUID, *, now: datetime, soon: datetime
) -> Counts:
    """How many open tasks, how many past `now`, how many due before `soon`: one query."""
    bound = {**_bind(pairs, person_id, limit=MANY), "now": now, "soon": soon}
    return Counts(*session.execute(text(_COUNTS), bound).one())


def _bind(
    pairs: Collection[Pair], person_id: UUID, *, limit: int, after: Cursor | None = None
) -> dict[str, Any]:
    ordered = sorted(pairs)
    return {
        "roles": [role for role, _ in ordered],
        "units": [unit_id for _, unit_id in ordered],
        "person": person_id,
        "limit": limit,
        **_cursor(after),
    }


def _cursor(after: Cursor | None) -> dict[str, Any]:
    return {"at": after.at, "id": after.id} if after else {}


def _page(rows: Collection[Row[Any]], limit: int) -> Page:
    found = [WorkRow(**row._mapping) for row in rows]
    shown = tuple(found[:limit])
    after = Cursor(shown[-1].place, shown[-1].id) if len(found) > limit else None
    return Page(shown, after)
