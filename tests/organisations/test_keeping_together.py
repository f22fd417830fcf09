"""Two administrators at the same moment: what both wrote is there."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY
from workflow_app.core.clock import now
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.core.working_days import CalendarDay
from workflow_app.organisations.calendars import Keeper, calendar_year, put_day
from workflow_app.organisations.models import DatedSetting
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.settings_data import change_setting

_SOON_S = 10


@pytest.fixture
def seeded(committed: None) -> None:
    with transaction() as session:
        seed_reference(session)


def together(first: Callable[[Session], object], second: Callable[[Session], object]) -> None:
    """The second begins while the first has done its work and not yet committed."""
    at_work, begun = threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def follow() -> None:
        try:
            at_work.wait(_SOON_S)
            with transaction() as session:
                session.execute(sa.text("SELECT 1"))
                begun.set()
                second(session)
        except BaseException as fault:  # noqa: BLE001 - told to the test's own thread
            faults.append(fault)

    thread = threading.Thread(target=follow)
    thread.start()
    with transaction() as session:
        first(session)
        at_work.set()
        begun.wait(_SOON_S)
        thread.join(0.3)  # long enough to stand at the lock
        assert thread.is_alive(), "the second waits for the first"
    thread.join(_SOON_S)
    assert faults == []


def test_two_days_added_at_the_same_moment_are_both_there(seeded: None) -> None:
    def adding(day: date) -> Callable[[Session], object]:
        entry = CalendarDay(day, "Nghỉ", "Thông báo", works=False)
        keeper = Keeper(None, new_id(), now(), DAY)
        return lambda session: put_day(session, 2026, entry, keeper=keeper)

    together(adding(date(2026, 11, 23)), adding(date(2026, 11, 24)))
    with reading() as session:
        known = calendar_year(session, 2026, unit_id=None, on=DAY)
    assert known.day(date(2026, 11, 23))
    assert known.day(date(2026, 11, 24))


def test_two_values_for_the_same_day_leave_the_later_one_and_keep_the_other(seeded: None) -> None:
    def setting_to(value: int) -> Callable[[Session], object]:
        return lambda session: change_setting(
            session,
            "pledge.max_rounds",
            value,
            unit_id=None,
            valid_from=DAY,
            legal_basis="30/HD",
            by=new_id(),
            at=now(),
        )

    together(setting_to(4), setting_to(5))
    with reading() as session:
        query = sa.select(DatedSetting.value, DatedSetting.replaced_at.is_(None)).where(
            DatedSetting.key == "pledge.max_rounds", DatedSetting.valid_from == DAY
        )
        assert sorted(session.execute(query).all()) == [(4, False), (5, True)]
