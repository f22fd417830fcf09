"""Telling people in the product."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.ids import new_id
from workflow_app.notifications import service
from workflow_app.notifications.models import Letter, Notification
from workflow_app.organisations.service import add_person

AT = datetime(2019, 3, 1, 5, tzinfo=UTC)


@pytest.fixture
def people(session: Session) -> list[UUID]:
    return [add_person(session, full_name=f"Người {n}", email=f"n{n}@example.vn").id for n in range(3)]


def _notify(session: Session, receivers: list[UUID], *, key: object = "e1", **given: str) -> list[UUID]:
    return service.notify(
        session,
        event_key=key,
        receivers=receivers,
        sentence="CĐCS Sở Nội vụ đã ký giao ước.",
        target="/giao-uoc/1",
        at=AT,
        **given,
    )


def test_each_receiver_is_told_once_about_an_event(session: Session, people: list[UUID]) -> None:
    assert _notify(session, people[:2]) == sorted(people[:2])
    assert _notify(session, [*people, people[2]]) == [people[2]]
    assert _notify(session, people) == []
    assert _notify(session, people, key=new_id()) == sorted(people)
    assert _notify(session, []) == []


def test_telling_many_is_one_statement(session: Session, people: list[UUID]) -> None:
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    _notify(session, people)
    assert len(statements) == 1


def test_the_inbox_is_newest_first_and_pages_follow(session: Session, people: list[UUID]) -> None:
    for number in range(5):
        _notify(session, people, key=number)
    keys = [row.event_key for row in service.inbox(session, people[0])]
    assert keys == ["4", "3", "2", "1", "0"]
    first = service.inbox(session, people[0], limit=2)
    assert [row.event_key for row in service.inbox(session, people[0], before=first[-1].id)] == [
        "2",
        "1",
        "0",
    ]


def test_reading_counts_only_ones_own(session: Session, people: list[UUID]) -> None:
    for number in range(3):
        _notify(session, people, key=number)
    theirs = service.inbox(session, people[1])[0].id
    assert service.mark_read(session, people[0], [theirs], at=AT) == 0
    mine = service.inbox(session, people[0])[0].id
    assert service.mark_read(session, people[0], [mine], at=AT) == 1
    assert service.unread_count(session, people[0]) == 2
    assert [row.event_key for row in service.inbox(session, people[0], unread_only=True)] == ["1", "0"]
    assert service.mark_read(session, people[0], None, at=AT + timedelta(hours=1)) == 2
    assert service.unread_count(session, people[0]) == 0
    assert service.unread_count(session, people[1]) == 3
    session.expire_all()
    assert session.get_one(Notification, mine).read_at == AT


def test_without_mail_no_letter_is_written(session: Session, people: list[UUID]) -> None:
    _notify(session, people, subject="Giao ước")
    assert session.scalars(sa.select(Letter)).all() == []
