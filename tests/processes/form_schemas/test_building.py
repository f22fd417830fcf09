"""The form that is made from a schema: the same page, the same API and the same refusals as one written by hand."""

from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processes.form_schemas.samples import RIGHT, every_kind, model, read
from workflow_app.core.errors import Invalid
from workflow_app.processes.form_schemas import values
from workflow_app.processes.forms import unflatten
from workflow_app.web.form_views import FormView


def refused(given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        model().parse(given)
    return {error.field: error.vi for error in caught.value.errors}


def test_right_values_are_taken_and_decide_for_the_diagram() -> None:
    form = model().parse({**RIGHT, "tien": "5.000.000", "dong": [{"viec": "Thuê xe", "gia": "1.500"}]})
    assert values.outcome_of(form.made_from, form) == {
        "so": 2.5, "ngay": "2019-03-05T23:59:59+07:00", "co": True, "ket_qua": "duyet",
    }  # fmt: skip
    assert model().outcomes == {"so", "ngay", "co", "ket_qua"}
    assert model().choices == {"ket_qua": ("duyet", "tra_lai")}


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"ten": ""}, "ten", "Viết tên dài ít nhất 2 ký tự."),
        ({"ten": "x" * 21}, "ten", "Rút ngắn tên, nhiều nhất 20 ký tự."),
        ({"so": "0,4"}, "so", "Nhập số không nhỏ hơn 0,5."),
        ({"so": "11"}, "so", "Nhập số không lớn hơn 10."),
        ({"so": "hai"}, "so", "Nhập bằng chữ số, ví dụ 1.234,5. Bạn đã gõ “hai”"),
        ({"tien": "1.500,5"}, "tien", "Nhập số tiền là số nguyên."),
        ({"tien": "-1"}, "tien", "Nhập số tiền không nhỏ hơn 1.000."),
        ({"phan": "-1"}, "phan", "Nhập tỷ lệ không nhỏ hơn 0."),
        ({"ngay": "31/2/2019"}, "ngay", ""),
        ({"loai": "Ba"}, "loai", "Chọn một trong các lựa chọn cho loại."),
        ({"co": ""}, "co", ""),
        ({"cam_doan": ""}, "cam_doan", "Đánh dấu vào ô này để gửi."),
        ({"don_vi": "x"}, "don_vi", "Chọn lại đơn vị."),
        ({"dong": [{"gia": "5"}]}, "dong-0-viec", "Nhập việc (dòng 1)."),
        ({"dong": [{"viec": "a"}] * 4}, "dong", "Nhiều nhất 3 mục cho các dòng."),
        ({"ket_qua": "khac"}, "ket_qua", "Chọn một trong các lựa chọn cho kết quả."),
        ({"ket_qua": "tra_lai"}, "ke", "Nhập kể lại khi chọn “Trả lại”."),
        ({"la": "x"}, "la", "Ô “la” không thuộc biểu mẫu này. Hãy tải lại trang."),
    ],
)
def test_a_wrong_value_is_told_at_its_field(change: dict[str, Any], field: str, sentence: str) -> None:
    told = refused({**RIGHT, **change})
    assert list(told) == [field]
    assert sentence in told[field]


def test_an_empty_form_names_every_field_it_needs() -> None:
    assert set(refused({})) == {"ten", "so", "ngay", "co", "cam_doan", "ket_qua"}
    assert refused({})["ket_qua"] == "Chọn kết quả."


def test_a_page_draws_each_kind_with_its_control() -> None:
    drawn = {
        field["name"]: field
        for field in FormView(model(), {}, options={"don_vi": [("a", "Đơn vị A")]}).fields()
    }
    assert [field["widget"] for field in drawn.values()] == [
        "text", "textarea", "number", "number", "number", "date", "choice", "choice", "checkbox", "choice", "choice",
        "rows", "choice",
    ]  # fmt: skip
    assert drawn["tien"]["suffix"] == "đồng"
    assert drawn["don_vi"]["options"] == [("a", "Đơn vị A")]


def test_what_a_browser_sends_for_an_untouched_form_leaves_optional_fields_empty() -> None:
    sent = [("ten", "An Bình"), ("ke", ""), ("so", "2"), ("tien", ""), ("phan", ""), ("ngay-day", "5"), ("ngay-month", "3"), ("ngay-year", "2019"), ("loai", ""), ("co", "false"), ("cam_doan", "true"), ("don_vi", ""), ("nguoi", ""), ("ket_qua", "duyet")]  # fmt: skip
    form = model().parse(unflatten(sent))
    kept = values.kept(form)
    assert {name for name, value in kept.items() if value in (None, "", [])} == {"ke", "tien", "phan", "loai", "don_vi", "nguoi", "dong"}  # fmt: skip
    assert kept["co"] is False


def test_an_optional_text_may_stay_empty_although_it_has_a_least_length() -> None:
    source = every_kind()
    source["required"].remove("ten")
    from workflow_app.processes.form_schemas.building import build

    form = build(read(source))
    assert form.parse({**RIGHT, "ten": ""})
    with pytest.raises(Invalid, match="ten"):
        form.parse({**RIGHT, "ten": "a"})


def test_kept_values_come_back_into_the_form_as_they_were_typed() -> None:
    schema = read(every_kind())
    form = model().parse({**RIGHT, "tien": "5.000.000", "dong": [{"viec": "Xe", "gia": "1.500,5"}]})
    again = values.initial(schema.fields, values.kept(form))
    fields = {field["name"]: field for field in FormView(model(), again).fields()}
    assert fields["tien"]["value"] == "5.000.000"
    assert fields["co"]["value"] == "true"
    assert [each["value"] for each in fields["dong"]["lines"][0]] == ["Xe", "1.500,5"]
    assert "ket_qua" not in again
    assert "cam_doan" not in again


@given(
    so=st.one_of(st.integers(-5, 20), st.sampled_from([0.5, 0.49, 10, 10.5, 2.25])),
    ten=st.text("ab ", max_size=25),
    tien=st.one_of(st.none(), st.integers(-10, 5000)),
    ket_qua=st.sampled_from(["duyet", "khac"]),
    dong=st.lists(st.fixed_dictionaries({"viec": st.sampled_from(["a", "b"])}), max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_what_the_form_takes_a_validator_of_the_standard_takes_too(
    so: float, ten: str, tien: int | None, ket_qua: str, dong: list[dict[str, str]]
) -> None:
    """The other way round spaces make the difference: we strip them before we count letters."""
    given = {**RIGHT, "so": so, "ten": ten.strip(), "ket_qua": ket_qua, "dong": dong}
    if tien is not None:
        given["tien"] = tien
    by_standard = jsonschema.Draft202012Validator(every_kind()).is_valid(given)
    try:
        model().parse(given)
    except Invalid:
        assert not by_standard, given
    else:
        assert by_standard, given


@pytest.mark.parametrize(
    ("amount", "words"),
    [("5000000", "Năm triệu đồng"), ("105000", "Một trăm linh năm nghìn đồng"), ("0", "Không đồng"), ("1000000000", ""), (None, ""), (Decimal("2.5"), "Ba đồng")],
)  # fmt: skip
def test_money_is_written_in_words(amount: Any, words: str) -> None:
    assert values.in_words(amount) == words
