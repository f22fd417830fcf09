"""Telling people in the transaction of the act; letters leave after its commit."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow_app.core import jobs
from workflow_app.core.ids import new_id
from workflow_app.notifications import mail
from workflow_app.notifications.models import Letter, LetterState, Notification
from workflow_app.organisations.models.people import Person

SEND = "notifications.send_letter"


def notify(
    session: Session,
    *,
    event_key: str | UUID,
    receivers: Iterable[UUID],
    sentence: str,
    target: str,
    at: datetime,
    subject: str | None = None,
) -> list[UUID]:
    """Tells each receiver once about one event; returns who had not been told yet.

    event_key: the audit event's id or a name of the occasion ("remind:<task>:2019-03-05").
    sentence: Vietnamese, complete. target: path of the page, from "/".
    subject: given = a letter goes too, to those with an address, if mail is configured.
    """
    wanted = sorted(set(receivers))  # one order for all: two acts cannot wait for each other's rows
    if not wanted:
        return []
    key = str(event_key)
    rows = [
        {
            "id": new_id(),
            "person_id": person_id,
            "event_key": key,
            "sentence": sentence,
            "target": target,
            "created_at": at,
        }
        for person_id in wanted
    ]
    statement = insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.person_id)
    told = list(session.scalars(statement))
    if subject and told:
        _write_letters(session, told, key, subject, sentence, target, at)
    return told


def inbox(
    session: Session,
    person_id: UUID,
    *,
    before: UUID | None = None,
    limit: int = 50,
    unread_only: bool = False,
) -> list[Notification]:
    """The person's notifications, newest first; before: the id of the last one of the page before."""
    query = sa.select(Notification).where(Notification.person_id == person_id)
    if before is not None:
        query = query.where(Notification.id < before)
    if unread_only:
        query = query.where(Notification.read_at.is_(None))
    return list(session.scalars(query.order_by(Notification.id.desc()).limit(limit)))


def unread_count(session: Session, person_id: UUID) -> int:
    query = sa.select(sa.func.count()).where(
        Notification.person_id == person_id, Notification.read_at.is_(None)
    )
    return session.scalar(query) or 0


def mark_read(session: Session, person_id: UUID, ids: Iterable[UUID] | None, *, at: datetime) -> int:
    """Marks the person's own notifications as read (None = all); returns how many were unread."""
    change = sa.update(Notification).where(
        Notification.person_id == person_id, Notification.read_at.is_(None)
    )
    if ids is not None:
        change = change.where(Notification.id.in_(list(ids)))
    return len(session.scalars(change.values(read_at=at).returning(Notification.id)).all())


def _write_letters(
    session: Session, told: list[UUID], key: str, subject: str, sentence: str, target: str, at: datetime
) -> None:
    post = mail.post()
    if post is None:
        return
    body = f"{sentence}\n\nMở tại: {post.base_url}{target}\n\nThư tự động của hệ thống Giao Ước, xin không trả lời."
    people = session.execute(
        sa.select(Person.id, Person.email).where(Person.id.in_(told), Person.email != "")
    )
    for person_id, address in people.all():
        letter = Letter(
            person_id=person_id, event_key=key, address=address, subject=subject, body=body, created_at=at
        )
        letter.state = LetterState.WAITING
        session.add(letter)
        session.flush()
        jobs.defer(session, SEND, queue="mail", letter_id=str(letter.id))
