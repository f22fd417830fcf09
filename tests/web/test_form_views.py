"""From a pydantic form to fields of a page and back again."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.letters import LetterDraft
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.processes.forms import unflatten
from workflow_app.processes.registry import processes
from workflow_app.web.form_views import FormView, add_row, remove_row

VALUES: dict[str, Any] = {
    "subject": "Thư",
    "copies": 3,
    "on": date(2019, 3, 5),
    "tone": "urgent",
    "aims": [{"key": "a1", "text": "Một", "value": Decimal("1000.5")}],
    "place": {"town": "An Giang"},
    "readers": ["LĐLĐ tỉnh", "Lưu"],
    "agreed": True,
}


def field(fields: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for one in fields:
        if one["name"] == name:
            return one
        inner = [*one.get("fields", []), *(cell for line in one.get("lines", []) for cell in line)]
        if inner and (found := field(inner, name)):
            return found
    return {}


def sent(fields: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a browser sends of these fields, untouched."""
    pairs: list[tuple[str, str]] = []
    for one in fields:
        match one["widget"]:
            case "group":
                pairs += sent(one["fields"])
            case "rows":
                pairs += [pair for line in one["lines"] for pair in sent(line)]
            case "date":
                day = one["value"]
                parts = (day.day, day.month, day.year) if isinstance(day, date) else ("", "", "")
                pairs += [
                    (f"{one['name']}-{part}", str(value))
                    for part, value in zip(("day", "month", "year"), parts, strict=True)
                ]
            case "checkbox":
                pairs += [(one["name"], "true")] if one["value"] else []
            case _:
                pairs.append((one["name"], str(one["value"])))
    return pairs


@pytest.mark.parametrize(
    ("name", "widget"),
    [
        ("subject", "text"),
        ("body", "textarea"),
        ("copies", "number"),
        ("on", "date"),
        ("tone", "choice"),
        ("aims", "rows"),
        ("aims-0-key", "hidden"),
        ("aims-0-value", "number"),
        ("place", "group"),
        ("place-town", "text"),
        ("readers", "textarea"),
        ("agreed", "checkbox"),
    ],
)
def test_each_kind_of_field_has_its_widget(name: str, widget: str) -> None:
    assert field(FormView(LetterDraft, VALUES).fields(), name)["widget"] == widget


def test_labels_hints_and_what_may_stay_empty_come_from_the_model() -> None:
    fields = FormView(LetterDraft, VALUES).fields()
    subject, body = field(fields, "subject"), field(fields, "body")
    assert (subject["label"], subject["hint"], subject.get("optional", False)) == (
        "Trích yếu",
        "Một dòng.",
        False,
    )
    assert body["optional"] is True
    assert field(fields, "tone")["options"] == [["plain", "Thường"], ["urgent", "Khẩn"]]


def test_values_are_shown_as_vietnamese_people_write_them() -> None:
    fields = FormView(LetterDraft, VALUES).fields()
    assert field(fields, "aims-0-value")["value"] == "1.000,5"
    assert field(fields, "readers")["value"] == "LĐLĐ tỉnh\nLưu"


def test_what_is_shown_comes_back_the_same_when_nothing_was_touched() -> None:
    form = LetterDraft.parse(VALUES)
    again = LetterDraft.parse(unflatten(sent(FormView(LetterDraft, form.model_dump()).fields())))
    assert again == form


def test_a_new_row_gets_a_key_of_its_own() -> None:
    values = {"aims": [{"key": "a1", "text": "Một"}]}
    add_row(values, "aims")
    fields = FormView(LetterDraft, values).fields()
    keys = {field(fields, f"aims-{number}-key")["value"] for number in (0, 1)}
    assert len(keys) == 2
    assert "" not in keys


def test_rows_are_taken_out_by_their_place() -> None:
    values: dict[str, Any] = {"plan": {"items": [{"a": 1}, {"a": 2}]}}
    remove_row(values, "plan-items.0")
    assert values == {"plan": {"items": [{"a": 2}]}}
    for nonsense in (
        "plan-items.9",
        "plan-items.x",
        "nothing.0",
        "",
        ".",
        "plan-items.-1",
        "plan-items-a-b.0",
    ):
        remove_row(values, nonsense)
        assert values["plan"] == {"items": [{"a": 2}]}


def test_errors_stand_at_their_field_and_lead_there() -> None:
    errors = (
        FieldError("aims-0-text", "Nhập việc."),
        FieldError("aims-0", "Dòng sai."),
        FieldError("place-town", "Nhập nơi."),
        FieldError("", "Cả biểu mẫu sai."),
        FieldError("approver", "Ô lạ."),
    )
    view = FormView(LetterDraft, VALUES, errors)
    fields = view.fields()
    assert field(fields, "aims-0-text")["errors"] == ["Nhập việc."]
    assert field(fields, "aims")["errors"] == ["Dòng sai."]
    assert [(row["field"], row["text"]) for row in view.summary()] == [
        ("aims-0-text", "Nhập việc."),
        ("aims", "Dòng sai."),
        ("place-town", "Nhập nơi."),
        ("", "Cả biểu mẫu sai."),
        ("", "Ô lạ."),
    ]


def test_what_buttons_carry_is_left_out() -> None:
    names = {one["name"] for one in FormView(LetterDraft, VALUES, left_out=frozenset({"tone"})).fields()}
    assert "tone" not in names


def test_typed_text_is_shown_as_typed() -> None:
    typed = {"copies": "hai", "on": {"day": "31", "month": "2", "year": "2020"}, "aims": [{"value": "1,,5"}]}
    fields = FormView(LetterDraft, typed).fields()
    assert field(fields, "copies")["value"] == "hai"
    assert field(fields, "on")["value"]["day"] == "31"
    assert field(fields, "aims-0-value")["value"] == "1,,5"


@pytest.mark.parametrize(
    "form",
    [kind.form for process in processes() for kind in process.tasks.values()],
    ids=lambda form: form.__name__,
)
def test_every_form_of_the_product_can_be_drawn_with_labels_in_vietnamese(form: Any) -> None:
    def check(fields: list[dict[str, Any]]) -> None:
        for one in fields:
            if one["widget"] not in {"hidden"}:
                assert one["label"] != one["name"].rpartition("-")[2], one["name"]
            check(one.get("fields", []))
            for line in one.get("lines", []):
                check(line)

    check(FormView(form, {}).fields())


_TREE = st.recursive(
    st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["subject", "aims", "on", "place", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values=st.dictionaries(st.sampled_from(list(LetterDraft.model_fields)), _TREE, max_size=6))
@settings(max_examples=300, deadline=None)
def test_no_shape_of_typed_values_breaks_the_page(values: dict[str, Any]) -> None:
    FormView(LetterDraft, values, [FieldError("aims-0-text", "x")]).summary()
    try:
        LetterDraft.parse(values)
    except Invalid as refusal:
        FormView(LetterDraft, values, refusal.errors).summary()
