"""Where a process shows its dossier, and who may see an instance."""

from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from workflow_app.engine.models import ProcessInstance
from workflow_app.engine.refusals import InstanceUnknown
from workflow_app.organisations.models.blocs import BlocMember
from workflow_app.organisations.types import Actor
from workflow_app.processes import registry


def dossier_url(process_key: str, business_id: UUID, instance_id: UUID) -> str:
    """A process may say `page = "pledges.show"`: an endpoint that takes `business_id`."""
    endpoint = getattr(registry.process_of(process_key), "page", None)
    if endpoint:
        return url_for(endpoint, business_id=business_id)
    return url_for("instances.show", instance_id=instance_id)


def icon_of(form_key: str) -> str:
    """A picture of what is to be done; words say it as well."""
    for process in registry.processes():
        if icon := getattr(process, "icons", {}).get(form_key):
            return str(icon)
    verbs = {"sign": "pen", "witness": "seal", "approve": "check", "comment": "chat", "issue": "doc"}
    verbs |= {
        "minutes": "team",
        "invite": "mail",
        "draft": "pen",
        "settle": "back",
        "report": "up",
        "vote": "vote",
    }
    return next((icon for verb, icon in verbs.items() if verb in form_key), "doc")


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which instances exist for this person.

    Those of his units as unit, leader, deputy or federation; and the whole bloc's own ones when one of his units is
    in the bloc that year. A sub-process of another unit is that unit's, the leader's and the federation's.
    """
    units = list(actor.unit_ids)
    member = exists().where(
        BlocMember.bloc_id == ProcessInstance.bloc_id,
        BlocMember.year == ProcessInstance.year,
        BlocMember.unit_id.in_(units),
    )
    return or_(
        ProcessInstance.federation_id.in_(units),
        ProcessInstance.leader_unit_id.in_(units),
        ProcessInstance.deputy_unit_id.in_(units),
        ProcessInstance.unit_id.in_(units),
        and_(ProcessInstance.unit_id.is_(None), member),
    )


def instance_of(session: Session, instance_id: UUID, actor: Actor) -> ProcessInstance:
    """The instance; raises InstanceUnknown for a foreign one."""
    query = select(ProcessInstance).where(ProcessInstance.id == instance_id, visible_to(actor))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise InstanceUnknown(f"instance {instance_id} is foreign to person {actor.person_id}")
    return found
