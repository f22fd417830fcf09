"""The practice room: open work at every step, with deadlines that have not passed, on any day of the year."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import FileStore
from workflow_app.cli import content
from workflow_app.cli.health import invariants
from workflow_app.cli.health.findings import Level
from workflow_app.core import clock
from workflow_app.core.clock import HANOI, ScriptedClock
from workflow_app.core.database import reading
from workflow_app.documents import objects
from workflow_app.engine.models import HumanTask, TaskStatus
from workflow_app.organisations import accounts, passwords
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.processes.pledges.models import Pledge, PledgeState, PledgeUnit, SignState
from workflow_app.scenarios import open_work
from workflow_app.scenarios.practice.accounts import secrets_of

pytestmark = pytest.mark.slow

KEY = "the secret key of one installation"


@pytest.fixture
def store(committed: None, tmp_path: Path) -> Iterator[FileStore]:
    """An installation of its own for one test."""
    store = FileStore(tmp_path / "objects")
    objects.bind(store)
    passwords.configure(pepper=KEY)
    content.bring_up_to_date()
    yield store
    objects.bind(None)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 22), date(2027, 1, 4)], ids=["a Sunday", "the new year's first days"]
)
def test_every_step_has_open_work_with_deadlines_ahead(store: FileStore, today: date) -> None:
    at_work = datetime.combine(today, time(9), HANOI)
    with clock.use(ScriptedClock(at_work)):
        open_work.make(secrets_of(KEY), today=today, tell=lambda line: None)
        with reading() as session:
            states = {
                (symbol, year): state
                for symbol, year, state in session.execute(
                    select(Bloc.symbol, Pledge.year, Pledge.state).join(Bloc, Bloc.id == Pledge.bloc_id)
                )
            }
            assert states == {
                ("KTĐ04", 2019): PledgeState.ISSUED,
                ("KTĐ04", today.year): PledgeState.SIGNING,
                ("CTĐ03", today.year): PledgeState.COMMENTING,
                ("KTĐ05", today.year): PledgeState.APPROVING,
                ("KTĐ06", today.year): PledgeState.SIGNING,  # everybody signed, the witness has not
                ("KTĐ07", today.year): PledgeState.ISSUING,
                ("KTĐ08", today.year): PledgeState.DRAFTING,
            }
            open_tasks = select(HumanTask.form_key, func.count()).where(HumanTask.status == TaskStatus.OPEN)
            counted = dict(session.execute(open_tasks.group_by(HumanTask.form_key)).all())
            assert counted == {
                "pledge_sign": 1,
                "pledge_settle": 1,
                "pledge_comment": 8,
                "pledge_approve": 1,
                "pledge_witness": 1,
                "pledge_issue": 1,
                "pledge_draft": 1,
            }
            late = select(HumanTask).where(HumanTask.status == TaskStatus.OPEN, HumanTask.due_at < at_work)
            assert session.scalars(late).all() == []
            signed = Counter(
                session.scalars(
                    select(PledgeUnit.sign_state)
                    .join(Pledge)
                    .join(Bloc, Bloc.id == Pledge.bloc_id)
                    .where(Bloc.symbol == "KTĐ04", Pledge.year == today.year)
                )
            )
            assert signed == {SignState.SIGNED: 12, SignState.REFUSED: 1, SignState.OPEN: 1}
            faults = [
                finding
                for finding in invariants.check_all(invariants.Look(session, store, deep=True))
                if finding.level is Level.FAULT
            ]
            assert faults == []


def test_the_practice_secrets_belong_to_one_installation_and_open_its_accounts(store: FileStore) -> None:
    secrets = secrets_of(KEY)
    assert secrets == secrets_of(KEY)
    others = {secrets_of(f"{KEY} {number}") for number in range(50)}
    assert len({other.password for other in others} | {secrets.password}) == 51
    assert all(passwords.password_weakness(other.password) is None for other in others)
    assert all(passwords.pin_weakness(other.pin) is None for other in others)
    with clock.use(ScriptedClock(datetime(2026, 11, 20, 9, tzinfo=HANOI))):
        open_work._found(secrets, date(2026, 11, 20))
        signed_in = accounts.sign_in("chutich.sotp", secrets.password, address="127.0.0.1", at=clock.now())
        accounts.prove_pin(signed_in.person_id, secrets.pin, at=clock.now())
