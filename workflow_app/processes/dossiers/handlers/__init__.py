"""What the diagrams of dossiers call: forms that people fill in, documents that the machine makes."""

from workflow_app.processes.dossiers import wording as wording  # registers its phrases
from workflow_app.processes.dossiers.handlers import (
    opening as opening,  # registers what follows an instance's end
)
from workflow_app.processes.dossiers.handlers import operations
from workflow_app.processes.dossiers.handlers.hosting import Dossiers
from workflow_app.processes.process import Process

DOSSIERS = Process(
    key="dossier",
    title="Hồ sơ",
    business_type="dossier",
    diagrams=(),
    tasks={},
    operations=operations.NAMES,
    templates=(),
    pages="workflow_app.processes.dossiers.pages",
    api="workflow_app.processes.dossiers.api",
    host=Dossiers(),
)
