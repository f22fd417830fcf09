"""Lists for pages."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, START, YEAR, Cast, appoint, found
from workflow_app.organisations import queries, service


def _names(rows: list[queries.PersonRow]) -> list[str]:
    return [row.person.full_name for row in rows]


def test_people_are_found_without_diacritics(session: Session, cast: Cast) -> None:
    service.add_person(session, full_name="Đặng Hoài Phương")
    for query in ("dang hoai", "ĐẶNG", "phuong dang", "đặng hoài phương"):
        assert _names(queries.find_people(session, query, on=DAY)) == ["Đặng Hoài Phương"]
    assert _names(queries.find_people(session, "ang", on=DAY)) == []  # words are matched from their beginning
    assert queries.find_people(session, "%", on=DAY) == queries.find_people(session, "", on=DAY)


def test_people_stand_in_order_of_their_given_names(session: Session, cast: Cast) -> None:
    for name in ("Trần Quốc Đạt", "Lê Dũng", "Võ An"):
        service.add_person(session, full_name=name)
    found = _names(queries.find_people(session, "", on=DAY))
    assert [name for name in found if name in {"Trần Quốc Đạt", "Lê Dũng", "Võ An"}] == [
        "Võ An",
        "Lê Dũng",
        "Trần Quốc Đạt",
    ]


def test_pages_of_people_follow_each_other(session: Session, cast: Cast) -> None:
    everybody = queries.find_people(session, "", on=DAY)
    first = queries.find_people(session, "", on=DAY, limit=2)
    last = first[-1].person
    rest = queries.find_people(session, "", on=DAY, after=(last.sort_key, last.id))
    assert _names(first) + _names(rest) == _names(everybody)


def test_people_of_a_subtree_show_their_offices(session: Session, cast: Cast) -> None:
    appoint(session, cast.chairs[1], cast.federation, "inspection_member")
    rows = queries.find_people(session, "nguyen van b", on=DAY, within=cast.unions[1].id)
    assert [row.offices for row in rows] == [
        ("Chủ tịch, Sở Nội vụ", "Ủy viên Ủy ban Kiểm tra, Liên đoàn Lao động tỉnh An Giang")
    ]
    assert queries.find_people(session, "nguyen van b", on=DAY, within=cast.unions[2].id) == []


def test_units_are_found_by_both_names(session: Session, cast: Cast) -> None:
    found = queries.find_units(session, "so noi", on=DAY, within=cast.federation.id)
    assert [period.unit_id for period in found] == [cast.unions[1].id]


def test_the_counted_tree_adds_up(session: Session, cast: Cast) -> None:
    group = found(session, "G1", "Tổ 1", cast.unions[0].id)
    found(session, "G2", "Tổ 1a", group.id)
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    counts = {row.node.unit_id: row for row in queries.counted_tree(session, cast.federation.id, DAY)}
    assert len(statements) == 2
    root, union = counts[cast.federation.id], counts[cast.unions[0].id]
    assert (root.children, root.below, root.officers) == (4, 6, 1)
    assert (union.children, union.below, union.officers) == (1, 2, 1)


def test_terms_about_to_end_say_whether_somebody_follows(session: Session, cast: Cast) -> None:
    people = [service.add_person(session, full_name=f"Trần Thị {letter}") for letter in "XYZ"]
    end = DAY + timedelta(days=30)
    appoint(session, people[0], cast.unions[0], "vice_chair", until=end)
    appoint(session, people[1], cast.unions[1], "vice_chair", until=end + timedelta(days=1))
    appoint(session, people[2], cast.unions[1], "vice_chair", since=end + timedelta(days=1))
    appoint(session, people[2], cast.unions[2], "vice_chair", until=end + timedelta(days=100))
    rows = queries.ending_terms(session, within=cast.federation.id, on=DAY)
    assert [(row.person_name, row.last_day, row.succeeded) for row in rows] == [
        ("Trần Thị X", end - timedelta(days=1), False),
        ("Trần Thị Y", end, True),
    ]


def test_the_list_of_blocs_names_leader_and_deputy(session: Session, cast: Cast) -> None:
    service.form_bloc(session, federation_id=cast.federation.id, code="01", name="Khối 01", valid_from=START)
    rows = queries.blocs_of(session, cast.federation.id, YEAR, DAY)
    assert [(row.bloc.code, row.members, row.leader, row.deputy) for row in rows] == [
        ("01", 0, "", ""),
        ("04", 4, "Sở Thông tin và Truyền thông", "Sở Nội vụ"),
    ]
    assert queries.blocs_with_unit(session, [cast.unions[2].id], YEAR, DAY) == [
        (cast.bloc, cast.unions[2].id)
    ]


def test_the_terms_of_a_person_are_listed_newest_first(session: Session, cast: Cast) -> None:
    appoint(session, cast.chairs[0], cast.federation, "inspection_member", since=DAY)
    rows = queries.appointments_of(session, cast.chairs[0].id)
    assert [(row.title, row.unit) for row in rows] == [
        ("Ủy viên Ủy ban Kiểm tra", "Liên đoàn Lao động tỉnh An Giang"),
        ("Chủ tịch", "Sở Thông tin và Truyền thông"),
    ]
