"""What the diagrams of a pledge call: acts of people, operations of the machine."""

from workflow_app.processes.pledges import wording as wording  # registers its phrases
from workflow_app.processes.pledges.forms import FORMS
from workflow_app.processes.pledges.handlers import acts, operations
from workflow_app.processes.process import Act, Process, TaskKind

_ACTS: dict[str, tuple[Act, str]] = {
    "pledge_draft": (acts.draft, "draft"),
    "pledge_comment": (acts.comment, "comment"),
    "pledge_consolidate": (acts.consolidate, "consolidate"),
    "pledge_approve": (acts.approve, "approve"),
    "pledge_invite": (acts.invite, "convene"),
    "pledge_minutes": (acts.record_conference, "convene"),
    "pledge_sign": (acts.sign, "sign"),
    "pledge_settle": (acts.settle, "settle"),
    "pledge_witness": (acts.witness, "witness"),
    "pledge_issue": (acts.issue, "issue"),
}

PLEDGES = Process(
    key="pledge",
    title="Giao ước thi đua",
    business_type="pledge",
    diagrams=("pledge", "pledge_comment", "pledge_signature"),
    tasks={key: TaskKind(FORMS[key], act, named) for key, (act, named) in _ACTS.items()},
    operations=operations.NAMES,
    templates=("pledge", "pledge_plan", "pledge_invitation", "pledge_minutes"),
    api="workflow_app.processes.pledges.api",
    pages="workflow_app.processes.pledges.pages",
    cancels_itself=True,
)
