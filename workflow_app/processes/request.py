"""What a process's pages know of the request: who acts, and whether this very act was done before.

The web provides the person, pages below the web ask here.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, Invalid, OutcomeUnknown
from workflow_app.organisations.types import Actor

Made = TypeVar("Made")

_provider: list[Callable[[], Actor]] = []


def provide(current_actor: Callable[[], Actor]) -> None:
    """Told by the web at start-up; the last one holds."""
    _provider[:] = [current_actor]


def actor() -> Actor:
    """The signed-in person, or whoever's token it is, with today's seats; the web lets nobody else reach a page."""
    return _provider[0]()


def perform(actor: Actor, op_id: UUID, act: Callable[[Session], Made]) -> Made | None:
    """Runs an act in one transaction; None when the same person did it before under the same id."""
    try:
        with transaction() as session:
            return act(session)
    except (Conflict, Invalid, OutcomeUnknown):
        with reading() as session:
            if audit.repeat(session, actor.person_id, op_id) is not None:
                return None
        raise
