"""Diagrams and templates are checked before anybody deploys them."""

from pathlib import Path

from click.testing import CliRunner

import bpmn
from workflow_app.cli import main


def test_the_diagrams_of_the_product_can_be_deployed() -> None:
    checked = CliRunner().invoke(main, ["process", "lint"])
    assert checked.exit_code == 0, checked.output
    assert f"{len(list(bpmn.FOLDER.glob('*.bpmn')))} sơ đồ triển khai được" in checked.output


def test_a_diagram_that_names_an_unknown_form_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "pledge.bpmn"
    file.write_bytes(bpmn.diagram("pledge").replace(b'value="pledge_invite"', b'value="pledge_lnvite"'))
    checked = CliRunner().invoke(main, ["process", "lint", str(file)])
    assert checked.exit_code == 1
    assert "pledge.bpmn: invite:" in checked.output


def test_the_templates_of_the_product_pass_the_gate() -> None:
    checked = CliRunner().invoke(main, ["template", "check"])
    assert checked.exit_code == 0, checked.output
