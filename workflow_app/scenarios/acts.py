"""What an administrator or a chair does to the organisation within a story."""

from datetime import date, timedelta
from uuid import UUID

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.organisations import service
from workflow_app.organisations.types import Capacity
from workflow_app.scenarios.practice import accounts, founding
from workflow_app.scenarios.practice.accounts import Secrets
from workflow_app.scenarios.practice.founding import Federation
from workflow_app.scenarios.practice.plans import PersonPlan
from workflow_app.scenarios.story import Doing, Story


def let_vice_chair_sign(
    story: Story, federation: Federation, slug: str, *, capacity: Capacity, paper: str, days: int
) -> str:
    """A chair lets his vice-chair sign for some days; returns the vice-chair's user name.

    paper: number of the written power (giấy ủy quyền, phân công ký thay).
    """
    member, vice = federation.unions[slug], f"phochutich.{slug}"
    with story.as_(f"chutich.{slug}").doing("delegation.given") as act:
        today = clock.today()
        delegation = service.delegate(
            act.session,
            principal_appointment_id=federation.terms[f"chutich.{slug}"],
            delegate_person_id=member.vice_chair,
            delegate_appointment_id=federation.terms[vice],
            valid_from=today,
            valid_to=today + timedelta(days=days),
            scope={"sign"},
            capacity=capacity,
            basis_number=paper,
            basis_date=today,
        )
        _record(act, "delegation.given", "delegation", delegation.id, basis=paper)
    return vice


def replace_chair(
    story: Story, federation: Federation, slug: str, successor: PersonPlan, *, secrets: Secrets, basis: str
) -> str:
    """The federation ends a chair's term and appoints another from today on; returns the new user name."""
    unit_id = federation.unions[slug].unit_id
    username, today = f"chutichmoi.{slug}", clock.today()
    hand = story.as_(f"quantri.{federation.plan.slug}")
    with hand.doing("appointment.ended") as act:
        term = federation.terms[f"chutich.{slug}"]
        service.end_appointment(act.session, term, on=today, basis=basis)
        _record(act, "appointment.ended", "appointment", term)
    with hand.doing("appointment.begun") as act:
        _begin(act, federation, username, successor, today, secrets, unit_id=unit_id)
    story.people[username] = federation.people[username]
    return username


def _begin(
    act: Doing,
    federation: Federation,
    username: str,
    successor: PersonPlan,
    today: date,
    secrets: Secrets,
    *,
    unit_id: UUID,
) -> None:
    person = founding.add(act.session, successor)
    term = founding.appoint(act.session, person, unit_id, "chair", since=today)
    federation.people[username], federation.terms[username] = person.id, term.id
    accounts.open_accounts(act.session, {username: person.id}, secrets, at=act.at)
    _record(act, "appointment.begun", "appointment", term.id)


def _record(act: Doing, action: str, kind: str, object_id: UUID, **details: str) -> None:
    audit.record(
        act.session,
        action=action,
        actor=ActorRef.of(act.actor, act.seat),
        at=act.at,
        object_type=kind,
        object_id=object_id,
        op_id=act.op_id,
        details=details,
    )
