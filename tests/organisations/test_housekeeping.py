"""What is forgotten each night: once, also when two workers look, and later when the machine was off."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from storage.errors import StorageUnavailable
from storage.files import FileStore
from tests.organisations.cast import Cast, appoint, make_cast
from tests.organisations.conftest import GOOD
from workflow_app.cli import content
from workflow_app.core import clock, jobs
from workflow_app.core.clock import HANOI
from workflow_app.core.database import reading, transaction
from workflow_app.core.embedded import Addresses
from workflow_app.core.ids import new_id
from workflow_app.documents import objects, sweeping
from workflow_app.organisations import housekeeping, service, settings_data, tokens, web_sessions
from workflow_app.organisations.errors import SignInRefused
from workflow_app.organisations.housekeeping import keep_house, night_due
from workflow_app.organisations.models import (
    AccountTicket,
    ApiToken,
    HousekeepingRun,
    SignInTry,
    TicketKind,
    WebSession,
)
from workflow_app.organisations.seeds import seed_reference

assert sweeping.sweep_store  # imported: its chore is one of the night's
NIGHT = datetime(2019, 3, 2, 2, 0, tzinfo=HANOI)


@pytest.fixture
def at() -> Iterator[clock.ScriptedClock]:
    scripted = clock.ScriptedClock(NIGHT)
    with clock.use(scripted):
        yield scripted


@pytest.fixture
def cast(committed: None, at: clock.ScriptedClock, tmp_path: Path) -> Iterator[Cast]:
    objects.bind(FileStore(tmp_path / "objects"))
    with transaction() as session:
        made = make_cast(session)
    yield made
    objects.bind(None)


@pytest.fixture
def person(cast: Cast) -> UUID:
    with transaction() as session:
        person = cast.chairs[0].id
        service.open_account(session, person, username="chutich", at=clock.now(), password=GOOD)
    return person


def _runs() -> list[HousekeepingRun]:
    with reading() as session:
        return list(session.scalars(sa.select(HousekeepingRun).order_by(HousekeepingRun.night)))


def _set(key: str, value: int, unit: UUID | None, since: date) -> None:
    with transaction() as session:
        settings_data.change_setting(
            session,
            key,
            value,
            unit_id=unit,
            valid_from=since,
            legal_basis="QĐ 1",
            by=new_id(),
            at=clock.now(),
        )


@pytest.mark.parametrize(
    ("local", "hour", "night"),
    [
        ("2019-03-02T01:59", 2, date(2019, 3, 1)),
        ("2019-03-02T02:00", 2, date(2019, 3, 2)),
        ("2019-03-02T23:59", 2, date(2019, 3, 2)),
        ("2019-03-02T00:00", 0, date(2019, 3, 2)),
        ("2019-03-02T22:59", 23, date(2019, 3, 1)),
    ],
)
def test_a_night_is_the_last_day_whose_hour_has_come(local: str, hour: int, night: date) -> None:
    assert night_due(datetime.fromisoformat(local).replace(tzinfo=HANOI), hour) == night


def test_it_runs_once_a_night_however_often_it_is_asked(cast: Cast, at: clock.ScriptedClock) -> None:
    begun = []
    for _ in range(3 * 24 * 6):  # three days, every ten minutes
        keep_house()
        begun.append(len(_runs()))
        at.advance(seconds=600)
    assert [run.night for run in _runs()] == [date(2019, 3, day) for day in (2, 3, 4)]
    assert [run.started_at for run in _runs()] == [NIGHT + timedelta(days=day) for day in range(3)]
    assert begun.count(1) == begun.count(2) == 24 * 6


def test_a_machine_that_was_off_at_that_hour_catches_up(cast: Cast, at: clock.ScriptedClock) -> None:
    keep_house()
    at.set(datetime(2019, 3, 7, 8, 3, tzinfo=HANOI))  # switched off over days, on again in the morning
    keep_house()
    keep_house()
    assert [run.night for run in _runs()] == [date(2019, 3, 2), date(2019, 3, 7)]
    at.set(datetime(2019, 3, 8, 1, 59, tzinfo=HANOI))
    keep_house()
    assert len(_runs()) == 2


def test_two_workers_at_the_same_moment_do_it_once(
    cast: Cast, at: clock.ScriptedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[datetime] = []

    def counted(moment: datetime, policy: housekeeping.Policy) -> int:
        calls.append(moment)
        return 1

    monkeypatch.setattr(housekeeping, "_chores", {"counted": counted})
    threads = [threading.Thread(target=keep_house) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_night_whose_worker_died_is_done_by_the_next(
    cast: Cast, at: clock.ScriptedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(moment: datetime, policy: housekeeping.Policy) -> int:
        raise StorageUnavailable("no disk")

    with monkeypatch.context() as patched:
        patched.setitem(housekeeping._chores, "store_leftovers", away)
        with pytest.raises(StorageUnavailable):
            keep_house()
    assert [run.finished_at for run in _runs()] == [None]
    at.advance(seconds=600)
    keep_house()
    assert [run.finished_at for run in _runs()] == [None], "it may still be at work"
    at.advance(seconds=3600)
    keep_house()
    assert [run.finished_at for run in _runs()] == [clock.now()]


def test_the_hour_is_the_unions(cast: Cast, at: clock.ScriptedClock) -> None:
    _set("housekeeping.hour", 4, None, date(2019, 1, 1))
    at.set(NIGHT + timedelta(hours=1, minutes=59))
    keep_house()
    at.advance(seconds=60)
    keep_house()
    assert [run.night for run in _runs()] == [date(2019, 3, 1), date(2019, 3, 2)]


def test_old_tries_tokens_tickets_and_sessions_go_and_younger_ones_stay(
    person: UUID, at: clock.ScriptedClock
) -> None:
    for days in (0, 10):
        at.set(NIGHT + timedelta(days=days))
        with pytest.raises(SignInRefused):
            service.sign_in("chutich", "sai mật khẩu", address="10.0.0.1", at=clock.now())
        with transaction() as session:
            web_sessions.start(session, person, at=clock.now())
            tokens.issue_token(session, person, name=f"t{days}", scopes=["read"], days=1, at=clock.now())
            service.make_ticket(session, person, kind=TicketKind.RESET, at=clock.now())
    at.set(NIGHT + timedelta(days=92))
    keep_house()
    done = _runs()[-1].done
    assert done == {
        "sessions": 2,
        "sign_in_tries": 1,
        "tokens": 1,
        "tickets": 1,
        "failed_jobs": 0,
        "store_leftovers": 0,
    }
    with reading() as session:
        assert session.scalars(sa.select(SignInTry.at)).all() == [NIGHT + timedelta(days=10)]
        assert session.scalars(sa.select(ApiToken.name)).all() == ["t10"]
        assert len(session.scalars(sa.select(AccountTicket.id)).all()) == 1
        assert session.scalars(sa.select(WebSession.id)).all() == []


def test_a_revoked_token_counts_from_its_revocation(person: UUID, at: clock.ScriptedClock) -> None:
    with transaction() as session:
        for name in ("kept", "revoked"):
            token, _ = tokens.issue_token(
                session, person, name=name, scopes=["read"], days=366, at=clock.now()
            )
        tokens.revoke_token(session, token.id, person_id=person, at=clock.now())
    at.set(NIGHT + timedelta(days=91))
    keep_house()
    with reading() as session:
        assert session.scalars(sa.select(ApiToken.name)).all() == ["kept"]


def test_where_federations_differ_the_longest_time_holds(cast: Cast, at: clock.ScriptedClock) -> None:
    with transaction() as session:
        admins = [service.add_person(session, full_name=f"Quản Trị {name}") for name in ("Một", "Hai")]
        appoint(session, admins[0], cast.federation, "administrator")
        appoint(session, admins[1], cast.unions[0], "administrator")
    days = "account.history_days"
    _set(days, 40, cast.federation.id, date(2019, 3, 1))
    with reading() as session:
        assert housekeeping.policy_of(session, date(2019, 3, 2))[days] == 40, "shorter than the first value"
    _set(days, 60, cast.unions[0].id, date(2019, 3, 1))
    with reading() as session:
        assert housekeeping.policy_of(session, date(2019, 3, 2))[days] == 60
        assert housekeeping.policy_of(session, date(2019, 2, 28))[days] == 90


def _job(status: str, ended: datetime) -> int:
    with transaction() as session:
        made = "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'x') RETURNING id"
        number: int = session.scalar(sa.text(made)) or 0
        ending = (
            "UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status) WHERE id = :id"
        )
        session.execute(sa.text(ending), {"status": status, "id": number})
        moved = "UPDATE procrastinate_events SET at = :at WHERE job_id = :id"
        session.execute(sa.text(moved), {"at": ended, "id": number})
    return number


def test_failed_jobs_are_kept_for_a_while_and_open_ones_for_ever(cast: Cast, at: clock.ScriptedClock) -> None:
    old, young = NIGHT - timedelta(days=31), NIGHT - timedelta(days=29)
    kept = {_job("failed", young), _job("todo", old), _job("doing", old)}
    for status in ("failed", "cancelled", "aborted"):
        _job(status, old)
    keep_house()
    with reading() as session:
        left = session.scalars(sa.text("SELECT id FROM procrastinate_jobs")).all()
        events = session.scalars(sa.text("SELECT DISTINCT job_id FROM procrastinate_events")).all()
    assert set(left) == kept
    assert set(events) <= kept
    assert _runs()[-1].done["failed_jobs"] == 3


def test_what_an_interrupted_put_left_is_swept_and_objects_stay(cast: Cast, tmp_path: Path) -> None:
    stored = objects.store().put(b"x", kind="docx")
    left = tmp_path / "objects" / ".tmp" / "1-dead"
    left.write_bytes(b"half")
    fresh = tmp_path / "objects" / ".tmp" / "2-alive"
    fresh.write_bytes(b"half")
    long_ago = left.stat().st_mtime - 7200
    os.utime(left, (long_ago, long_ago))
    keep_house()
    assert not left.exists()
    assert fresh.exists()
    assert objects.store().exists(stored.key)
    assert _runs()[-1].done["store_leftovers"] == 1


def test_the_worker_knows_the_job_and_when_to_look(cast: Cast) -> None:
    content.register()
    assert jobs._periodic[housekeeping.JOB] == "0 */10 * * * *"
    jobs.run(housekeeping.JOB, {})
    assert len(_runs()) == 1


def test_a_worker_does_it_by_itself(
    cast: Cast, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.register()
    monkeypatch.setitem(jobs._periodic, housekeeping.JOB, "* * * * * *")  # nobody waits ten minutes here
    worker = jobs.Worker(addresses.app, concurrency=1, poll_seconds=0.1)
    worker.start()
    try:
        for _ in range(100):
            if _runs() and _runs()[0].finished_at:
                break
            time.sleep(0.1)
    finally:
        worker.stop()
    assert [run.finished_at for run in _runs()] == [NIGHT]


def test_an_installation_without_people_keeps_house_too(
    committed: None, at: clock.ScriptedClock, tmp_path: Path
) -> None:
    objects.bind(FileStore(tmp_path / "objects"))
    with transaction() as session:
        seed_reference(session)
    keep_house()
    assert [run.finished_at for run in _runs()] == [NIGHT]
    objects.bind(None)
