"""Who a person is on a day."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, START, Cast, appoint
from workflow_app.core.errors import Invalid, NotFound
from workflow_app.core.ids import new_id
from workflow_app.organisations import service
from workflow_app.organisations.types import Capacity

NEXT_DAY = DAY + timedelta(days=1)


def test_a_chair_holds_the_roles_of_his_office_in_his_unit(session: Session, cast: Cast) -> None:
    actor = service.load_actor(session, cast.chairs[1].id, on=DAY)
    assert [(seat.title, seat.unit_short_name, seat.capacity) for seat in actor.seats] == [
        ("Chủ tịch", "Sở Nội vụ", Capacity.ON_BEHALF)
    ]
    assert actor.seats[0].body == "BAN CHẤP HÀNH"
    unit = cast.unions[1].id
    assert actor.pairs == {("unit_chair", unit), ("bloc_leader", unit), ("bloc_deputy", unit)}


def test_the_actor_is_loaded_in_one_statement(session: Session, cast: Cast) -> None:
    statements: list[str] = []
    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    service.load_actor(session, cast.chairs[0].id, on=DAY)
    assert len(statements) == 1


def test_an_ended_term_is_no_seat_from_its_last_day_on(session: Session, cast: Cast) -> None:
    service.end_appointment(session, cast.terms[1].id, on=DAY, basis="15/QĐ-LĐLĐ")
    before = service.load_actor(session, cast.chairs[1].id, on=DAY - timedelta(days=1))
    after = service.load_actor(session, cast.chairs[1].id, on=DAY)
    assert before.seats
    assert not before.ended
    assert not after.seats
    assert [(seat.unit_id, seat.ended_on) for seat in after.ended] == [(cast.unions[1].id, DAY)]


def test_a_term_that_begins_later_is_neither_held_nor_ended(session: Session, cast: Cast) -> None:
    successor = service.add_person(session, full_name="Phạm Ngọc Diệp")
    appoint(session, successor, cast.unions[1], "chair", since=NEXT_DAY)
    actor = service.load_actor(session, successor.id, on=DAY)
    assert actor.seats == ()
    assert actor.ended == ()
    assert actor.seat is None


def test_a_seat_in_an_ended_unit_is_no_seat(session: Session, cast: Cast) -> None:
    service.end_unit(session, cast.unions[3].id, effective=DAY, basis="99/QĐ-LĐLĐ")
    assert service.load_actor(session, cast.chairs[3].id, on=DAY).seats == ()
    assert service.load_actor(session, cast.chairs[3].id, on=DAY - timedelta(days=1)).seats != ()


def _deputy(session: Session, cast: Cast, **delegation: object) -> tuple[object, object]:
    deputy = service.add_person(session, full_name="Ngô Đình Phúc")
    own = appoint(session, deputy, cast.unions[1], "vice_chair")
    given = {"valid_from": DAY, "valid_to": None, "scope": ["sign"], **delegation}
    row = service.delegate(
        session,
        principal_appointment_id=cast.terms[1].id,
        delegate_person_id=deputy.id,
        delegate_appointment_id=own.id,
        basis_number="02/GUQ-CĐCS",
        basis_date=DAY,
        **given,
    )
    return deputy, row


def test_a_delegate_acts_in_the_principals_unit_and_keeps_his_own_title(session: Session, cast: Cast) -> None:
    deputy, row = _deputy(session, cast)
    actor = service.load_actor(session, deputy.id, on=DAY)
    seat = actor.seat_for("unit_chair", cast.unions[1].id, "sign")
    assert seat is not None
    assert (seat.title, seat.capacity, seat.principal_name, seat.principal_title, seat.basis) == (
        "Phó Chủ tịch",
        Capacity.FOR_HEAD,
        cast.chairs[1].full_name,
        "Chủ tịch",
        "02/GUQ-CĐCS",
    )
    assert seat.id == seat.delegation_id == row.id
    assert actor.seat_for("unit_chair", cast.unions[1].id, "comment") is None


@pytest.mark.parametrize("day", [DAY - timedelta(days=1), DAY + timedelta(days=10)])
def test_a_delegation_holds_only_between_its_dates(session: Session, cast: Cast, day: date) -> None:
    deputy, _ = _deputy(session, cast, valid_to=DAY + timedelta(days=10))
    actor = service.load_actor(session, deputy.id, on=day)
    assert actor.seat_for("unit_chair", cast.unions[1].id, "sign") is None


def test_a_delegation_falls_with_the_principals_term(session: Session, cast: Cast) -> None:
    deputy, _ = _deputy(session, cast)
    service.end_appointment(session, cast.terms[1].id, on=NEXT_DAY, basis="")
    assert (
        service.load_actor(session, deputy.id, on=NEXT_DAY).seat_for("unit_chair", cast.unions[1].id, "sign")
        is None
    )


def test_a_delegation_falls_with_the_delegates_own_office(session: Session, cast: Cast) -> None:
    deputy, row = _deputy(session, cast)
    service.end_appointment(session, row.delegate_appointment_id, on=NEXT_DAY, basis="")
    assert service.load_actor(session, deputy.id, on=NEXT_DAY).seats == ()


def test_a_revoked_delegation_ends_that_day(session: Session, cast: Cast) -> None:
    deputy, row = _deputy(session, cast)
    service.revoke_delegation(session, row.id, on=NEXT_DAY)
    assert service.load_actor(session, deputy.id, on=DAY).seat_for("unit_chair", cast.unions[1].id, "sign")
    assert (
        service.load_actor(session, deputy.id, on=NEXT_DAY).seat_for("unit_chair", cast.unions[1].id, "sign")
        is None
    )


def test_signing_for_the_head_needs_an_office_in_the_same_unit(session: Session, cast: Cast) -> None:
    with pytest.raises(Invalid, match="capacity"):
        service.delegate(
            session,
            principal_appointment_id=cast.terms[1].id,
            delegate_person_id=cast.chairs[2].id,
            delegate_appointment_id=cast.terms[2].id,
            valid_from=DAY,
            valid_to=None,
        )


def test_a_delegation_by_paper_needs_the_number_of_the_paper(session: Session, cast: Cast) -> None:
    with pytest.raises(Invalid, match="basis_number"):
        service.delegate(
            session,
            principal_appointment_id=cast.terms[1].id,
            delegate_person_id=cast.chairs[2].id,
            valid_from=DAY,
            valid_to=None,
            capacity=Capacity.BY_DELEGATION,
        )


def test_the_chosen_seat_comes_first(session: Session, cast: Cast) -> None:
    second = appoint(session, cast.chairs[0], cast.federation, "inspection_member")
    actor = service.load_actor(session, cast.chairs[0].id, on=DAY, seat_id=second.id)
    assert actor.seat is not None
    assert actor.seat.id == second.id
    assert len(actor.seats) == 2


def test_a_seat_that_is_not_his_chooses_his_first(session: Session, cast: Cast) -> None:
    actor = service.load_actor(session, cast.chairs[0].id, on=DAY, seat_id=cast.terms[1].id)
    assert actor.seat == actor.seats[0]


def test_an_unknown_person_is_not_found(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        service.load_actor(session, new_id(), on=DAY)


def test_people_with_a_role_are_its_holders_and_their_delegates(session: Session, cast: Cast) -> None:
    deputy, _ = _deputy(session, cast)
    found = service.people_with(session, "unit_chair", cast.unions[1].id, DAY)
    assert [officer.person_id for officer in found] == [cast.chairs[1].id, deputy.id]
    assert service.people_with(session, "unit_chair", cast.unions[1].id, START - timedelta(days=1)) == []
    many = service.officers_of(session, "unit_chair", [union.id for union in cast.unions], DAY)
    assert {unit: len(officers) for unit, officers in many.items()} == {
        cast.unions[0].id: 1,
        cast.unions[1].id: 2,
        cast.unions[2].id: 1,
        cast.unions[3].id: 1,
    }


def test_holders_of_one_rank_stand_in_vietnamese_order_of_given_names(session: Session, cast: Cast) -> None:
    federation = cast.federation.id
    for name in ("Lê Văn Đông", "Trần Thị Ân", "Phạm Dương", "Ngô Thị An", "Bùi Hạnh", "Vũ Hà"):
        person = service.add_person(session, full_name=name)
        service.appoint(
            session,
            person_id=person.id,
            unit_id=federation,
            office_code="federation_officer",
            valid_from=START,
        )
    found = service.people_with(session, "federation_officer", federation, DAY)
    mine = [officer.full_name for officer in found if officer.seat.office_code == "federation_officer"]
    order = ["Ngô Thị An", "Trần Thị Ân", "Phạm Dương", "Lê Văn Đông", "Vũ Hà", "Bùi Hạnh"]
    assert [name for name in mine if name in order] == order
