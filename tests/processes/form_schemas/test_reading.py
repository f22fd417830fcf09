"""What a form may ask for; everything else is refused in one sentence that names the field and the remedy."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from tests.processes.form_schemas.samples import every_kind, faults, read
from workflow_app.processes.form_schemas.shape import Kind

Change = Callable[[dict[str, Any]], object]


def test_every_kind_of_field_is_read_in_the_order_of_the_file() -> None:
    form = read(every_kind())
    assert [field.kind for field in form.fields] == [
        Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.CHOICE, Kind.YES_NO,
        Kind.YES_NO, Kind.UNIT, Kind.PERSON, Kind.ROWS, Kind.CHOICE,
    ]  # fmt: skip
    assert form.decision is not None
    assert [option.title for option in form.decision.options] == ["Duyệt", "Trả lại"]
    assert {field.name for field in form.outcome_fields()} == {"so", "ngay", "co", "ket_qua"}


def test_what_we_take_is_plain_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(every_kind())


def _field(name: str, **changes: Any) -> Change:
    return lambda form: form["properties"][name].update(changes)


def _drop(name: str, word: str) -> Change:
    return lambda form: form["properties"][name].pop(word)


def _new(name: str, **field: Any) -> Change:
    return lambda form: form["properties"].update({name: {"title": "Ô mới", **field}})


def _head(**changes: Any) -> Change:
    return lambda form: form.update(changes)


_TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "where", "sentence"),
    [
        (_drop("ten", "title"), "ten", "ô chưa có nhãn"),
        (_field("ten", title="   "), "ten", "ô chưa có nhãn"),
        (_field("ten", pattern="^a$"), "ten", "từ khóa «pattern» chưa dùng được"),
        (_field("ten", minLength=30), "ten", "minLength và maxLength phải là số"),
        (_field("ten", maxLength=501), "ten", "không quá 500"),
        (_field("ten", maxLength=True), "ten", "phải là số"),
        (_field("ten", type="text"), "ten", "chưa có loại ô nào cho type «text»"),
        (_field("ten", type="null"), "ten", "chưa có loại ô nào"),
        (_field("tien", **{"x-kind": "date"}), "tien", "x-kind «date»"),
        (_field("so", minimum=20), "so", "minimum và maximum"),
        (_field("so", maximum="10"), "so", "phải là số"),
        (_field("so", **{"x-outcome": "yes"}), "so", "x-outcome là true hoặc false"),
        (_field("don_vi", format="uri"), "don_vi", "\"format\": \"uuid\""),
        (_field("cam_doan", const=False), "cam_doan", "const chỉ nhận true"),
        (_field("loai", enum=["Một"]), "loai", "cần từ 2 đến"),
        (_field("loai", enum=["Một", "Một"]), "loai", "không trùng"),
        (_field("loai", enum=["Một", 2]), "loai", "mỗi lựa chọn"),
        (_field("loai", **{"x-outcome": True}), "loai", "phải dùng oneOf"),
        (_field("loai", oneOf=[]), "loai", "mỗi lựa chọn"),
        (_field("ket_qua", oneOf=[{"const": "Duyệt", "title": "Duyệt"}, {"const": "b", "title": "B"}]), "ket_qua", "mã chữ thường"),
        (_field("ket_qua", oneOf=[{"const": "a", "title": "A", "x-requires": ["nope"]}, {"const": "b", "title": "B"}]), "ket_qua", "đòi ô «nope»"),
        (_field("ket_qua", oneOf=[{"const": "a", "title": "A", "x-requires": ["ten"]}, {"const": "b", "title": "B"}]), "ket_qua", "đòi ô «ten»"),
        (_field("ket_qua", oneOf=[{"const": c, "title": c.upper()} for c in "abcde"]), "ket_qua", "nhiều nhất 4"),
        (_head(required=["ten"]), "ket_qua", "phải nằm trong required"),
        (_head(required=["ten", "ket_qua", "thieu"]), "", "required nêu ô «thieu»"),
        (_head(required="ten"), "", "danh sách tên ô"),
        (_head(title=""), "", "chưa có tên"),
        (_head(type="array"), "", "\"type\": \"object\""),
        (_head(additionalProperties=True), "", "không nhận ô lạ"),
        (_head(allOf=[]), "", "từ khóa «allOf»"),
        (_head(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "", "bản 2020-12"),
        (_head(**{"x-act": "sign"}), "", "x-act chỉ nhận"),
        (_head(properties={}), "", "từ 1 đến"),
        (_new("Ten", **_TEXT), "Ten", "chữ thường không dấu"),
        (_new("tên", **_TEXT), "tên", "chữ thường không dấu"),
        (_new("o1", **_TEXT), "o1", "chữ thường không dấu"),
        (_new("class", **_TEXT), "class", "từ dành riêng"),
        (_new("parse", **_TEXT), "parse", "từ dành riêng"),
        (_new("model_fields", **_TEXT), "model_fields", "từ dành riêng"),
        (_new("secret", **_TEXT), "secret", "hệ thống đã dùng tên này"),
        (_new("ma_id", **_TEXT), "ma_id", "hệ thống đã dùng tên này"),
        (_new("unit_id", **_TEXT), "unit_id", "hệ thống đã dùng tên này"),
        (_new("filled_by", **_TEXT), "filled_by", "hệ thống đã dùng tên này"),
        (_new("khac", type="array", items=_TEXT), "khac", "items phải là một object"),
        (_new("khac", type="array", items={"type": "object", "properties": {"a": {"type": "array", "title": "A", "items": {}}}}), "khac.a", "không có danh sách khác"),
        (_new("khac", type="array", items={"type": "object", "properties": {"a": {"type": "boolean", "title": "A", "x-outcome": True}}}), "khac.a", "không đặt được biến"),
        (_new("khac", type="object", properties={}), "khac", "chưa có loại ô nào"),
        (_new("hai", **_TEXT, oneOf=[{"const": "a", "title": "A"}, {"const": "b", "title": "B"}], **{"x-decision": True}), "", "chỉ một ô"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_its_remedy(change: Change, where: str, sentence: str) -> None:
    source = every_kind()
    change(source)
    found = faults(source)
    told = [finding.vi for finding in found if finding.element == f"mau.json#{where}"]
    assert any(sentence in text for text in told), [finding.vi for finding in found]
    assert all(text.startswith("Biểu mẫu «mau.json»") for text in told)
    assert all(finding.en for finding in found)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"nul", b'{"a": 1', b'{"type": "object", "type": "object"}', b'{"a": NaN}', b'{"title": 1e999}',
        b'{"title": "a\\u0000"}', b'{"title": "\\ud800"}', b"\xff\xfe{}", b"[" * 100_000, b'{"a": "' + b"x" * 300_000 + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_form_at_all_is_refused_before_it_is_read(data: bytes) -> None:
    assert faults(data)[0].code in {"form_unreadable", "form_keyword"}


@pytest.mark.parametrize("key", ["Đề nghị", "de-nghi", "1a", "../x", "", "a" * 41, "A"])
def test_a_file_whose_name_no_diagram_could_use_is_refused(key: str) -> None:
    assert [finding.code for finding in faults(every_kind(), key)] == ["form_file_name"]


def test_every_fault_is_told_at_once() -> None:
    source = every_kind()
    del source["properties"]["ten"]["title"], source["properties"]["so"]["title"], source["title"]
    assert len(faults(source)) == 3
