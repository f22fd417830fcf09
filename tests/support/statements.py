"""Counting what a piece of work asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass
class Counted:
    """SQL texts in order, and the number of commits."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def __len__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        lines = (" ".join(text.split())[:160] for text in self.statements)
        return f"{len(self)} statements, {self.commits} commits\n" + "\n".join(lines)


@contextmanager
def counted(engine: sa.Engine) -> Iterator[Counted]:
    """Everything that goes through the engine meanwhile, from any thread."""
    found = Counted()

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        found.statements.append(text)

    def commit(_connection: Any) -> None:
        found.commits += 1

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)
