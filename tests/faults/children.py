"""Processes that may be killed: forked from one that has imported the product, so that a new one starts at once."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.application"])


class ChildFailed(AssertionError):
    """A child ended otherwise than it should; the message is the end of its log."""


def start(target: Callable[..., None], *arguments: Any, log: Path) -> BaseProcess:
    """A process of its own, whose output goes to the log; it ends with the test run at the latest."""
    child = _context.Process(target=_main, args=(target, arguments, log), daemon=True)
    child.start()
    return child


def run(target: Callable[..., None], *arguments: Any, log: Path, seconds: float = 90) -> None:
    """Runs it to its end. Raises ChildFailed."""
    child = start(target, *arguments, log=log)
    child.join(seconds)
    if child.exitcode != 0:
        code = child.exitcode
        kill(child)
        raise ChildFailed(f"exit code {code}: {tail(log)}")
    child.close()


def kill(child: BaseProcess) -> None:
    """SIGKILL, as a power switch: no handler runs."""
    child.kill()
    child.join(20)
    child.close()


def tail(log: Path) -> str:
    """The end of a log."""
    return log.read_text(errors="replace")[-3000:] if log.exists() else ""


def _main(target: Callable[..., None], arguments: tuple[Any, ...], log: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the fork server ignores it
    with log.open("ab") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
    target(*arguments)
