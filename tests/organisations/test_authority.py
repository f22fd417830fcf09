"""The one question, over random organisations: nobody outside the pairs is ever authorised."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.errors import Forbidden, NotFound
from workflow_app.core.ids import new_id
from workflow_app.organisations.authority import FOUR_EYES, authorize, may, may_see, require_visible
from workflow_app.organisations.errors import FourEyes, MandateEnded, OutsideDelegation
from workflow_app.organisations.types import Actor, EndedSeat, Pair, Seat

UNITS = [new_id() for _ in range(4)]
PEOPLE = [new_id() for _ in range(4)]
ROLES = ["unit_chair", "bloc_leader", "federation_officer", "records_clerk"]
ACTS = ["sign", "comment", "approve", "witness", "complete"]


@dataclass
class Thing:
    """A guarded object."""

    allowed: dict[str, list[Pair]] = field(default_factory=dict)
    visible_units: frozenset[UUID] | None = frozenset(UNITS)
    authors: frozenset[UUID] = frozenset()

    def grants(self, act: str) -> list[Pair]:
        return self.allowed.get(act, [])


def make_seat(person: UUID, unit: UUID, roles: list[str], **given: Any) -> Seat:
    return Seat(new_id(), person, unit, "Đơn vị", "ĐV", "chair", "Chủ tịch", frozenset(roles), **given)


def make_actor(person: UUID, *seats: Seat, ended: tuple[EndedSeat, ...] = ()) -> Actor:
    return Actor(person, "Người", "nguoi", seats, next(iter(seats), None), ended)


pairs = st.tuples(st.sampled_from(ROLES), st.sampled_from(UNITS))


@st.composite
def seats_of(draw: st.DrawFn, person: UUID) -> Seat:
    own = make_seat(person, draw(st.sampled_from(UNITS)), draw(st.lists(st.sampled_from(ROLES), unique=True)))
    if draw(st.booleans()):
        return own
    principal = draw(st.sampled_from([other for other in PEOPLE if other != person]))
    scope = frozenset(draw(st.lists(st.sampled_from(ACTS), unique=True)))
    return replace(own, delegation_id=own.id, principal_id=principal, scope=scope)


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    person = draw(st.sampled_from(PEOPLE))
    seats = draw(st.lists(seats_of(person), max_size=4))
    ended = [
        EndedSeat(unit, "Chủ tịch", frozenset({role}), date(2019, 1, 1))
        for role, unit in draw(st.lists(pairs, max_size=2))
    ]
    actor = make_actor(person, *seats, ended=tuple(ended))
    return actor.choosing(draw(st.sampled_from([None, *(seat.id for seat in seats)])))


things = st.builds(
    Thing,
    st.dictionaries(st.sampled_from(ACTS), st.lists(pairs, max_size=3), max_size=5),
    st.none() | st.frozensets(st.sampled_from(UNITS)),
    st.frozensets(st.sampled_from(PEOPLE), max_size=2),
)


def _expected(actor: Actor, act: str, thing: Thing) -> set[UUID]:
    """The rule once more, said differently: the seats that may do it, by going through all of them."""
    allowed = set()
    for seat in actor.seats:
        in_office = any((role, seat.unit_id) in thing.grants(act) for role in seat.roles)
        delegated = seat.delegation_id is None or not seat.scope or act in seat.scope
        judges_own = act in FOUR_EYES and bool({actor.person_id, seat.principal_id} & thing.authors)
        if in_office and delegated and not judges_own:
            allowed.add(seat.id)
    return allowed


@given(actors(), st.sampled_from(ACTS), things)
def test_exactly_the_seats_of_the_pairs_are_authorised(actor: Actor, act: str, thing: Thing) -> None:
    expected = _expected(actor, act, thing)
    assert may(actor, act, thing) == bool(expected)
    if expected:
        assert authorize(actor, act, thing).id in expected


@given(actors(), st.sampled_from(ACTS), things)
def test_nobody_without_a_seat_is_ever_authorised(actor: Actor, act: str, thing: Thing) -> None:
    retired = replace(actor, seats=(), seat=None)
    with pytest.raises((Forbidden, NotFound)):
        authorize(retired, act, thing)


@given(actors(), st.sampled_from(ACTS), things)
def test_a_foreign_object_is_not_found_and_never_named(actor: Actor, act: str, thing: Thing) -> None:
    hidden = replace(thing, visible_units=frozenset(), allowed={})
    with pytest.raises(NotFound):
        authorize(replace(actor, ended=()), act, hidden)


@given(actors(), st.sampled_from(sorted(FOUR_EYES)), things)
def test_no_author_and_no_delegate_of_one_ever_judges(actor: Actor, act: str, thing: Thing) -> None:
    people = {actor.person_id, *(seat.principal_id for seat in actor.seats if seat.principal_id)}
    with pytest.raises((Forbidden, NotFound)):
        authorize(actor, act, replace(thing, authors=frozenset(people)))


CHAIR = make_actor(PEOPLE[0], make_seat(PEOPLE[0], UNITS[0], ["unit_chair"]))
SIGNABLE = Thing({"sign": [("unit_chair", UNITS[0])]})


def test_the_seat_that_allows_the_act_is_returned() -> None:
    assert authorize(CHAIR, "sign", SIGNABLE) == CHAIR.seats[0]


def test_the_chosen_seat_is_preferred_among_several() -> None:
    lent = make_seat(PEOPLE[0], UNITS[0], ["unit_chair"], delegation_id=new_id(), principal_id=PEOPLE[1])
    actor = make_actor(PEOPLE[0], CHAIR.seats[0], lent)
    assert authorize(actor, "sign", SIGNABLE) == CHAIR.seats[0]
    assert authorize(actor.choosing(lent.id), "sign", SIGNABLE) == lent
    assert authorize(actor.choosing(None), "sign", SIGNABLE) == CHAIR.seats[0]


def test_the_refusal_says_who_may() -> None:
    thing = Thing({"approve": [("federation_standing", UNITS[1]), ("federation_officer", UNITS[1])]})
    with pytest.raises(Forbidden) as refused:
        authorize(CHAIR, "approve", thing)
    assert refused.value.code == "forbidden"
    assert "Ban Thường vụ Liên đoàn Lao động hoặc Chuyên viên Liên đoàn Lao động" in refused.value.vi
    assert refused.value.facts["may"] == [
        "Ban Thường vụ Liên đoàn Lao động",
        "Chuyên viên Liên đoàn Lao động",
    ]


def test_an_author_is_told_that_another_must_decide() -> None:
    thing = Thing({"approve": [("unit_chair", UNITS[0])]}, authors=frozenset({PEOPLE[0]}))
    with pytest.raises(FourEyes):
        authorize(CHAIR, "approve", thing)
    assert may(CHAIR, "approve", replace(thing, authors=frozenset({PEOPLE[1]})))


def test_an_author_may_do_what_judges_nothing() -> None:
    assert may(CHAIR, "sign", replace(SIGNABLE, authors=frozenset({PEOPLE[0]})))


def test_a_delegate_of_the_author_is_the_same_pair_of_eyes() -> None:
    lent = make_seat(PEOPLE[0], UNITS[0], ["unit_chair"], delegation_id=new_id(), principal_id=PEOPLE[1])
    thing = Thing({"approve": [("unit_chair", UNITS[0])]}, authors=frozenset({PEOPLE[1]}))
    with pytest.raises(FourEyes):
        authorize(make_actor(PEOPLE[0], lent), "approve", thing)


def test_a_former_chair_is_told_that_the_term_is_over() -> None:
    ended = EndedSeat(UNITS[0], "Chủ tịch", frozenset({"unit_chair"}), date(2019, 3, 1))
    with pytest.raises(MandateEnded) as refused:
        authorize(make_actor(PEOPLE[0], ended=(ended,)), "sign", SIGNABLE)
    assert refused.value.facts["ended_on"] == date(2019, 3, 1)


def test_a_delegation_is_asked_by_the_name_of_the_task() -> None:
    lent = make_seat(
        PEOPLE[0],
        UNITS[0],
        ["unit_chair"],
        delegation_id=new_id(),
        principal_id=PEOPLE[1],
        scope=frozenset({"sign"}),
    )
    delegate, task = make_actor(PEOPLE[0], lent), Thing({"complete": [("unit_chair", UNITS[0])]})
    assert authorize(delegate, "complete", task, delegated_as="sign") == lent
    with pytest.raises(OutsideDelegation):
        authorize(delegate, "complete", task, delegated_as="comment")
    with pytest.raises(OutsideDelegation):
        authorize(delegate, "complete", task)


def test_four_eyes_hold_for_the_name_of_the_task_too() -> None:
    task = Thing({"complete": [("unit_chair", UNITS[0])]}, authors=frozenset({PEOPLE[0]}))
    with pytest.raises(FourEyes):
        authorize(CHAIR, "complete", task, delegated_as="approve")


def test_seeing_needs_a_seat_in_one_of_the_units() -> None:
    thing = Thing(visible_units=frozenset({UNITS[0]}))
    stranger = make_actor(PEOPLE[1], make_seat(PEOPLE[1], UNITS[1], ["unit_chair"]))
    assert may_see(CHAIR, thing)
    assert not may_see(stranger, thing)
    with pytest.raises(NotFound):
        require_visible(stranger, thing)
    require_visible(stranger, Thing(visible_units=None))
    assert not may_see(make_actor(PEOPLE[2]), Thing(visible_units=None))
