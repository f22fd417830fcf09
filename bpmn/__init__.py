"""The diagrams: BPMN 2.0 that the union can read, change and deploy. Data, found here by name."""

from pathlib import Path

FOLDER = Path(__file__).parent


def diagram(key: str) -> bytes:
    """The diagram of one process; raises FileNotFoundError for an unknown key."""
    return (FOLDER / f"{key}.bpmn").read_bytes()
