"""What a process's pages know of the request: who acts. The web provides it, pages below the web ask here."""

from collections.abc import Callable

from workflow_app.organisations.types import Actor

_provider: list[Callable[[], Actor]] = []


def provide(current_actor: Callable[[], Actor]) -> None:
    """Told by the web at start-up; the last one holds."""
    _provider[:] = [current_actor]


def actor() -> Actor:
    """The signed-in person, or whoever's token it is, with today's seats; the web lets nobody else reach a page."""
    return _provider[0]()
