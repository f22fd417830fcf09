"""The list of a year by decision, its renewal in mid-year, names and the end of a bloc, its history."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, START, YEAR, Cast, found
from workflow_app.core.errors import Invalid
from workflow_app.organisations import service
from workflow_app.organisations.bloc_life import changes_of_bloc, end_bloc, name_on, rename_bloc
from workflow_app.organisations.bloc_lists import Composition, composition_on, found_list, renew_list
from workflow_app.organisations.errors import (
    BlocEnded,
    BlocYearMissing,
    BlocYearSet,
    InAnotherBloc,
    LaterChange,
    MemberNotThere,
    NotYet,
    SymbolTaken,
)
from workflow_app.organisations.models import Bloc

JULY = date(2019, 7, 1)
NEW_YEAR = date(2020, 1, 10)


def _renew(session: Session, cast: Cast, wanted: Composition, effective: date = JULY):  # type: ignore[no-untyped-def]  # a helper
    return renew_list(session, cast.bloc.id, YEAR, wanted, effective=effective, basis="30/QĐ-LĐLĐ")


def _ids(cast: Cast) -> list:  # type: ignore[type-arg]  # ids
    return [union.id for union in cast.unions]


def test_one_decision_changes_leader_and_members_on_one_day(session: Session, cast: Cast) -> None:
    """The old leader leaves, another leads, a new unit joins: no day without a leader."""
    ids, fresh = _ids(cast), found(session, "X", "CĐCS Sở Y tế", cast.federation.id).id
    done = _renew(session, cast, Composition((ids[1], ids[2], ids[3], fresh), ids[2], ids[1]))
    assert (done.joined, done.left, done.led, done.reordered) == ((fresh,), (ids[0],), True, False)
    before = composition_on(session, cast.bloc.id, YEAR, JULY - timedelta(days=1))
    assert before == Composition(tuple(ids), ids[0], ids[1])
    assert composition_on(session, cast.bloc.id, YEAR, JULY) == Composition(
        (ids[1], ids[2], ids[3], fresh), ids[2], ids[1]
    )
    places = [m.position for m in service.bloc_members(session, cast.bloc.id, YEAR, JULY)]
    assert places == [2, 3, 4, 5], "who stays keeps his place"


def test_leader_and_deputy_swap_and_the_order_can_change(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    done = _renew(session, cast, Composition((ids[3], ids[1], ids[0], ids[2]), ids[1], ids[0]))
    assert (done.led, done.reordered) == (True, True)
    members = service.bloc_members(session, cast.bloc.id, YEAR, JULY)
    assert [m.unit_id for m in members] == [ids[3], ids[1], ids[0], ids[2]]
    assert [m.position for m in members] == [1, 2, 3, 4]


def test_a_renewal_is_mended_on_its_own_day(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    _renew(session, cast, Composition(tuple(ids), ids[2], None))
    _renew(session, cast, Composition(tuple(ids), ids[3], ids[2]))
    assert composition_on(session, cast.bloc.id, YEAR, JULY) == Composition(tuple(ids), ids[3], ids[2])


def test_history_is_only_added_to_at_its_end(session: Session, cast: Cast) -> None:
    ids, fresh = _ids(cast), found(session, "X", "CĐCS Sở Y tế", cast.federation.id).id
    _renew(session, cast, Composition(tuple(ids[:3]), ids[0], ids[1]))
    with pytest.raises(LaterChange):  # joining closes no row, and is refused all the same
        _renew(session, cast, Composition((*ids, fresh), ids[0], ids[1]), date(2019, 5, 1))


def test_a_renewal_that_changes_nothing_is_refused(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    with pytest.raises(Invalid, match="members"):
        _renew(session, cast, Composition(tuple(ids), ids[0], ids[1]))


def test_a_year_without_a_list_is_not_renewed_and_one_with_a_list_is_not_founded(
    session: Session, cast: Cast
) -> None:
    ids = _ids(cast)
    wanted = Composition(tuple(ids), ids[0], None)
    with pytest.raises(BlocYearMissing):
        renew_list(session, cast.bloc.id, 2020, wanted, effective=NEW_YEAR, basis="")
    found_list(session, cast.bloc.id, 2020, wanted, effective=NEW_YEAR, basis="2/QĐ")
    with pytest.raises(BlocYearSet):
        found_list(session, cast.bloc.id, 2020, wanted, effective=NEW_YEAR, basis="2/QĐ")


@pytest.mark.parametrize("effective", [date(2018, 12, 31), date(2021, 1, 1)])
def test_a_list_holds_from_its_year_or_the_december_before(
    session: Session, cast: Cast, effective: date
) -> None:
    ids = _ids(cast)
    with pytest.raises(Invalid, match="effective"):
        found_list(
            session, cast.bloc.id, 2020, Composition(tuple(ids), ids[0], None), effective=effective, basis=""
        )


def test_a_list_needs_a_leader(session: Session, cast: Cast) -> None:
    with pytest.raises(Invalid, match="leader"):
        _renew(session, cast, Composition(tuple(_ids(cast)), None, None))


def test_units_that_are_not_there_or_not_below_the_federation_are_named(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    foreign = found(session, "ST", "LĐLĐ tỉnh Sóc Trăng", None, kind="federation").id
    ended = found(session, "E", "CĐCS Sở Y tế", cast.federation.id).id
    service.end_unit(session, ended, effective=DAY, basis="1/QĐ")
    for stranger in (foreign, ended):
        with pytest.raises(MemberNotThere) as refused:
            _renew(session, cast, Composition((*ids, stranger), ids[0], ids[1]))
        assert refused.value.facts["units"] == [stranger]


def test_a_unit_of_another_bloc_does_not_join(session: Session, cast: Cast) -> None:
    ids, fresh = _ids(cast), found(session, "X", "CĐCS Sở Y tế", cast.federation.id).id
    other = service.form_bloc(
        session, federation_id=cast.federation.id, code="05", name="Khối 05", symbol="KTĐ05", valid_from=START
    )
    found_list(
        session, other.id, YEAR, Composition((fresh,), fresh, None), effective=date(2019, 2, 1), basis=""
    )
    with pytest.raises(InAnotherBloc):
        _renew(session, cast, Composition((*ids, fresh), ids[0], ids[1]))


def test_a_bloc_keeps_its_earlier_names(session: Session, cast: Cast) -> None:
    def rename(name: str, effective: date, symbol: str = "KTĐ04") -> Bloc:
        return rename_bloc(
            session, cast.bloc.id, name=name, symbol=symbol, effective=effective, basis="7/QĐ", today=JULY
        )

    old = cast.bloc.name
    rename("Cụm thi đua số 4", JULY)
    assert (cast.bloc.name, name_on(session, cast.bloc, DAY)) == ("Cụm thi đua số 4", old)
    rename("Cụm thi đua số 04", JULY)
    assert name_on(session, cast.bloc, JULY) == "Cụm thi đua số 04"
    with pytest.raises(LaterChange):
        rename("Sớm hơn", DAY)
    with pytest.raises(NotYet):
        rename("Ngày mai", JULY + timedelta(days=1))
    with pytest.raises(Invalid):
        rename("Cụm thi đua số 04", JULY)


def test_a_symbol_belongs_to_one_bloc(session: Session, cast: Cast) -> None:
    with pytest.raises(SymbolTaken):
        service.form_bloc(
            session,
            federation_id=cast.federation.id,
            code="9",
            name="Khối 9",
            symbol="KTĐ04",
            valid_from=START,
        )
    other = service.form_bloc(
        session, federation_id=cast.federation.id, code="9", name="Khối 9", symbol="KTĐ09", valid_from=START
    )
    with pytest.raises(SymbolTaken):
        rename_bloc(session, other.id, name="Khối 9", symbol="KTĐ04", effective=DAY, basis="", today=DAY)


def test_a_bloc_ends_with_its_list_and_takes_no_other(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    end_bloc(session, cast.bloc.id, effective=JULY, basis="50/QĐ")
    assert service.bloc_members(session, cast.bloc.id, YEAR, JULY - timedelta(days=1))
    assert not service.bloc_members(session, cast.bloc.id, YEAR, JULY)
    with pytest.raises(BlocEnded):
        end_bloc(session, cast.bloc.id, effective=JULY, basis="")
    with pytest.raises(BlocEnded):
        found_list(
            session, cast.bloc.id, 2020, Composition(tuple(ids), ids[0], None), effective=NEW_YEAR, basis=""
        )
    with pytest.raises(BlocEnded):
        service.add_member(session, cast.bloc.id, YEAR, unit_id=ids[0], effective=JULY, basis="")


def test_a_bloc_does_not_end_before_what_is_planned(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    found_list(
        session, cast.bloc.id, 2020, Composition(tuple(ids), ids[0], None), effective=NEW_YEAR, basis=""
    )
    with pytest.raises(LaterChange):
        end_bloc(session, cast.bloc.id, effective=JULY, basis="")


def test_the_history_tells_each_decision_once(session: Session, cast: Cast) -> None:
    ids = _ids(cast)
    fresh = found(session, "X", "CĐCS Sở Y tế", cast.federation.id).id
    _renew(session, cast, Composition((ids[1], ids[2], ids[3], fresh), ids[2], ids[1]))
    rename_bloc(
        session, cast.bloc.id, name="Cụm 4", symbol="CTĐ04", effective=JULY, basis="31/QĐ", today=JULY
    )
    end_bloc(session, cast.bloc.id, effective=date(2019, 12, 31), basis="50/QĐ")
    told = changes_of_bloc(session, cast.bloc.id)
    assert [(c.day, c.year, c.founded, c.first, c.ended) for c in told] == [
        (START, None, True, False, False),
        (date(2018, 1, 1), YEAR, False, True, False),
        (JULY, None, False, False, False),
        (JULY, YEAR, False, False, False),
        (date(2019, 12, 31), None, False, False, True),
    ]
    renewed = told[3]
    assert (renewed.joined, renewed.left, renewed.leader, renewed.deputy) == ([fresh], [ids[0]], ids[2], None)
    assert (renewed.basis, told[2].named, told[4].basis) == ("30/QĐ-LĐLĐ", "Cụm 4", "50/QĐ")


def test_a_unit_that_ends_leaves_its_bloc_with_the_decision(session: Session, cast: Cast) -> None:
    service.end_unit(session, cast.unions[3].id, effective=JULY, basis="77/QĐ")
    assert changes_of_bloc(session, cast.bloc.id)[-1].basis == "77/QĐ"
