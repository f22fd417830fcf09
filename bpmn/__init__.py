"""The diagrams: BPMN 2.0 that the union can read, change and deploy. Data, found here by name."""

from pathlib import Path

FOLDER = Path(__file__).parent


def diagram(key: str) -> bytes:
    """The diagram of one process; raises FileNotFoundError for an unknown key."""
    return (FOLDER / f"{key}.bpmn").read_bytes()


def example_files() -> dict[str, bytes]:
    """The example of a process without a programmer: its diagram and forms, by file name."""
    found = sorted(path for path in (FOLDER / "examples").iterdir() if path.suffix in {".bpmn", ".json"})
    return {path.name: path.read_bytes() for path in found}
