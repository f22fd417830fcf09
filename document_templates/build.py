"""Builds every Word template: `python -m document_templates.build`. Two runs give the same bytes."""

from collections.abc import Callable
from pathlib import Path

from document_templates import ROOT
from document_templates.examples.quyet_dinh import quyet_dinh
from document_templates.pledges.pledge import pledge
from document_templates.pledges.pledge_invitation import pledge_invitation
from document_templates.pledges.pledge_minutes import pledge_minutes
from document_templates.pledges.pledge_plan import pledge_plan
from document_templates.shared.outgoing_register import outgoing_register

BUILDERS: dict[str, Callable[[], bytes]] = {
    "pledges/pledge": pledge,
    "pledges/pledge_plan": pledge_plan,
    "pledges/pledge_minutes": pledge_minutes,
    "pledges/pledge_invitation": pledge_invitation,
    "shared/outgoing_register": outgoing_register,
    "examples/quyet_dinh": quyet_dinh,
}


def build_all(into: Path = ROOT) -> list[Path]:
    """Writes every template below the folder; returns the files in the order they were written."""
    written = []
    for name, builder in BUILDERS.items():
        path = into / f"{name}.docx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(builder())
        written.append(path)
    return written


if __name__ == "__main__":
    build_all()
