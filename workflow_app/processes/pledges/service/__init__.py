"""The acts of a pledge: each takes the session first, changes rows, and lets the caller commit."""

from workflow_app.processes.pledges.service.conference import (
    freeze,
    invite,
    open_signing,
    record_conference,
    withdraw_frozen,
)
from workflow_app.processes.pledges.service.drafting import (
    approve,
    comment,
    consolidate,
    draft,
    open_comments,
    record_silence,
)
from workflow_app.processes.pledges.service.opening import open_pledge
from workflow_app.processes.pledges.service.rows import last_conference, must_be
from workflow_app.processes.pledges.service.signing import (
    cancel,
    issue,
    readmit,
    record_not_signed,
    settle,
    sign,
    witness,
)

__all__ = [
    "approve",
    "cancel",
    "comment",
    "consolidate",
    "draft",
    "freeze",
    "invite",
    "issue",
    "last_conference",
    "must_be",
    "open_comments",
    "open_pledge",
    "open_signing",
    "readmit",
    "record_conference",
    "record_not_signed",
    "record_silence",
    "settle",
    "sign",
    "withdraw_frozen",
    "witness",
]
