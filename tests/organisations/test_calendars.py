"""The table of days off, kept year by year: corrected, confirmed, and nothing of it lost."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, Cast
from workflow_app.core.clock import now
from workflow_app.core.errors import Invalid, NotFound
from workflow_app.core.ids import new_id
from workflow_app.core.working_days import CalendarDay
from workflow_app.organisations.calendars import (
    Keeper,
    calendar_year,
    declare_year,
    drop_day,
    put_day,
    years_known,
)
from workflow_app.organisations.models import DatedSetting
from workflow_app.organisations.settings_data import working_calendar

CULTURE_DAY = CalendarDay(date(2026, 11, 24), "Ngày Văn hóa Việt Nam", "Nghị quyết của Quốc hội", works=False)


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(None, new_id(), now(), DAY)


def _works(session: Session, cast: Cast, day: date) -> bool:
    return working_calendar(session, unit_id=cast.unions[0].id, on=DAY).is_working_day(day)


def test_a_day_that_is_added_moves_deadlines_and_the_year_before_it_stays_on_record(
    session: Session, cast: Cast, keeper: Keeper
) -> None:
    assert _works(session, cast, CULTURE_DAY.day)
    put_day(session, 2026, CULTURE_DAY, keeper=keeper)
    assert not _works(session, cast, CULTURE_DAY.day)
    rows = session.scalars(
        sa.select(DatedSetting).where(
            DatedSetting.key == "calendar", DatedSetting.valid_from == date(2026, 1, 1)
        )
    ).all()
    assert sorted(row.replaced_at is None for row in rows) == [False, True]


def test_a_day_is_corrected_also_to_another_date(session: Session, cast: Cast, keeper: Keeper) -> None:
    put_day(session, 2026, CULTURE_DAY, keeper=keeper)
    moved = CalendarDay(date(2026, 11, 23), "Nghỉ bù", "Công văn 1/VP", works=False)
    put_day(session, 2026, moved, keeper=keeper, instead_of=CULTURE_DAY.day)
    known = calendar_year(session, 2026, unit_id=None, on=DAY)
    assert known.day(moved.day) == moved
    assert known.day(CULTURE_DAY.day) is None
    assert list(known.days) == sorted(known.days, key=lambda entry: entry.day)


def test_a_day_is_taken_out_once(session: Session, cast: Cast, keeper: Keeper) -> None:
    put_day(session, 2026, CULTURE_DAY, keeper=keeper)
    drop_day(session, 2026, CULTURE_DAY.day, keeper=keeper)
    assert _works(session, cast, CULTURE_DAY.day)
    with pytest.raises(NotFound):
        drop_day(session, 2026, CULTURE_DAY.day, keeper=keeper)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (CalendarDay(date(2025, 11, 24), "Tên", "Nguồn", works=False), "day"),
        (CalendarDay(date(2026, 11, 24), "Làm bù", "Nguồn", works=True), "day"),  # a Tuesday
        (CalendarDay(date(2026, 11, 24), "  ", "Nguồn", works=False), "name"),
        (CalendarDay(date(2026, 11, 24), "Tên", " ", works=False), "source"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_at_its_field(
    session: Session, cast: Cast, keeper: Keeper, entry: CalendarDay, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put_day(session, 2026, entry, keeper=keeper)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_year_is_confirmed_by_a_paper_and_can_be_opened_again(
    session: Session, cast: Cast, keeper: Keeper
) -> None:
    assert calendar_year(session, 2026, unit_id=None, on=DAY).open_points.startswith("Ngày 24/11")
    with pytest.raises(Invalid, match="basis"):
        declare_year(session, 2026, complete=True, legal_basis=" ", keeper=keeper)
    done = declare_year(session, 2026, complete=True, legal_basis="Thông báo 9/TB", keeper=keeper)
    assert (done.complete, done.open_points, done.legal_basis) == (True, "", "Thông báo 9/TB")
    assert 2026 in working_calendar(session, unit_id=cast.unions[0].id, on=DAY).complete_years
    declare_year(session, 2026, complete=False, legal_basis="", keeper=keeper)
    assert 2026 not in working_calendar(session, unit_id=cast.unions[0].id, on=DAY).complete_years


def test_a_year_that_nobody_knows_begins_empty(session: Session, cast: Cast, keeper: Keeper) -> None:
    assert calendar_year(session, 2031, unit_id=None, on=DAY).days == ()
    put_day(
        session, 2031, CalendarDay(date(2031, 1, 1), "Tết Dương lịch", "Luật", works=False), keeper=keeper
    )
    assert years_known(session, unit_id=None, on=DAY)[2031] is False


def test_a_federation_begins_its_own_year_with_the_common_one(session: Session, cast: Cast) -> None:
    own = Keeper(cast.federation.id, new_id(), now(), DAY)
    put_day(session, 2026, CULTURE_DAY, keeper=own)
    mine = calendar_year(session, 2026, unit_id=cast.federation.id, on=DAY)
    assert mine.own
    assert mine.day(date(2026, 4, 30)), "the common days came along"
    assert calendar_year(session, 2026, unit_id=cast.unions[0].id, on=DAY).day(CULTURE_DAY.day)
    assert not calendar_year(session, 2026, unit_id=cast.unions[0].id, on=DAY).own
    assert calendar_year(session, 2026, unit_id=None, on=DAY).day(CULTURE_DAY.day) is None


def test_doctor_names_the_page_until_every_federation_knows_the_year(session: Session, cast: Cast) -> None:
    from workflow_app.cli.health.findings import Level
    from workflow_app.cli.health.surroundings import _holidays
    from workflow_app.core import clock

    with clock.use(clock.ScriptedClock(now().replace(year=2026, month=6, day=15))):
        found = _holidays(session)
        assert found.level is Level.WARNING
        assert "/administration/calendar/2026" in found.detail
        own = Keeper(cast.federation.id, new_id(), now(), DAY + timedelta(days=1))
        declare_year(session, 2026, complete=True, legal_basis="Thông báo 9/TB", keeper=own)
        assert _holidays(session).level is Level.OK
