"""One installation with a whole story in it, made once for the tests that only look."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli import program


@dataclass(frozen=True)
class Played:
    """Where a story was played: its data folder, its exported files, its summary."""

    data: Path
    out: Path
    summary: dict[str, Any]

    def file(self, kind: str) -> Path:
        """The first exported file of a type of document."""
        return self.out / next(each["file"] for each in self.summary["documents"] if each["type"] == kind)


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    with tempfile.TemporaryDirectory(prefix="giao-uoc-played-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
        data, out = Path(folder) / "data", Path(folder) / "out"
        done = program.run(
            "scenario", "run", "angiang-2019", "--no-pdf", "--out", str(out), "--data-dir", str(data)
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        yield Played(data, out, json.loads((out / "summary.json").read_text(encoding="utf-8")))


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty data folder that PostgreSQL's own user can reach, which pytest's is not."""
    with tempfile.TemporaryDirectory(prefix="giao-uoc-cli-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
