"""Data in, the same words out, always the same bytes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.documents.support import AT, CASES, one_value, sample, template
from workflow_app.documents.errors import DataInvalid, RenderingFailed
from workflow_app.documents.extraction import story
from workflow_app.documents.package import Package
from workflow_app.documents.rendering import render
from workflow_app.documents.sandbox import printable_text

_ONE = one_value("[{{ value }}]")


def _shown(text: str) -> str:
    [passage] = story(render(_ONE, {"value": text}, at=AT).data)
    return passage.text[1:-1]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
@example("A & B <c> \"d\" 'e'")
@example("{{ 7*7 }} {% raw %} {# x #} {_{ }_} {_% %_}")
@example("dòng một\nhai\tba\n\n  cách  ")
@example('</w:t></w:r><w:br/> w:rsidR="00AB12CD"')
@example("Đoàn viên ưu tú \U0001f600 ﷽ \u202e “ngoặc” ‘đơn’ …")
@example("\r\n\r\x00\x07\x0b\x0c\x1f\ufffe\x85\u2028")
@settings(max_examples=300, deadline=None)
def test_any_text_in_is_the_same_text_out(text: str) -> None:
    assert _shown(text) == printable_text(text)


def test_letters_that_xml_cannot_carry_are_left_out_and_nothing_else() -> None:
    assert _shown("a\x00b\x07c\x0bd\ud800e\ufffff\r\ng") == "abcdef\ng"


def test_values_are_not_evaluated_again() -> None:
    assert _shown("{{ value|upper }}{{ 7 * 7 }}") == "{{ value|upper }}{{ 7 * 7 }}"


@pytest.mark.parametrize(("key", "name"), CASES)
def test_the_same_input_gives_the_same_bytes(key: str, name: str) -> None:
    first = render(template(key), sample(key, name), at=AT)
    assert render(template(key), sample(key, name), at=AT) == first


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    code = (
        "from tests.documents.support import *; from workflow_app.documents.rendering import render;"
        "print(render(template('pledge'), sample('pledge'), at=AT).file_sha256)"
    )
    root = Path(__file__).parents[2]
    for seed in ("0", "12345"):
        environment = {"PYTHONHASHSEED": seed, "TZ": "America/Lima", "LANG": "C"}
        said = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert said.stdout.strip() == render(template("pledge"), sample("pledge"), at=AT).file_sha256


def test_one_changed_letter_changes_the_content_id_and_another_time_does_not() -> None:
    first = render(_ONE, {"value": "02 đoàn viên"}, at=AT)
    assert render(_ONE, {"value": "01 đoàn viên"}, at=AT).content_id != first.content_id
    later = render(_ONE, {"value": "02 đoàn viên"}, at=AT.replace(year=2020))
    assert later.content_id == first.content_id
    assert later.file_sha256 != first.file_sha256


def test_the_time_of_the_act_stands_in_the_properties() -> None:
    core = Package.read(render(_ONE, {"value": ""}, at=AT).data).parts["docProps/core.xml"]
    assert core.count(b">2019-03-01T05:00:00Z<") == 2


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        render(_ONE, {"value": ""}, at=AT.replace(tzinfo=None))


def test_data_that_do_not_fit_are_refused_with_every_fault() -> None:
    data: dict[str, Any] = sample("pledge")
    del data["year"]
    data["targets"][0]["text"] = " "
    data["signers"][3]["state"] = "maybe"
    data["letterhead"]["date"] = "01/03/2019"
    data["surprise"] = 1
    with pytest.raises(DataInvalid) as refused:
        render(template("pledge"), data, at=AT)
    assert {error.field for error in refused.value.errors} == {
        "year",
        "targets[0].text",
        "signers[3].state",
        "letterhead.date",
        "surprise",
    }
    assert all(error.vi.endswith(".") for error in refused.value.errors)


def test_a_missing_name_is_an_error_and_never_an_empty_place() -> None:
    with pytest.raises(RenderingFailed, match="'valeu' is undefined"):
        render(one_value("{{ valeu }}"), {"value": "x"}, at=AT)


def test_a_list_or_a_truth_value_is_not_printed_by_accident() -> None:
    for wrong in ("{{ value|grid(2) }}", "{{ not value }}"):
        with pytest.raises(RenderingFailed):
            render(one_value(wrong), {"value": "x"}, at=AT)


def test_relationships_have_no_white_space_and_the_package_ids_no_gap() -> None:
    package = Package.read(render(template("pledge"), sample("pledge"), at=AT).data)
    for name, part in package.parts.items():
        if name.endswith(".rels"):
            assert b"\n" not in part.split(b"?>\n", 1)[1]
            assert b"> <" not in part
    assert [r.id for r in package.relationships()] == [
        f"rId{n}" for n in range(1, len(package.relationships()) + 1)
    ]
