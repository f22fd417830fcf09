"""One read-only database session per request: opened at the first question, closed before anything is written."""

from contextlib import ExitStack
from typing import cast

from flask import Flask, g, has_app_context
from sqlalchemy.orm import Session

from workflow_app.core import database


def reader() -> Session:
    """The request's read-only session."""
    if "reading" not in g:
        stack = ExitStack()
        g.reading = (stack, stack.enter_context(database.reading()))
    return cast("Session", g.reading[1])


def stop_reading(_error: BaseException | None = None) -> None:
    """Gives the connection back: called before a transaction, so that no request ever holds two."""
    opened = g.pop("reading", None) if has_app_context() else None
    if opened is not None:
        opened[0].close()


def register(app: Flask) -> None:
    """Closes what a request left open."""
    app.teardown_appcontext(stop_reading)
