"""What is forgotten each night: old sessions, old tries, old jobs. Packages add chores of their own.

The job looks every ten minutes whether a night is still to be done, so that a machine which was off at that
hour catches up soon after it starts; the row of the night makes it happen once, however many workers look.
"""

import logging
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.organisations import signing_in, tokens, web_sessions
from workflow_app.organisations.account_care import administered
from workflow_app.organisations.models.accounts import AccountTicket
from workflow_app.organisations.models.housekeeping import HousekeepingRun
from workflow_app.organisations.settings_data import settings

logger = logging.getLogger(__name__)

JOB = "organisations.keep_house"
HOUR, HISTORY_DAYS, FAILED_JOB_DAYS = (
    "housekeeping.hour",
    "account.history_days",
    "housekeeping.failed_job_days",
)
_SETTINGS = (HOUR, HISTORY_DAYS, FAILED_JOB_DAYS)
_GIVEN_UP = timedelta(hours=1)  # no chore takes minutes: a night that is not done by then has lost its worker
_RUNS_KEPT = timedelta(days=366)

Policy = dict[str, int]
Chore = Callable[[datetime, Policy], int]  # the time, the settings; returns how many things it removed

_chores: dict[str, Chore] = {}


def chore(name: str) -> Callable[[Chore], Chore]:
    """Registers a chore. It may run twice, and it opens its own transaction.

    name: stands in the row of the night; a later chore of the same name takes its place.
    """

    def register(function: Chore) -> Chore:
        _chores[name] = function
        return function

    return register


@jobs.job(JOB, cron="0 */10 * * * *")
def keep_house() -> None:
    """Does the chores of a night that is due and not done; otherwise nothing."""
    at = clock.now()
    with reading() as session:
        policy = policy_of(session, clock.local(at).date())
    night = night_due(at, policy[HOUR])
    if not _begin(night, at):
        return
    done = {name: function(at, policy) for name, function in _chores.items()}
    with transaction() as session:
        change = sa.update(HousekeepingRun).where(HousekeepingRun.night == night)
        session.execute(change.values(finished_at=clock.now(), done=done))
        session.execute(sa.delete(HousekeepingRun).where(HousekeepingRun.night < night - _RUNS_KEPT))
    logger.info("housekeeping of %s: %s", night, done)


def night_due(at: datetime, hour: int) -> date:
    """The last night whose hour has come. hour: 0 to 23, in Viet Nam."""
    local = clock.local(at)
    return local.date() if local.hour >= hour else local.date() - timedelta(days=1)


def policy_of(session: Session, on: date) -> Policy:
    """The settings for the whole installation: where federations differ, the largest number holds for all."""
    units: Collection[Any] = session.scalars(administered(on).distinct()).all() or [None]
    found = [settings(session, _SETTINGS, unit_id=unit_id, on=on) for unit_id in units]
    return {key: max(values[key] for values in found) for key in _SETTINGS}


def _begin(night: date, at: datetime) -> bool:
    """Whether the night is ours: nobody has begun it, or whoever did is gone."""
    row = insert(HousekeepingRun).values(night=night, started_at=at, done={})
    lost = sa.and_(HousekeepingRun.finished_at.is_(None), HousekeepingRun.started_at < at - _GIVEN_UP)
    ours = row.on_conflict_do_update(
        index_elements=[HousekeepingRun.night], set_={"started_at": at}, where=lost
    ).returning(HousekeepingRun.night)
    with transaction() as session:
        return session.scalar(ours) is not None


@chore("sessions")
def _old_sessions(at: datetime, policy: Policy) -> int:
    with transaction() as session:
        return web_sessions.sweep(session, at=at)


@chore("sign_in_tries")
def _old_tries(at: datetime, policy: Policy) -> int:
    with transaction() as session:
        return signing_in.forget_old_tries(session, before=at - timedelta(days=policy[HISTORY_DAYS]))


@chore("tokens")
def _old_tokens(at: datetime, policy: Policy) -> int:
    with transaction() as session:
        return tokens.forget_old_tokens(session, before=at - timedelta(days=policy[HISTORY_DAYS]))


@chore("tickets")
def _old_tickets(at: datetime, policy: Policy) -> int:
    before = at - timedelta(days=policy[HISTORY_DAYS])
    old = sa.delete(AccountTicket).where(AccountTicket.expires_at < before).returning(AccountTicket.id)
    with transaction() as session:
        return len(session.scalars(old).all())


@chore("failed_jobs")
def _old_jobs(at: datetime, policy: Policy) -> int:
    with transaction() as session:
        return jobs.forget_failed(session, before=at - timedelta(days=policy[FAILED_JOB_DAYS]))
