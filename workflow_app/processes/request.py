"""What a process's pages know of the request: who acts, and the session to read with.

The web provides both, pages below the web ask here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflow_app.organisations.types import Actor


@dataclass(frozen=True, slots=True)
class Request:
    """The web's answers for the request that is being served."""

    actor: Callable[[], Actor]
    reader: Callable[[], Session]
    stop_reading: Callable[[], None]


_provided: list[Request] = []


def provide(request: Request) -> None:
    """Told by the web at start-up; the last one holds."""
    _provided[:] = [request]


def actor() -> Actor:
    """The signed-in person, or whoever's token it is, with today's seats; the web lets nobody else reach a page."""
    return _provided[0].actor()


def reader() -> Session:
    """The request's one read-only session: a page holds one connection, however much it asks."""
    return _provided[0].reader()


def stop_reading() -> None:
    """Gives the connection back, before a transaction takes one; nothing happens outside a request."""
    if _provided:
        _provided[0].stop_reading()
