"""Rows of forms: which count as empty, where they stand again, where their errors are told."""

from datetime import date
from typing import Any

import pytest

from workflow_app.core.errors import Invalid
from workflow_app.processes.forms import unflatten
from workflow_app.processes.pledges.forms import FORMS, PledgeComment, PledgeDraft, PledgeMinutes, PledgeSign
from workflow_app.processes.pledges.pages.rows import row_for
from workflow_app.processes.pledges.rules import Comparator, TargetKind, TargetScope
from workflow_app.processes.pledges.views.starting import frame
from workflow_app.processes.pledges.views.wording import listed, short_names
from workflow_app.processes.registry import processes
from workflow_app.web.form_views import FormView

UNIT = "01a20012-749f-7044-bfcf-07a37db467ab"


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        ("points", {"ref": "closing", "text": ""}),
        ("points", {"ref": "closing", "text": " \r\n"}),
        ("values", {"target_key": "party", "value": ""}),
        ("replies", {"point_id": UNIT, "reply": ""}),
        ("targets", {"key": "a1", "text": "", "kind": "count", "comparator": "at_least", "scope": "bloc"}),
        ("reporting", {"name": "", "due-day": "", "due-month": "", "due-year": ""}),
    ],
)
def test_a_row_in_which_nobody_typed_is_left_out(rows: str, given: dict[str, str]) -> None:
    assert unflatten([(f"{rows}-0-{name}", value) for name, value in given.items()]) == {rows: []}


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        ("attendance", {"unit_id": UNIT, "representative": "", "title": "", "reason": ""}),
        ("replies", {"point_id": UNIT, "accepted": "true", "reply": ""}),
        ("points", {"ref": "closing", "text": "Sửa."}),
        ("values", {"target_key": "party", "value": "0"}),
    ],
)
def test_a_row_that_says_something_stays(rows: str, given: dict[str, str]) -> None:
    assert unflatten([(f"{rows}-0-{name}", value) for name, value in given.items()]) == {rows: [given]}


def test_a_row_keeps_its_number_and_the_others_get_free_ones() -> None:
    typed = unflatten([("points-4-ref", "closing"), ("points-4-text", "Sửa."), ("points-5-ref", "general")])
    rows = row_for(
        FormView(PledgeComment, typed).fields(), "points", "ref", ["content:1", "closing", "general"]
    )
    assert [rows[ref].name("text") for ref in ("content:1", "closing", "general")] == [
        "points-1-text",
        "points-0-text",
        "points-2-text",
    ]
    assert (rows["closing"].value("text"), rows["closing"].typed, rows["general"].typed) == (
        "Sửa.",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("form", "values", "field"),
    [
        (PledgeSign, {"result": "refused", "content_id": "a" * 64}, "reason"),
        (PledgeSign, {"result": "signed", "content_id": "a" * 64}, "read"),
        (PledgeSign, {"result": "signed", "content_id": "a" * 64, "read": "on"}, "secret"),
        (PledgeComment, {"verdict": "comment"}, "points"),
    ],
)
def test_what_a_whole_form_lacks_is_told_at_the_field_to_mend(
    form: Any, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        form.parse(values)
    assert [error.field for error in refused.value.errors] == [field]


def test_what_a_row_lacks_is_told_in_the_row() -> None:
    row = {"unit_id": UNIT, "present": "on"}
    with pytest.raises(Invalid) as refused:
        PledgeMinutes.parse({"attendance": [row]})
    assert "attendance-0-representative" in [error.field for error in refused.value.errors]


def test_every_choice_and_every_field_has_a_vietnamese_label() -> None:
    for kind in (TargetKind, Comparator, TargetScope):
        for member in kind:
            assert member.vi != member.value, member
    for form in FORMS.values():
        for field in _flat(FormView(form, {"targets": [{}], "points": [{}], "attendance": [{}]}).fields()):
            assert field["label"] != field["name"].rpartition("-")[2].replace("_", " "), (form, field["name"])
            for value, label, *_ in field.get("options", ()):
                assert value != label, (form, field["name"])


def test_the_starting_text_follows_the_day_and_fills_the_year() -> None:
    before, after = frame(2019, date(2019, 2, 1)), frame(2020, date(2020, 2, 1))
    assert "1931/HD-TLĐ" in before.source
    assert "1294/HD-TLĐ" in after.source
    assert frame(2014, date(2010, 1, 1)).source == before.source, "a day before all frames gets the first"
    assert after.values["reporting"][0]["due"] == "2020-04-05"
    assert "2020" in after.values["closing"]
    form = PledgeDraft.parse(after.values)
    assert len(form.contents) == 4


def test_names_lose_only_an_abbreviation_that_all_of_them_share() -> None:
    assert short_names(["CĐCS Sở Nội vụ", "CĐCS Sở Tư pháp"]) == ["Sở Nội vụ", "Sở Tư pháp"]
    assert short_names(["Sở Nội vụ", "Sở Tư pháp"]) == ["Sở Nội vụ", "Sở Tư pháp"]
    assert short_names(["CĐCS Sở Nội vụ"]) == ["CĐCS Sở Nội vụ"]


def test_a_long_list_of_names_is_cut_with_a_count() -> None:
    assert listed(["A", "B", "C", "D"]) == "A, B, C và D"
    assert listed(["A", "B", "C", "D", "E"]) == "A, B, C và 2 đơn vị khác"
    assert (listed([]), listed(["A"])) == ("", "A")


def test_a_process_brings_its_pages_templates_and_icons() -> None:
    for process in processes():
        if process.blueprint is None:
            continue
        assert process.page
        assert process.task_context is not None
        assert set(process.task_template) <= set(process.tasks)
        assert set(process.icons) == set(process.tasks)


def _flat(fields: Any) -> list[dict[str, Any]]:
    found = []
    for field in fields:
        found.append(field)
        found += _flat(field.get("fields", ()))
        for line in field.get("lines", ()):
            found += _flat(line)
    return found
