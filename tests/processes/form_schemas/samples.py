"""One form with every kind of field, and what may be sent to it."""

import json
from typing import Any

from workflow_app.engine.errors import Finding
from workflow_app.processes.form_schemas.building import DeployedForm, build
from workflow_app.processes.form_schemas.reading import DIALECT, read_form
from workflow_app.processes.form_schemas.shape import FormSchema


def every_kind() -> dict[str, Any]:
    """The JSON of a form that uses everything."""
    properties: dict[str, Any] = {
        "ten": {"type": "string", "title": "Tên", "minLength": 2, "maxLength": 20},
        "ke": {"type": "string", "x-kind": "long_text", "title": "Kể lại"},
        "so": {"type": "number", "title": "Số", "minimum": 0.5, "maximum": 10, "x-outcome": True},
        "tien": {"type": "integer", "x-kind": "money", "title": "Số tiền", "minimum": 1000},
        "phan": {"type": "number", "x-kind": "percent", "title": "Tỷ lệ"},
        "ngay": {"type": "string", "format": "date", "title": "Ngày", "x-outcome": True},
        "loai": {"type": "string", "title": "Loại", "enum": ["Một", "Hai"]},
        "co": {"type": "boolean", "title": "Có đủ giấy tờ", "x-outcome": True},
        "cam_doan": {"type": "boolean", "title": "Tôi cam đoan", "const": True},
        "don_vi": {"type": "string", "format": "uuid", "x-kind": "unit", "title": "Đơn vị"},
        "nguoi": {"type": "string", "format": "uuid", "x-kind": "person", "title": "Người"},
        "dong": {
            "type": "array", "title": "Các dòng", "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"viec": {"type": "string", "title": "Việc"}, "gia": {"type": "number", "x-kind": "money", "title": "Giá"}},
                "required": ["viec"],
            },
        },
        "ket_qua": {
            "type": "string", "title": "Kết quả", "x-decision": True,
            "oneOf": [{"const": "duyet", "title": "Duyệt"}, {"const": "tra_lai", "title": "Trả lại", "x-requires": ["ke"], "x-danger": True}],
        },
    }  # fmt: skip
    return {
        "$schema": DIALECT,
        "title": "Biểu mẫu đủ loại",
        "type": "object",
        "x-act": "approve",
        "properties": properties,
        "required": ["ten", "so", "ngay", "co", "cam_doan", "ket_qua"],
        "additionalProperties": False,
    }


RIGHT: dict[str, Any] = {
    "ten": "Nguyễn An",
    "so": 2.5,
    "ngay": "2019-03-05",
    "co": True,
    "cam_doan": True,
    "ket_qua": "duyet",
}


def read(source: dict[str, Any], key: str = "mau") -> FormSchema:
    form, findings = read_form(key, json.dumps(source, ensure_ascii=False).encode())
    assert form is not None, [finding.vi for finding in findings]
    return form


def faults(source: dict[str, Any] | bytes, key: str = "mau") -> list[Finding]:
    data = source if isinstance(source, bytes) else json.dumps(source, ensure_ascii=False).encode()
    form, findings = read_form(key, data)
    assert form is None
    return findings


def model() -> type[DeployedForm]:
    return build(read(every_kind()))
