"""What a pledge puts into its Word documents: plain values for the templates, nothing else."""

from workflow_app.processes.pledges.papers.conference import invitation_paper, minutes_paper, plan_paper
from workflow_app.processes.pledges.papers.frame import Frame, frame
from workflow_app.processes.pledges.papers.pledge import issued_paper, pledge_paper

__all__ = [
    "Frame",
    "frame",
    "invitation_paper",
    "issued_paper",
    "minutes_paper",
    "plan_paper",
    "pledge_paper",
]
