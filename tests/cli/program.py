"""Running the program as a person does: another process, its output, its exit code."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 240  # a story on a busy machine


def run(
    *arguments: str, environment: Mapping[str, str] | None = None, given: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs `workflow-app` to its end; given: what is typed."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=clean(environment),
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def command(*arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", "workflow_app", *arguments]


def clean(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKFLOW_APP_", "DATABASE_"))
    }
    return kept | dict(more or {})
