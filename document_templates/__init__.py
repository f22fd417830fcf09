"""Word templates with their schema and sample data, and the scripts that build them.

Each template is three kinds of files side by side: `<key>.docx`, `<key>.schema.json` (JSON Schema of the data
that fills it) and one or more `<key>.sample*.json`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class TemplateFiles:
    """The files of one template; key is the file name without its endings, unique over all folders."""

    key: str
    folder: Path

    @property
    def docx(self) -> Path:
        return self.folder / f"{self.key}.docx"

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the template's data; `x-kind` is the short code of the document type."""
        return _read(self.folder / f"{self.key}.schema.json")

    def samples(self) -> dict[str, dict[str, Any]]:
        """Sample data by file name; the first is the one that previews show."""
        found = sorted(self.folder.glob(f"{self.key}.sample*.json"), key=lambda path: len(path.name))
        return {path.name: _read(path) for path in found}


def template_files() -> tuple[TemplateFiles, ...]:
    """Every template of the product, in the order of its key."""
    schemas = ROOT.glob("*/*.schema.json")
    found = (TemplateFiles(path.name.removesuffix(".schema.json"), path.parent) for path in schemas)
    return tuple(sorted(found, key=lambda files: files.key))


def example_files() -> dict[str, bytes]:
    """The Word templates of the example process, by file name; they have no schema, its forms give it."""
    return {path.name: path.read_bytes() for path in sorted((ROOT / "examples").glob("*.docx"))}


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
