"""Numbers: gapless, never twice, never back in time, whatever happens around them."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.documents.conftest import Desk
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.documents import numbering
from workflow_app.documents.errors import BookUnknown, DocumentWrongState, NumberDateEarlier
from workflow_app.documents.models import EntryStatus, RegisterBook, RegisterEntry
from workflow_app.organisations.models import Unit

DAY = date(2019, 3, 1)
WRITERS, ROUNDS = 16, 12


class _Dropped(Exception):
    """The caller's transaction fails after it took a number."""


def _book(session: Session, unit_id: UUID, year: int = 2019) -> RegisterBook:
    return numbering.open_book(
        session,
        owner_unit_id=unit_id,
        code="đi",
        name="Sổ văn bản đi",
        year=year,
        symbol_pattern="{kind}-KTĐ04",
    )


def _take(session: Session, unit_id: UUID, on: date = DAY) -> RegisterEntry:
    return numbering.take_number(
        session, owner_unit_id=unit_id, book="đi", kind="BB", on=on, document_id=None
    )


def test_numbers_run_from_01_with_the_symbol_of_the_book(
    session: Session, unit: Unit, noon: ScriptedClock
) -> None:
    _book(session, unit.id)
    assert [_take(session, unit.id).full_symbol for _ in range(3)] == [
        "01/BB-KTĐ04",
        "02/BB-KTĐ04",
        "03/BB-KTĐ04",
    ]


@pytest.mark.parametrize(
    ("number", "written"), [(1, "01"), (9, "09"), (10, "10"), (112, "112"), (1234, "1234")]
)
def test_a_number_is_written_as_in_documents(number: int, written: str) -> None:
    assert RegisterEntry(number=number, suffix="").written_number == written


def test_each_year_starts_anew_in_its_own_book(session: Session, unit: Unit) -> None:
    _book(session, unit.id)
    _book(session, unit.id, 2020)
    assert _take(session, unit.id).number == 1
    assert _take(session, unit.id, date(2020, 1, 2)).number == 1
    with pytest.raises(BookUnknown):
        _take(session, unit.id, date(2021, 1, 1))


def test_opening_a_book_twice_gives_the_same_book(session: Session, unit: Unit) -> None:
    assert _book(session, unit.id).id == _book(session, unit.id).id


def test_dates_in_a_book_never_go_back(session: Session, unit: Unit) -> None:
    _book(session, unit.id)
    _take(session, unit.id, date(2019, 3, 5))
    with pytest.raises(NumberDateEarlier) as refused:
        _take(session, unit.id, date(2019, 3, 4))
    assert (
        refused.value.vi
        == "Số gần nhất trong sổ ghi ngày 05/3/2019. Hãy chọn ngày văn bản từ ngày đó trở đi."
    )
    assert _take(session, unit.id, date(2019, 3, 5)).number == 2


def test_a_cancelled_number_stays_with_its_reason_and_is_not_used_again(session: Session, unit: Unit) -> None:
    _book(session, unit.id)
    entry = _take(session, unit.id)
    with pytest.raises(DocumentWrongState):
        numbering.cancel_number(session, entry, reason="  ")
    numbering.cancel_number(session, entry, reason="rút vòng ký")
    assert (entry.status, entry.reason) == (EntryStatus.CANCELLED, "rút vòng ký")
    assert _take(session, unit.id).number == 2
    with pytest.raises(DocumentWrongState):
        numbering.cancel_number(session, entry, reason="lần nữa")


def test_a_document_has_one_number(session: Session, desk: Desk) -> None:
    _book(session, desk.unit.id)
    document = desk.document()
    unit_id, document_id = desk.unit.id, document.id
    entry = numbering.take_number(
        session, owner_unit_id=unit_id, book="đi", kind="GƯ", on=DAY, document_id=document_id
    )
    assert document.register_entry_id == entry.id
    assert entry.subject == document.title
    with pytest.raises(DocumentWrongState):
        numbering.take_number(
            session, owner_unit_id=unit_id, book="đi", kind="GƯ", on=DAY, document_id=document_id
        )
    numbering.cancel_number(session, entry, reason="nhầm")
    assert document.register_entry_id is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_entry SET number = 7",
        "UPDATE register_entry SET date = '2019-01-01'",
        "UPDATE register_entry SET symbol = 'X'",
        "DELETE FROM register_entry",
        "UPDATE register_book SET last_number = 0, last_date = NULL",
        "UPDATE register_book SET last_number = 5",
        "UPDATE register_book SET last_date = '2019-01-01'",
        "DELETE FROM register_book",
    ],
)
def test_the_database_itself_keeps_the_book(session: Session, unit: Unit, statement: str) -> None:
    _book(session, unit.id)
    _take(session, unit.id)
    with pytest.raises((IntegrityError, DBAPIError)), session.begin_nested():
        session.execute(sa.text(statement))


def test_the_database_refuses_a_second_entry_of_one_number(session: Session, unit: Unit) -> None:
    book = _book(session, unit.id)
    entry = _take(session, unit.id)
    session.add(
        RegisterEntry(
            book_id=book.id,
            number=entry.number,
            symbol="X",
            document_id=None,
            date=DAY,
            taken_at=entry.taken_at,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.fixture
def shared_unit(committed: None, bound: sa.Engine) -> UUID:
    with database.transaction() as session:
        unit = Unit(code="numbering")
        session.add(unit)
        session.flush()
        _book(session, unit.id)
    return unit.id


def _drop(wanted: bool) -> None:
    if wanted:
        raise _Dropped


def _write(unit_id: UUID, seed: int) -> list[int]:
    """The numbers whose transaction committed; every tenth or so is rolled back after the number was taken."""
    chance, kept = random.Random(seed), []  # noqa: S311 - which transactions fail, repeatable
    for _ in range(ROUNDS):
        try:
            with database.transaction() as session:
                number = _take(session, unit_id).number
                _drop(chance.random() < 0.1)
        except _Dropped:
            continue
        kept.append(number)
    return kept


def test_sixteen_writers_with_rollbacks_leave_no_gap_and_no_double(shared_unit: UUID) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        taken = sorted(
            n for numbers in pool.map(lambda seed: _write(shared_unit, seed), range(WRITERS)) for n in numbers
        )
    assert len(taken) < WRITERS * ROUNDS, "some have to be rolled back, or the test proves nothing"
    assert taken == list(range(1, len(taken) + 1))
    with database.reading() as session:
        book = session.scalars(sa.select(RegisterBook)).one()
        assert book.last_number == len(taken)
        assert session.scalars(sa.select(RegisterEntry.number).order_by(RegisterEntry.number)).all() == taken
