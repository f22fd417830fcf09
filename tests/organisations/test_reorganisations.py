"""Random reorganisations: the past never changes, the tree stays a tree, rights end where units end."""

import threading
from datetime import date, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, START, Cast, appoint, found, make_cast
from workflow_app.core.clock import now
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Refusal
from workflow_app.core.ids import new_id
from workflow_app.organisations import service
from workflow_app.organisations.errors import CircularTree
from workflow_app.organisations.models import UnitPeriod
from workflow_app.organisations.service import Change, End, Found, Merge, Move, Rename, UnitFacts

FACTS = UnitFacts("Công đoàn phường", "commune_union")

old = st.sampled_from(["AG-01", "AG-02", "AG-03", "AG-04"])
new = st.sampled_from(["N1", "N2"])
any_code = st.sampled_from(["AG", "AG-01", "AG-02", "AG-03", "AG-04", "N1"])
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Found, new, st.just(FACTS), any_code),
    st.builds(Rename, old, st.just({"name": "Tên mới"})),
    st.builds(Move, old, any_code),
    st.builds(End, old, st.none() | any_code),
    st.builds(Merge, st.lists(old, min_size=1, max_size=2, unique=True).map(tuple), any_code),
)
decisions = st.lists(
    st.tuples(st.integers(0, 40), st.lists(changes, min_size=1, max_size=3)), min_size=2, max_size=6
)

Decision = tuple[int, list[Change]]
Picture = list[tuple[int, str, str]]


def _picture(session: Session, on: date) -> Picture:
    """Every unit of the day with its parent and name."""
    query = sa.select(UnitPeriod).where(UnitPeriod.valid_from <= on)
    rows = [period for period in session.scalars(query) if period.holds_on(on)]
    return sorted((str(row.unit_id), str(row.parent_id), row.name) for row in rows)


def _check_tree(session: Session, on: date) -> None:
    rows = [period for period in session.scalars(sa.select(UnitPeriod)) if period.holds_on(on)]
    assert len({row.unit_id for row in rows}) == len(rows)
    parents = {row.unit_id: row.parent_id for row in rows}
    for start, parent in parents.items():
        seen, unit = {start}, parent
        while unit is not None:
            assert unit in parents, "a parent is missing"
            assert unit not in seen, "a circle"
            seen.add(unit)
            unit = parents[unit]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(decisions)
def test_random_decisions_keep_the_past_and_the_tree(session: Session, decided: list[Decision]) -> None:
    outer = session.begin_nested()
    try:
        _decide(session, decided)
    finally:  # hypothesis runs the next example in the same session
        outer.rollback()
        session.expunge_all()


def _decide(session: Session, decided: list[Decision]) -> None:
    cast = make_cast(session)
    for days, wanted in decided:
        effective = DAY + timedelta(days=days)
        before = {on: _picture(session, on) for on in _days_before(effective)}
        try:
            with session.begin_nested():
                service.reorganise(session, wanted, effective=effective, basis="QĐ", by=new_id(), at=now())
        except Refusal:
            session.expire_all()
            assert {on: _picture(session, on) for on in before} == before
            continue
        event("done")
        assert {on: _picture(session, on) for on in before} == before
        for later in range(42):
            _check_tree(session, DAY + timedelta(days=later))
    _check_rights(session, cast)


def _days_before(effective: date) -> list[date]:
    return [START, DAY - timedelta(days=1), effective - timedelta(days=1)]


def _check_rights(session: Session, cast: Cast) -> None:
    """A chair has his seat exactly on the days on which his unit is there."""
    for on in (DAY - timedelta(days=1), DAY + timedelta(days=20), DAY + timedelta(days=41)):
        alive = {unit for unit, _, _ in _picture(session, on)}
        for chair, union in zip(cast.chairs, cast.unions, strict=True):
            seats = service.load_actor(session, chair.id, on=on).seats
            assert [str(seat.unit_id) for seat in seats] == (
                [str(union.id)] if str(union.id) in alive else []
            )


def test_two_moves_at_the_same_moment_never_make_a_circle(committed: None) -> None:
    with transaction() as session:
        ids = [union.id for union in make_cast(session).unions]
    barrier, outcomes = threading.Barrier(2), []

    def move(unit: int, parent: int) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                service.move_unit(session, ids[unit], parent_id=ids[parent], effective=DAY, basis="")
            outcomes.append("moved")
        except CircularTree:
            outcomes.append("refused")

    threads = [threading.Thread(target=move, args=pair) for pair in ((0, 1), (1, 0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused"]
    with reading() as session:
        _check_tree(session, DAY)


def test_the_same_term_written_twice_at_the_same_moment_stands_once(committed: None) -> None:
    with transaction() as session:
        cast = make_cast(session)
        person = service.add_person(session, full_name="Phạm Ngọc Diệp")
        found(session, "X", "CĐCS X", cast.federation.id)
    barrier, outcomes = threading.Barrier(4), []

    def write() -> None:
        barrier.wait()
        try:
            with transaction() as session:
                appoint(session, person, cast.unions[0], "vice_chair", since=DAY)
            outcomes.append("written")
        except (Refusal, sa.exc.IntegrityError):
            outcomes.append("refused")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "written"]
