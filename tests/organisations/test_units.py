"""The dated tree."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, START, Cast, appoint, found
from workflow_app.core.clock import now
from workflow_app.core.ids import new_id
from workflow_app.organisations import service
from workflow_app.organisations.errors import (
    ChildrenRemain,
    CircularTree,
    CodeTaken,
    LaterChange,
    ParentNotThere,
    UnitEnded,
    UnitNotThere,
)
from workflow_app.organisations.models import UnitPeriod, UnitSuccession
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.service import End, Found, Merge, Move, Rename, UnitFacts

BEFORE = DAY - timedelta(days=1)


def _names(session: Session, root: object, on: date) -> list[tuple[int, str]]:
    return [(node.depth, node.period.short_name) for node in service.tree_at(session, root, on)]


def test_the_tree_lists_parents_before_children_in_vietnamese_order(session: Session, cast: Cast) -> None:
    found(session, "G1", "Tổ công đoàn Đá", cast.unions[1].id, kind="union_group")
    found(session, "G2", "Tổ công đoàn Dừa", cast.unions[1].id, kind="union_group")
    assert _names(session, cast.federation.id, DAY) == [
        (0, "Liên đoàn Lao động tỉnh An Giang"),
        (1, "Sở Ngoại vụ"),
        (1, "Sở Nội vụ"),
        (2, "Tổ công đoàn Dừa"),
        (2, "Tổ công đoàn Đá"),
        (1, "Sở Thông tin và Truyền thông"),
        (1, "Sở Tư pháp"),
    ]


def test_the_tree_may_be_deep(session: Session) -> None:
    seed_reference(session)
    units = [found(session, "0", "Cấp 0", None)]
    for level in range(1, 31):
        units.append(found(session, str(level), f"Cấp {level}", units[-1].id))
    assert len(service.tree_at(session, units[0].id, DAY)) == 31
    above = service.ancestors_at(session, units[30].id, DAY)
    assert [period.unit_id for period in above] == [unit.id for unit in reversed(units[:30])]


def test_the_tree_is_read_in_one_statement(session: Session, cast: Cast) -> None:
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    service.tree_at(session, cast.federation.id, DAY)
    assert len(statements) == 1


def test_a_new_name_holds_from_its_day_and_the_old_one_stays_on_record(session: Session, cast: Cast) -> None:
    unit = cast.unions[0].id
    service.rename_unit(
        session, unit, effective=DAY, basis="20/QĐ", name="CĐCS Sở Khoa học", short_name="Sở Khoa học"
    )
    assert service.unit_at(session, unit, BEFORE).short_name == "Sở Thông tin và Truyền thông"
    assert service.unit_at(session, unit, DAY).short_name == "Sở Khoa học"
    assert service.unit_at(session, unit, DAY).parent_id == cast.federation.id
    assert [period.valid_to for period in service.history_of(session, unit)] == [DAY, None]


def test_two_changes_on_one_day_make_one_period(session: Session, cast: Cast) -> None:
    unit = cast.unions[0].id
    service.rename_unit(session, unit, effective=DAY, basis="20/QĐ", name="Một")
    service.rename_unit(session, unit, effective=DAY, basis="20/QĐ", name="Hai")
    assert [period.name for period in service.history_of(session, unit)][1:] == ["Hai"]


def test_history_is_only_added_to_at_its_end(session: Session, cast: Cast) -> None:
    unit = cast.unions[0].id
    service.rename_unit(session, unit, effective=DAY, basis="", name="Mới")
    with pytest.raises(LaterChange):
        service.rename_unit(session, unit, effective=BEFORE, basis="", name="Trước đó")


def test_a_name_is_cleaned_before_it_is_stored(session: Session, cast: Cast) -> None:
    period = service.rename_unit(
        session, cast.unions[0].id, effective=DAY, basis="", name="  CĐCS\u200b  Sở\tY tế "
    )
    assert period.name == "CĐCS Sở Y tế"
    assert "cdcs so y te" in period.fold


def test_an_unknown_field_of_a_unit_is_a_mistake_of_ours(session: Session, cast: Cast) -> None:
    with pytest.raises(TypeError, match="colour"):
        service.rename_unit(session, cast.unions[0].id, effective=DAY, basis="", colour="red")


def test_a_moved_unit_takes_what_is_below_it_along(session: Session, cast: Cast) -> None:
    group = found(session, "G1", "Tổ 1", cast.unions[0].id)
    service.move_unit(session, cast.unions[0].id, parent_id=cast.unions[1].id, effective=DAY, basis="21/QĐ")
    assert [p.unit_id for p in service.ancestors_at(session, group.id, BEFORE)] == [
        cast.unions[0].id,
        cast.federation.id,
    ]
    assert [p.unit_id for p in service.ancestors_at(session, group.id, DAY)] == [
        cast.unions[0].id,
        cast.unions[1].id,
        cast.federation.id,
    ]


def test_a_unit_never_stands_below_itself(session: Session, cast: Cast) -> None:
    group = found(session, "G1", "Tổ 1", cast.unions[0].id)
    with pytest.raises(CircularTree), session.begin_nested():
        service.move_unit(session, cast.unions[0].id, parent_id=group.id, effective=DAY, basis="")
    with pytest.raises(CircularTree), session.begin_nested():
        service.move_unit(session, group.id, parent_id=group.id, effective=DAY, basis="")


def test_a_unit_with_units_below_it_does_not_end(session: Session, cast: Cast) -> None:
    with pytest.raises(ChildrenRemain) as refused:
        service.end_unit(session, cast.federation.id, effective=DAY, basis="")
    assert set(refused.value.facts["units"]) == {union.id for union in cast.unions}


def test_an_ended_unit_closes_its_terms_and_its_place_in_the_bloc(session: Session, cast: Cast) -> None:
    service.end_unit(session, cast.unions[3].id, effective=DAY, basis="99/QĐ")
    session.refresh(cast.terms[3])
    assert (cast.terms[3].valid_to, cast.terms[3].end_basis) == (DAY, "99/QĐ")
    assert len(service.bloc_members(session, cast.bloc.id, 2019, BEFORE)) == 4
    assert len(service.bloc_members(session, cast.bloc.id, 2019, DAY)) == 3
    with pytest.raises(UnitNotThere):
        service.unit_at(session, cast.unions[3].id, DAY)
    with pytest.raises(UnitEnded):
        service.rename_unit(session, cast.unions[3].id, effective=DAY, basis="", name="Lại")


def test_a_parent_must_be_there(session: Session, cast: Cast) -> None:
    service.end_unit(session, cast.unions[3].id, effective=DAY, basis="")
    with pytest.raises(ParentNotThere):
        found(session, "X", "Tổ", cast.unions[3].id, since=DAY)


def test_a_change_of_today_must_fit_one_entered_ahead(session: Session, cast: Cast) -> None:
    first, second = cast.unions[0].id, cast.unions[1].id
    service.end_unit(session, cast.unions[3].id, effective=DAY + timedelta(days=30), basis="")
    with pytest.raises(ParentNotThere), session.begin_nested():
        found(session, "X", "Tổ", cast.unions[3].id, since=DAY)
    service.move_unit(session, first, parent_id=second, effective=DAY + timedelta(days=30), basis="")
    with pytest.raises(CircularTree), session.begin_nested():
        service.move_unit(session, second, parent_id=first, effective=DAY, basis="")


def test_a_code_belongs_to_one_unit(session: Session, cast: Cast) -> None:
    with pytest.raises(CodeTaken):
        found(session, "AG-01", "Khác", cast.federation.id)


def test_a_merger_leaves_one_unit_with_everything_below_it(session: Session, cast: Cast) -> None:
    group = found(session, "G1", "Tổ 1", cast.unions[2].id)
    old = [cast.unions[2].id, cast.unions[3].id]
    service.merge_units(session, old, into=cast.unions[0].id, effective=DAY, basis="30/QĐ")
    assert service.unit_at(session, group.id, DAY).parent_id == cast.unions[0].id
    assert service.unit_at(session, group.id, BEFORE).parent_id == cast.unions[2].id
    assert set(session.scalars(sa.select(UnitSuccession.from_unit_id))) == set(old)


def test_a_reorganisation_is_one_act_with_one_day(session: Session, cast: Cast) -> None:
    """The change of 1 July 2025 in small: a level goes, communes come, units move, one is renamed."""
    effective, group = date(2025, 7, 1), found(session, "G1", "Tổ 1", cast.unions[2].id)
    before = _names(session, cast.federation.id, effective - timedelta(days=1))
    act = service.reorganise(
        session,
        [
            Found("P1", UnitFacts("Công đoàn phường Long Xuyên", "commune_union"), "AG"),
            Move("AG-01", "P1"),
            Rename("AG-02", {"name": "CĐCS Sở Nội vụ tỉnh An Giang"}),
            Merge(("AG-03",), "P1"),
            End("AG-04", successor="AG-02"),
        ],
        effective=effective,
        basis="Luật Công đoàn 2024",
        by=new_id(),
        at=now(),
    )
    assert _names(session, cast.federation.id, effective - timedelta(days=1)) == before
    assert [(depth, name) for depth, name in _names(session, cast.federation.id, effective)] == [
        (0, "Liên đoàn Lao động tỉnh An Giang"),
        (1, "Sở Nội vụ"),
        (1, "Công đoàn phường Long Xuyên"),
        (2, "Sở Thông tin và Truyền thông"),
        (2, "Tổ 1"),
    ]
    closed, opened = service.changes_of(session, act.id)
    assert {p.unit_id for p in closed} == {*(union.id for union in cast.unions), group.id}
    assert len(opened) == 4


def test_a_reorganisation_that_leaves_an_orphan_changes_nothing(session: Session, cast: Cast) -> None:
    found(session, "G1", "Tổ 1", cast.unions[2].id)
    with pytest.raises(ChildrenRemain), session.begin_nested():
        service.reorganise(session, [End("AG-03")], effective=DAY, basis="", by=new_id(), at=now())
    assert service.unit_at(session, cast.unions[2].id, DAY).valid_to is None


def test_the_order_of_changes_may_use_units_of_the_same_act(session: Session, cast: Cast) -> None:
    facts = UnitFacts("Cụm", "upper_union")
    changes = [Found("A", facts, "AG"), Found("B", facts, "A"), Move("AG-01", "B")]
    service.reorganise(session, changes, effective=DAY, basis="", by=new_id(), at=now())
    assert len(service.ancestors_at(session, cast.unions[0].id, DAY)) == 3


def test_two_moves_that_make_a_circle_together_are_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(CircularTree):
        changes = [Move("AG-01", "AG-02"), Move("AG-02", "AG-01")]
        service.reorganise(session, changes, effective=DAY, basis="", by=new_id(), at=now())


def test_the_database_refuses_overlapping_periods(session: Session, cast: Cast) -> None:
    period = service.unit_at(session, cast.unions[0].id, DAY)
    twin = UnitPeriod(
        unit_id=period.unit_id,
        name="x",
        short_name="x",
        kind=period.kind,
        fold="x",
        sort_key="x",
        valid_from=BEFORE,
    )
    twin.valid_to = DAY
    with pytest.raises(sa.exc.IntegrityError, match="periods overlap"), session.begin_nested():
        session.add(twin)
        session.flush()
    twin.valid_from, twin.valid_to = START - timedelta(days=9), START  # beside it is fine
    session.add(twin)
    session.flush()


def test_the_database_refuses_a_period_that_ends_before_it_begins(session: Session, cast: Cast) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="period"), session.begin_nested():
        session.execute(sa.update(UnitPeriod).values(valid_to=START))


@pytest.mark.parametrize(
    "table", ["unit", "unit_period", "bloc_member", "person", "appointment", "dated_setting"]
)
def test_the_application_cannot_delete_history(session: Session, cast: Cast, table: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of this test


def test_a_term_overlapping_itself_is_refused_by_service_and_database(session: Session, cast: Cast) -> None:
    from workflow_app.organisations.errors import OverlappingPeriod

    with pytest.raises(OverlappingPeriod):
        appoint(session, cast.chairs[0], cast.unions[0], "chair", since=DAY)
    with pytest.raises(sa.exc.IntegrityError, match="periods overlap"), session.begin_nested():
        session.execute(
            sa.text(
                "INSERT INTO appointment (id, person_id, unit_id, office_code, basis, end_basis, valid_from)"
                " SELECT gen_random_uuid(), person_id, unit_id, office_code, '', '', :day FROM appointment WHERE id = :id"
            ),
            {"day": DAY, "id": cast.terms[0].id},
        )
