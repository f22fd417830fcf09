"""Every table of the product: importing the model modules fills the metadata."""

import importlib

from sqlalchemy import MetaData
from sqlalchemy.dialects.postgresql.base import ischema_names

from workflow_app.core.database import Base

MODEL_MODULES = (
    "workflow_app.organisations.models",
    "workflow_app.audit.models",
    "workflow_app.notifications.models",
    "workflow_app.documents.models",
    "workflow_app.documents.issued_copies",
    "workflow_app.signatures.models",
    "workflow_app.engine.models",
    "workflow_app.processes.pledges.models",
    "workflow_app.processes.dossiers.models",
)


def metadata() -> MetaData:
    """The metadata with all tables in it."""
    for module in MODEL_MODULES:
        importlib.import_module(module)
    from workflow_app.audit.models import Xid8

    ischema_names.setdefault("xid8", Xid8)  # SQLAlchemy does not know the type when it looks at a table
    return Base.metadata
