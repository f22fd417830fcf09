"""Named points at which a process can be made to stand still, so that it is killed exactly there.

The file `stop-at` of the folder names the point, `stands-at` tells that it is reached. Both work across processes.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from storage import files
from workflow_app.engine import worker
from workflow_app.processes import completion

BEFORE_COMMIT = "before the COMMIT of an act"
AFTER_COMMIT = "after the COMMIT of an act, before its answer"
BYTES_ASIDE = "in the worker, the bytes written aside, without a name yet"
AFTER_WORK = "in the worker, between work and finish"
WORK_WRITTEN = "in the worker, every row of finish written, before the COMMIT"
WORK_COMMITTED = "in the worker, after the COMMIT of finish, before the job is struck out"

_STANDS = 30.0  # seconds: longer than the killer waits


def set_trap(folder: Path, point: str) -> None:
    """Who comes to the point next stands still there."""
    release(folder)
    (folder / "stop-at").write_text(point)


def sprung(folder: Path, *, seconds: float = 20) -> bool:
    """Waits until somebody stands at the point; the trap is gone then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (folder / "stands-at").exists():
            return True
        time.sleep(0.01)
    return False


def release(folder: Path) -> None:
    """Lets whoever stands go on, where he still lives."""
    (folder / "stands-at").unlink(missing_ok=True)


def reach(folder: Path, point: str) -> None:
    """Stands still when a trap is set for this point, until he is killed or released."""
    wanted, stands = folder / "stop-at", folder / "stands-at"
    if wanted.exists() and wanted.read_text() == point:
        wanted.rename(stands)
        end = time.monotonic() + _STANDS
        while stands.exists() and time.monotonic() < end:
            time.sleep(0.01)


def watch(folder: Path) -> None:
    """Lets this process stand still at every point, for the rest of its life."""
    _watch_acts(folder)
    finish, end, link = worker._finish, worker._end, files._link

    def finished(*given: Any) -> None:
        reach(folder, AFTER_WORK)
        finish(*given)
        reach(folder, WORK_COMMITTED)

    def ended(*given: Any, **named: Any) -> None:
        end(*given, **named)
        reach(folder, WORK_WRITTEN)

    def linked(source: Path, target: Path) -> bool:
        reach(folder, BYTES_ASIDE)
        return link(source, target)

    worker._finish, worker._end, files._link = finished, ended, linked


def _watch_acts(folder: Path) -> None:
    complete: Callable[..., Any] = completion._complete

    def marked(session: Session, *given: Any, **named: Any) -> Any:
        session.info["act"] = True
        return complete(session, *given, **named)

    completion._complete = marked
    for name, point in (("before_commit", BEFORE_COMMIT), ("after_commit", AFTER_COMMIT)):
        event.listen(Session, name, lambda session, point=point: _of_act(session, folder, point))


def _of_act(session: Session, folder: Path, point: str) -> None:
    if "act" in session.info:
        reach(folder, point)
