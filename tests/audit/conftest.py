"""Fixtures of this folder."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import ActorRef, record
from workflow_app.core.embedded import Addresses
from workflow_app.core.ids import new_id
from workflow_app.organisations.types import Capacity

AT = datetime(2019, 3, 1, 8, 25, 3, 120_000, tzinfo=UTC)
CHAIR = ActorRef(new_id(), new_id(), new_id(), "Chủ tịch", Capacity.ON_BEHALF)

Write = Callable[..., AuditEvent]


@pytest.fixture
def write(session: Session) -> Write:
    """Records one event; every argument can be replaced."""

    def write(**given: Any) -> AuditEvent:
        fields: dict[str, Any] = {
            "action": "pledge.signed",
            "actor": CHAIR,
            "at": AT,
            "object_type": "pledge",
            "object_id": new_id(),
            **given,
        }
        return record(session, **fields)

    return write


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[sa.Engine]:
    """Fresh connections of the owner of the tables: what one test switches off stays off there only."""
    engine = sa.create_engine(addresses.owner, poolclass=sa.NullPool)
    yield engine
    engine.dispose()
