"""The transaction: all or nothing, and refusals that people can read."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import database, jobs
from workflow_app.core.errors import Conflict


def test_a_job_is_queued_only_if_its_transaction_commits(committed: None) -> None:
    count = sa.text("SELECT count(*) FROM procrastinate_jobs")
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        jobs.defer(session, "test.noop", number=1)
        raise ZeroDivisionError
    with database.transaction() as session:
        assert session.scalar(count) == 0
        jobs.defer(session, "test.noop", number=2)
    with database.reading() as session:
        assert session.scalar(count) == 1


def test_due_jobs_run_with_the_jobs_that_they_defer(committed: None) -> None:
    seen: list[int] = []

    @jobs.job("test.count_down")
    def count_down(number: int) -> None:
        seen.append(number)
        if number:
            with database.transaction() as session:
                jobs.defer(session, "test.count_down", number=number - 1)

    with database.transaction() as session:
        jobs.defer(session, "test.count_down", number=2)
    assert jobs.run_until_idle() == 3
    assert seen == [2, 1, 0]


def test_a_reading_session_cannot_write(committed: None) -> None:
    with pytest.raises(sa.exc.InternalError, match="read-only"), database.reading() as session:
        session.execute(sa.text("DELETE FROM procrastinate_jobs"))


def test_waiting_too_long_for_a_row_is_told_as_a_conflict(committed: None, addresses: object) -> None:
    with database.transaction() as session:
        jobs.defer(session, "test.noop", number=1)
    lock = sa.text("SELECT id FROM procrastinate_jobs FOR UPDATE")
    with database.transaction() as holder:
        holder.execute(lock)
        with pytest.raises(Conflict, match="55P03"), database.transaction() as waiter:
            waiter.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            waiter.execute(lock)


def test_the_application_can_change_no_table(session: Session) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="must be owner"):
        session.execute(sa.text("DROP TABLE procrastinate_jobs CASCADE"))


def test_a_naive_time_never_reaches_the_database(session: Session) -> None:
    statement = sa.select(sa.literal(datetime(2019, 3, 1), database.AwareTime))  # noqa: DTZ001 - naive on purpose
    with pytest.raises(sa.exc.StatementError, match="naive"):
        session.execute(statement)
