"""Blocs: lists of a year, leaders, scope."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, YEAR, Cast, found
from workflow_app.core.errors import Invalid, NotFound
from workflow_app.core.ids import new_id
from workflow_app.organisations import service
from workflow_app.organisations.errors import (
    BlocYearMissing,
    BlocYearSet,
    CodeTaken,
    InAnotherBloc,
    LaterChange,
    UnknownRole,
)
from workflow_app.organisations.models import BlocMember
from workflow_app.organisations.types import Scope

CHANGE = date(2019, 7, 1)
BEFORE = CHANGE - timedelta(days=1)


def _change(session: Session, cast: Cast, leader: int, deputy: int | None, effective: date = CHANGE) -> None:
    ids = [union.id for union in cast.unions]
    service.change_leader(
        session,
        cast.bloc.id,
        YEAR,
        leader=ids[leader],
        deputy=None if deputy is None else ids[deputy],
        effective=effective,
        basis="15/QĐ-LĐLĐ",
    )


def _duties(session: Session, cast: Cast, on: date) -> tuple[object, object]:
    scope = service.bloc_scope(session, cast.bloc.id, YEAR, on)
    return scope.leader_unit_id, scope.deputy_unit_id


def test_the_list_keeps_its_order(session: Session, cast: Cast) -> None:
    members = service.bloc_members(session, cast.bloc.id, YEAR, DAY)
    assert [(m.position, m.unit_id) for m in members] == list(enumerate((u.id for u in cast.unions), start=1))
    assert [m.is_leader for m in members] == [True, False, False, False]
    assert [m.is_deputy for m in members] == [False, True, False, False]
    assert members[1].short_name == "Sở Nội vụ"


def test_the_scope_places_every_role(session: Session, cast: Cast) -> None:
    scope = service.bloc_scope(session, cast.bloc.id, YEAR, DAY)
    federation, ids = cast.federation.id, [union.id for union in cast.unions]
    assert scope == Scope(federation, cast.bloc.id, YEAR, None, ids[0], ids[1])
    assert scope.unit_for("bloc_leader") == ids[0]
    assert scope.unit_for("bloc_deputy") == ids[1]
    assert scope.for_unit(ids[3]).unit_for("unit_chair") == ids[3]
    for role in ("federation_officer", "federation_standing", "records_clerk", "inspection_chair", "auditor"):
        assert scope.unit_for(role) == federation
    for role in ("unit_chair", "no_such_role"):
        with pytest.raises(UnknownRole):
            scope.unit_for(role)


def test_the_scope_is_one_statement(session: Session, cast: Cast) -> None:
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    service.bloc_scope(session, cast.bloc.id, YEAR, DAY)
    assert len(statements) == 1


def test_a_year_without_a_list_has_no_leader(session: Session, cast: Cast) -> None:
    scope = service.bloc_scope(session, cast.bloc.id, 2020, DAY)
    assert scope.leader_unit_id is None
    with pytest.raises(UnknownRole):
        scope.unit_for("bloc_leader")
    with pytest.raises(NotFound):
        service.bloc_scope(session, new_id(), YEAR, DAY)


def test_the_leader_changes_in_mid_year_and_the_days_before_keep_the_old_one(
    session: Session, cast: Cast
) -> None:
    ids = [union.id for union in cast.unions]
    _change(session, cast, leader=2, deputy=0)
    assert _duties(session, cast, BEFORE) == (ids[0], ids[1])
    assert _duties(session, cast, CHANGE) == (ids[2], ids[0])
    for on in (BEFORE, CHANGE):
        members = service.bloc_members(session, cast.bloc.id, YEAR, on)
        assert [m.unit_id for m in members] == ids
    rows = session.scalars(sa.select(BlocMember).where(BlocMember.valid_to == CHANGE)).all()
    assert {row.unit_id for row in rows} == {ids[0], ids[1], ids[2]}  # the fourth unit did not change


def test_the_leader_and_deputy_can_swap(session: Session, cast: Cast) -> None:
    _change(session, cast, leader=1, deputy=0)
    assert _duties(session, cast, CHANGE) == (cast.unions[1].id, cast.unions[0].id)


def test_a_second_change_comes_after_the_first(session: Session, cast: Cast) -> None:
    _change(session, cast, leader=2, deputy=0)
    with pytest.raises(LaterChange):
        _change(session, cast, leader=3, deputy=None, effective=BEFORE)
    _change(session, cast, leader=3, deputy=None, effective=CHANGE + timedelta(days=30))
    assert _duties(session, cast, CHANGE) == (cast.unions[2].id, cast.unions[0].id)
    assert _duties(session, cast, CHANGE + timedelta(days=30)) == (cast.unions[3].id, None)


def test_a_bloc_without_a_deputy_is_possible(session: Session, cast: Cast) -> None:
    _change(session, cast, leader=0, deputy=None)
    assert _duties(session, cast, CHANGE) == (cast.unions[0].id, None)


@pytest.mark.parametrize(
    ("leader", "deputy", "field"), [(0, 0, "deputy"), (4, 1, "leader"), (0, 4, "deputy")]
)
def test_leader_and_deputy_are_two_units_of_the_bloc(
    session: Session, cast: Cast, leader: int, deputy: int, field: str
) -> None:
    cast.unions.append(found(session, "X", "Ngoài khối", cast.federation.id))
    with pytest.raises(Invalid) as refused:
        _change(session, cast, leader, deputy)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_year_is_listed_once(session: Session, cast: Cast) -> None:
    ids = [union.id for union in cast.unions]
    with pytest.raises(BlocYearSet):
        service.set_bloc_year(session, cast.bloc.id, YEAR, members=ids, leader=ids[0], deputy=None, basis="")
    service.set_bloc_year(
        session, cast.bloc.id, YEAR + 1, members=ids[:3], leader=ids[1], deputy=None, basis=""
    )
    assert len(service.bloc_members(session, cast.bloc.id, YEAR, DAY)) == 4
    december = date(YEAR, 12, 17)  # next year's pledge may be signed in December
    assert service.bloc_scope(session, cast.bloc.id, YEAR + 1, december).leader_unit_id == ids[1]


def test_a_list_is_not_empty_and_names_each_unit_once(session: Session, cast: Cast) -> None:
    one = cast.unions[0].id
    for members in ([], [one, one]):
        with pytest.raises(Invalid):
            service.set_bloc_year(
                session, cast.bloc.id, 2021, members=members, leader=one, deputy=None, basis=""
            )


def test_a_unit_is_in_one_bloc_of_the_federation_each_year(session: Session, cast: Cast) -> None:
    one = cast.unions[0].id
    other = service.form_bloc(
        session, federation_id=cast.federation.id, code="05", name="Khối 05", valid_from=DAY
    )
    with pytest.raises(InAnotherBloc):
        service.set_bloc_year(session, other.id, YEAR, members=[one], leader=one, deputy=None, basis="")
    service.remove_member(session, cast.bloc.id, YEAR, unit_id=cast.unions[3].id, effective=CHANGE)
    with pytest.raises(BlocYearMissing):
        service.add_member(session, other.id, YEAR, unit_id=cast.unions[3].id, effective=CHANGE, basis="")


def test_a_unit_leaves_and_another_joins_within_the_year(session: Session, cast: Cast) -> None:
    newcomer = found(session, "X", "CĐCS Sở Y tế", cast.federation.id)
    service.remove_member(session, cast.bloc.id, YEAR, unit_id=cast.unions[3].id, effective=CHANGE)
    service.add_member(session, cast.bloc.id, YEAR, unit_id=newcomer.id, effective=CHANGE, basis="16/QĐ")
    ids = [m.unit_id for m in service.bloc_members(session, cast.bloc.id, YEAR, CHANGE)]
    assert ids == [*(union.id for union in cast.unions[:3]), newcomer.id]
    assert len(service.bloc_members(session, cast.bloc.id, YEAR, BEFORE)) == 4
    with pytest.raises(BlocYearMissing):
        service.remove_member(session, cast.bloc.id, YEAR, unit_id=cast.unions[3].id, effective=CHANGE)


def test_a_code_belongs_to_one_bloc_of_the_federation(session: Session, cast: Cast) -> None:
    with pytest.raises(CodeTaken):
        service.form_bloc(session, federation_id=cast.federation.id, code="04", name="x", valid_from=DAY)


def test_the_database_refuses_a_second_leader(session: Session, cast: Cast) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="periods overlap"), session.begin_nested():
        session.execute(
            sa.update(BlocMember).where(BlocMember.unit_id == cast.unions[2].id).values(is_leader=True)
        )
    with pytest.raises(sa.exc.IntegrityError, match="one_duty"), session.begin_nested():
        session.execute(
            sa.update(BlocMember).where(BlocMember.unit_id == cast.unions[1].id).values(is_leader=True)
        )
