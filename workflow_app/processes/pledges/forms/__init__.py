"""What each task of a pledge asks for."""

from workflow_app.processes.forms import TaskForm
from workflow_app.processes.pledges.forms.drafting import (
    PledgeApprove,
    PledgeComment,
    PledgeConsolidate,
    PledgeDraft,
    Point,
    RegisteredValue,
    Reply,
)
from workflow_app.processes.pledges.forms.meeting import Attendance, Minute, PledgeInvite, PledgeMinutes
from workflow_app.processes.pledges.forms.parts import clock_minutes
from workflow_app.processes.pledges.forms.signing import PledgeIssue, PledgeSettle, PledgeSign, PledgeWitness
from workflow_app.processes.pledges.forms.text import (
    Clause,
    ContentGroup,
    Criterion,
    MonitoringPair,
    Plan,
    PledgeText,
    Reporting,
    Target,
    WorkItem,
)

__all__ = [
    "FORMS",
    "Attendance",
    "Clause",
    "ContentGroup",
    "Criterion",
    "Minute",
    "MonitoringPair",
    "Plan",
    "PledgeApprove",
    "PledgeComment",
    "PledgeConsolidate",
    "PledgeDraft",
    "PledgeInvite",
    "PledgeIssue",
    "PledgeMinutes",
    "PledgeSettle",
    "PledgeSign",
    "PledgeText",
    "PledgeWitness",
    "Point",
    "RegisteredValue",
    "Reply",
    "Reporting",
    "Target",
    "WorkItem",
    "clock_minutes",
]

FORMS: dict[str, type[TaskForm]] = {
    "pledge_draft": PledgeDraft,
    "pledge_comment": PledgeComment,
    "pledge_consolidate": PledgeConsolidate,
    "pledge_approve": PledgeApprove,
    "pledge_invite": PledgeInvite,
    "pledge_minutes": PledgeMinutes,
    "pledge_sign": PledgeSign,
    "pledge_settle": PledgeSettle,
    "pledge_witness": PledgeWitness,
    "pledge_issue": PledgeIssue,
}
