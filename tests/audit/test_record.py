"""Writing events."""

import json
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.audit.conftest import AT, CHAIR, Write
from workflow_app.audit.canonical import canonical, leaf_of
from workflow_app.audit.errors import ActRepeated, OutOfOrder
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import SYSTEM, ActorRef, digest_of, repeat
from workflow_app.core.ids import new_id
from workflow_app.organisations.types import Actor, Capacity, Seat


def test_one_act_is_one_insert(session: Session, write: Write) -> None:
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    write()
    assert len(statements) == 1
    assert statements[0].startswith("INSERT INTO audit_event")


def test_the_database_adds_its_own_clock_and_transaction(session: Session, write: Write) -> None:
    first, second = write(), write()
    assert first.recorded_at.tzinfo is not None
    assert first.recorded_at < second.recorded_at
    assert first.xid == second.xid == session.scalar(sa.text("SELECT pg_current_xact_id()::text::bigint"))
    assert first.id < second.id
    assert first.epoch == 1


def test_the_stored_bytes_are_the_hashed_ones(session: Session, write: Write) -> None:
    written = write(instance_id=new_id(), stream_seq=1, op_id=new_id(), details={"version": 3})
    session.expire_all()
    stored = session.get_one(AuditEvent, written.id)
    assert leaf_of(stored.body) == stored.leaf
    assert canonical(json.loads(stored.body)) == stored.body
    assert stored.told["actor_id"] == str(CHAIR.person_id)
    assert stored.told["office"] == "Chủ tịch"
    assert stored.told["capacity"] == "TM."
    assert stored.told["at"] == "2019-03-01T08:25:03.120000Z"
    assert stored.details == {"version": 3}


def test_the_same_moment_in_another_zone_gives_the_same_bytes(write: Write) -> None:
    from workflow_app.core.clock import HANOI

    thing = new_id()
    assert write(object_id=thing).body == write(object_id=thing, at=AT.astimezone(HANOI)).body


def test_what_people_typed_is_not_copied_into_the_record(write: Write) -> None:
    comment = "Đơn vị nhỏ, 02 đoàn viên ưu tú là khó."
    event = write(
        details={"comment": comment, "list": [comment], "inner": {"reason": comment}, "long": "x" * 81}
    )
    assert comment.encode() not in event.body
    assert (
        event.details["comment"]
        == event.details["list"][0]
        == event.details["inner"]["reason"]
        == digest_of(comment)
    )
    assert event.details["long"] == digest_of("x" * 81)


def test_the_digest_of_a_text_does_not_depend_on_the_keyboard() -> None:
    assert digest_of(unicodedata.normalize("NFD", "ủy quyền")) == digest_of("ủy quyền")


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("01/GƯ-KTĐ04", "01/GƯ-KTĐ04"),
        (Decimal("46.50"), "46.5"),
        (Decimal("0.00"), "0"),
        (Decimal(100), "100"),
        (date(2019, 3, 8), "2019-03-08"),
        (Capacity.FOR_HEAD, "KT."),
        (True, True),
        (None, None),
        ("", ""),
    ],
)
def test_codes_numbers_and_dates_stand_in_clear(write: Write, given: Any, stored: Any) -> None:
    assert write(details={"value": given}).details == {"value": stored}


def test_a_fraction_in_binary_is_refused(write: Write) -> None:
    with pytest.raises(ValueError, match="float"):
        write(details={"score": 46.5})


def test_an_operation_is_recorded_once(session: Session, write: Write) -> None:
    op_id = new_id()
    event = write(op_id=op_id)
    with session.begin_nested() as savepoint:
        with pytest.raises(ActRepeated):
            write(op_id=op_id)
        savepoint.rollback()
    assert repeat(session, CHAIR.person_id, op_id) == event
    assert repeat(session, CHAIR.person_id, new_id()) is None
    assert repeat(session, new_id(), op_id) is None


def test_two_people_may_use_the_same_operation_id(write: Write) -> None:
    op_id = new_id()
    write(op_id=op_id)
    write(op_id=op_id, actor=ActorRef(new_id()))


def test_the_system_repeats_no_operation_either(session: Session, write: Write) -> None:
    op_id = new_id()
    write(op_id=op_id, actor=SYSTEM)
    with session.begin_nested() as savepoint:
        with pytest.raises(ActRepeated):
            write(op_id=op_id, actor=SYSTEM)
        savepoint.rollback()


def test_a_step_of_an_instance_is_recorded_once(session: Session, write: Write) -> None:
    instance = new_id()
    write(instance_id=instance, stream_seq=1)
    write(instance_id=new_id(), stream_seq=1)
    with session.begin_nested() as savepoint:
        with pytest.raises(OutOfOrder):
            write(instance_id=instance, stream_seq=1, at=AT + timedelta(seconds=1))
        savepoint.rollback()


def test_a_step_without_an_instance_is_refused(session: Session, write: Write) -> None:
    with session.begin_nested() as savepoint:
        with pytest.raises(sa.exc.IntegrityError, match="stream_of_instance"):
            write(stream_seq=1)
        savepoint.rollback()


def test_the_reference_of_an_actor_names_the_seat_that_allowed_the_act() -> None:
    person, unit, principal = new_id(), new_id(), new_id()
    own = Seat(new_id(), person, unit, "CĐCS A", "A", "vice_chair", "Phó Chủ tịch", frozenset())
    lent = Seat(
        new_id(),
        person,
        unit,
        "CĐCS A",
        "A",
        "chair",
        "Phó Chủ tịch",
        frozenset(),
        Capacity.FOR_HEAD,
        new_id(),
        principal,
    )
    actor = Actor(person, "Ngô Đình Phúc", "phuc", (own, lent), own)
    assert ActorRef.of(actor, lent) == ActorRef(
        person, lent.id, unit, "Phó Chủ tịch", Capacity.FOR_HEAD, principal
    )
    assert ActorRef.of(actor).seat_id == own.id
    assert ActorRef.of(actor.choosing(None)) == ActorRef(person)
