"""One place of a form file: for sentences that say where to mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_app.core.vietnamese import clean_line, clean_text
from workflow_app.engine.errors import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """A JSON object of a file. path: names of fields down to it, "" for the form itself."""

    file: str
    path: str
    source: Mapping[str, Any]

    def below(self, name: str, source: Mapping[str, Any]) -> "Part":
        return Part(self.file, f"{self.path}.{name}" if self.path else name, source)

    def fault(self, code: str, vi: str, en: str) -> Finding:
        """A finding whose sentence begins with the file and the field."""
        vi_place = f"Biểu mẫu «{self.file}»" + (f", ô «{self.path}»" if self.path else "")
        en_place = f"Form {self.file}" + (f", field {self.path}" if self.path else "")
        return Finding(code, f"{self.file}#{self.path}", f"{vi_place}: {vi}", f"{en_place}: {en}")

    def line(self, name: str) -> str:
        """A one-line text, "" when it is missing or no text."""
        value = self.source.get(name, "")
        return clean_line(value) if isinstance(value, str) else ""

    def text(self, name: str) -> str:
        value = self.source.get(name, "")
        return clean_text(value) if isinstance(value, str) else ""
