"""Reading the record and telling it in Vietnamese."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.audit.conftest import CHAIR, Write
from tests.organisations.cast import Cast, make_cast
from workflow_app.audit import history, wording
from workflow_app.audit.history import Page
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import SYSTEM, ActorRef
from workflow_app.audit.timeline import sentences
from workflow_app.core.ids import new_id
from workflow_app.organisations import service
from workflow_app.organisations.types import Capacity


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def _ids(page: Page) -> list[int]:
    return [event.id for event in page.events]


def test_an_instance_is_told_with_its_children_in_order(session: Session, write: Write) -> None:
    parent, child = new_id(), new_id()
    written = [
        write(instance_id=parent, stream_seq=1),
        write(instance_id=child, stream_seq=1),
        write(instance_id=parent, stream_seq=2),
    ]
    write(instance_id=new_id(), stream_seq=1)
    assert _ids(history.of_instance(session, parent)) == [written[0].id, written[2].id]
    assert _ids(history.of_instance(session, parent, children=[child])) == [event.id for event in written]


def test_pages_follow_each_other_without_a_hole(session: Session, write: Write) -> None:
    thing = new_id()
    written = [write(object_id=thing).id for _ in range(7)]
    seen: list[int] = []
    page = history.of_object(session, thing, limit=3)
    while True:
        seen += _ids(page)
        if page.after is None:
            break
        page = history.of_object(session, thing, after=page.after, limit=3)
    assert seen == written
    exact = history.of_object(session, thing, limit=7)
    assert (len(exact.events), exact.after) == (7, None)


def test_a_persons_acts_are_newest_first(session: Session, write: Write) -> None:
    mine = [write(actor=ActorRef(CHAIR.person_id)).id for _ in range(3)]
    write(actor=ActorRef(new_id()))
    page = history.of_person(session, CHAIR.person_id, limit=2)
    assert _ids(page) == [mine[2], mine[1]]
    assert _ids(history.of_person(session, CHAIR.person_id, before=page.after)) == [mine[0]]


def test_the_latest_acts_may_be_narrowed_to_units(session: Session, write: Write) -> None:
    first, second = write(), write(actor=ActorRef(new_id(), unit_id=new_id()))
    assert _ids(history.newest(session, limit=2)) == [second.id, first.id]
    assert _ids(history.newest(session, unit_ids=[CHAIR.unit_id])) == [first.id]  # type: ignore[list-item]  # CHAIR has a unit
    assert _ids(history.newest(session, unit_ids=[])) == []


def test_the_latest_acts_of_many_units_come_in_pages(session: Session, write: Write) -> None:
    units = [new_id() for _ in range(3)]
    mine = [write(actor=ActorRef(new_id(), unit_id=units[number % 3])).id for number in range(9)]
    write()
    page, seen = history.newest(session, unit_ids=units, limit=4), []
    while True:
        seen += _ids(page)
        if page.after is None:
            break
        page = history.newest(session, unit_ids=units, limit=4, before=page.after)
    assert seen == mine[::-1]


@pytest.mark.parametrize("condition", ["instance_id", "object_id", "actor_id"])
def test_history_pages_read_an_index(session: Session, write: Write, condition: str) -> None:
    write(instance_id=new_id(), stream_seq=1)
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    session.execute(sa.text("SET LOCAL enable_sort = off"))
    query = (
        f"EXPLAIN SELECT * FROM audit_event WHERE {condition} = '{new_id()}' AND id > 5 ORDER BY id LIMIT 51"  # noqa: S608 - names of this test
    )
    plan = "\n".join(session.scalars(sa.text(query)))
    assert f"Index Cond: (({condition} = " in plan
    assert "Sort" not in plan


def test_an_event_becomes_a_sentence(session: Session, cast: Cast, write: Write) -> None:
    chair = service.load_actor(session, cast.chairs[1].id, on=date(2019, 3, 1))
    wording.register({"test.sent": "gửi dự thảo | bản {version}"})
    event = write(actor=ActorRef.of(chair), action="test.sent", details={"version": 2})
    (line,) = sentences(session, [event])
    assert line.text == "Nguyễn Văn B, Chủ tịch Sở Nội vụ gửi dự thảo bản 2, thứ Sáu 01/3/2019, 15:25"
    assert not line.system


def test_a_unit_is_called_as_it_was_on_the_day(session: Session, cast: Cast, write: Write) -> None:
    chair = service.load_actor(session, cast.chairs[1].id, on=date(2019, 3, 1))
    event = write(actor=ActorRef.of(chair))
    service.rename_unit(
        session, cast.unions[1].id, effective=date(2019, 6, 1), basis="", short_name="Tên sau"
    )
    assert sentences(session, [event])[0].unit == "Sở Nội vụ"


def test_acting_for_another_is_said(session: Session, cast: Cast, write: Write) -> None:
    actor = ActorRef(
        cast.chairs[0].id, new_id(), cast.unions[1].id, "Phó Chủ tịch", Capacity.FOR_HEAD, cast.chairs[1].id
    )
    line = sentences(session, [write(actor=actor)])[0]
    assert line.substitute == "KT. Nguyễn Văn B"
    assert "(KT. Nguyễn Văn B)" in line.text


def test_the_system_and_people_without_data_have_names_too(session: Session, write: Write) -> None:
    lines = sentences(session, [write(actor=SYSTEM), write(actor=ActorRef(new_id()))])
    assert [(line.who, line.office, line.system) for line in lines] == [
        ("Hệ thống", "", True),
        ("Người đã được xóa thông tin", "", False),
    ]


def test_a_page_of_sentences_is_two_statements(session: Session, cast: Cast, write: Write) -> None:
    events: list[AuditEvent] = [
        write(actor=ActorRef(p.id, unit_id=u.id)) for p, u in zip(cast.chairs, cast.unions, strict=True)
    ]
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert len(sentences(session, events)) == 4
    assert len(statements) == 2
    assert sentences(session, []) == []


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"version": 3, "count": 1234}, "gửi dự thảo bản 3 cho 1.234 đơn vị"),
        ({"version": 3}, "gửi dự thảo"),
        ({}, "gửi dự thảo"),
    ],
)
def test_a_clause_without_its_detail_is_left_out(details: dict[str, int], expected: str) -> None:
    wording.register({"test.clause": "gửi dự thảo | bản {version} cho {count} đơn vị"})
    assert wording.phrase("test.clause", details) == expected


def test_an_unknown_action_is_shown_by_its_code() -> None:
    assert wording.phrase("test.unheard", {}) == "thực hiện test.unheard"
    assert not wording.is_known("test.unheard")
    assert wording.is_known("unit.founded")


def test_a_phrase_is_registered_once() -> None:
    wording.register({"unit.founded": "thành lập đơn vị"})
    with pytest.raises(ValueError, match="phrase already"):
        wording.register({"unit.founded": "khác"})
