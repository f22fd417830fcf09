"""The data of a document cut into labelled passages, so that two versions can be laid side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Passage:
    """A stretch of text with the name a reader knows it by.

    key: what makes it the same passage in both versions; "" where only likeness can tell.
    """

    label: str
    text: str
    key: str = ""


@dataclass(slots=True)
class Part:
    """A part of the document; it is told as unchanged when none of its passages differs."""

    label: str
    passages: list[Passage] = field(default_factory=list)


def parts(data: Mapping[str, Any]) -> list[Part]:
    """The parts of a document in reading order.

    A pledge is cut as its template prints it; any other document by the names of its data.
    """
    return _pledge(data) if {"targets", "organisation", "signers"} <= data.keys() else _any(data)


def _pledge(data: Mapping[str, Any]) -> list[Part]:
    return [
        Part("Đầu văn bản", list(_letterhead(data["letterhead"], data["year"]))),
        Part("Căn cứ", [Passage(f"Căn cứ {n}", text) for n, text in enumerate(data["legal_bases"], 1)]),
        Part("Câu mở đầu", list(_bloc(data["bloc"], data["amendment_note"]))),
        Part("Phần I. Nội dung thi đua", list(_contents(data["contents"]))),
        Part("Phần II. Chỉ tiêu", list(_targets(data["targets"]))),
        Part("Phần III. Tổ chức thực hiện", list(_organisation(data["organisation"], data["closing"]))),
        Part("Tài liệu kèm theo", [Passage("Tài liệu kèm theo", text) for text in data["attachments"]]),
        Part("Phụ lục bảng điểm", list(_score_sheet(data["score_sheet"]))),
        Part("Phụ lục đăng ký của các đơn vị", list(_registrations(data["registrations"]))),
        Part("Các bên ký", list(_signers(data["signers"], data["witness"]))),
        Part("Nơi nhận", [Passage("Nơi nhận", text) for text in data["recipients"]]),
    ]


def _letterhead(letterhead: Mapping[str, str], year: int) -> Iterator[Passage]:
    names = {
        "parent": "Cơ quan cấp trên",
        "issuer": "Đơn vị ban hành",
        "number": "Số văn bản",
        "symbol": "Ký hiệu",
        "place": "Địa danh",
        "date": "Ngày văn bản",
    }
    yield from _named(letterhead, names)
    yield Passage("Năm thi đua", str(year), "year")


def _bloc(bloc: Mapping[str, Any], note: str) -> Iterator[Passage]:
    names = {
        "name": "Tên khối",
        "unit_count": "Số đơn vị",
        "leader": bloc["leader_title"],
        "deputy": bloc["deputy_title"],
    }
    yield from _named(bloc, names)
    if note:
        yield Passage("Câu về sửa đổi, thay thế", note, "amendment_note")


def _contents(groups: Sequence[Mapping[str, Any]]) -> Iterator[Passage]:
    for number, group in enumerate(groups, 1):
        yield Passage(f"Nội dung {number}", group["title"])
        for point, text in enumerate(group["points"], 1):
            yield Passage(f"Nội dung {number}, ý {point}", text)


def _targets(targets: Sequence[Mapping[str, str]]) -> Iterator[Passage]:
    for number, target in enumerate(targets, 1):
        condition = f" ({target['condition']})" if target["condition"] else ""
        yield Passage(f"Chỉ tiêu {number}", f"{target['text']}{condition}", target["key"])


def _organisation(organisation: Mapping[str, Any], closing: str) -> Iterator[Passage]:
    for number, clause in enumerate(organisation["clauses"], 1):
        yield Passage(f"Phần III, khoản {number}", clause["text"])
        for text in clause["points"]:
            yield Passage(f"Phần III, khoản {number}", text)
    for period in organisation["reporting"]:
        yield Passage(f"Phần III, {period['name']}", f"trước {_day(period['due'])}", f"due {period['name']}")
    for pair in organisation["monitoring"]:
        yield Passage(
            "Phần III, giám sát chéo", f"{pair['monitor']} giám sát {pair['monitored']}", pair["monitor"]
        )
    yield Passage("Câu kết", closing, "closing")


def _score_sheet(sheet: Mapping[str, Any]) -> Iterator[Passage]:
    for row in sheet["rows"]:
        how = f" ({row['how']})" if row["how"] else ""
        label = (
            f"Bảng điểm, nhóm {row['number']}" if row["is_group"] else f"Bảng điểm, tiêu chí {row['number']}"
        )
        yield Passage(label, f"{row['text']}: {row['points']} điểm{how}", row["key"])


def _registrations(registrations: Sequence[Mapping[str, Any]]) -> Iterator[Passage]:
    for unit in registrations:
        values = [f"{value['label']}: {value['value']}" for value in unit["values"]]
        yield Passage(
            f"Đăng ký của {unit['unit']}", "; ".join([*values, *unit["titles"], *unit["works"]]), unit["unit"]
        )


def _signers(signers: Sequence[Mapping[str, Any]], witness: Mapping[str, Any]) -> Iterator[Passage]:
    for signer in signers:
        yield Passage(f"Người ký của {signer['unit']}", _signer(signer), signer["unit"])
    yield Passage("Bên chứng kiến", f"{witness['organisation']}, {_signer(witness)}", "witness")


def _signer(block: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, [*block["authority"], block["full_name"]]))


def _named(values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Passage]:
    for name, label in names.items():
        if values[name] != "":
            text = _day(values[name]) if name == "date" else str(values[name])
            yield Passage(label, text, name)


def _day(iso: str) -> str:
    year, month, day = iso.split("-") if iso else ("...", "...", "...")
    return f"ngày {day}/{month}/{year}"


_LABELS = {
    "letterhead": "Đầu văn bản",
    "subject": "Trích yếu",
    "legal_bases": "Căn cứ",
    "opening": "Câu mở đầu",
    "purposes": "Mục đích",
    "requirements": "Yêu cầu",
    "work_items": "Nội dung công việc",
    "organisation": "Tổ chức thực hiện",
    "closing": "Câu kết",
    "recipients": "Nơi nhận",
    "started_at": "Thời gian bắt đầu",
    "ended_at": "Thời gian kết thúc",
    "starts_at": "Thời gian",
    "place": "Địa điểm",
    "total": "Số đơn vị triệu tập",
    "present": "Số đơn vị có mặt",
    "present_units": "Đại biểu có mặt",
    "absent": "Đơn vị vắng",
    "guests": "Khách mời",
    "quorum_note": "Điều kiện tiến hành",
    "chair": "Người chủ trì",
    "secretary": "Thư ký",
    "items": "Diễn biến",
    "conclusions": "Kết luận",
    "invitees": "Thành phần mời",
    "event": "Tới dự",
    "agenda": "Chương trình",
    "notes": "Lưu ý",
    "contact": "Liên hệ",
    "signature": "Người ký",
    "chair_signature": "Người ký chủ tọa",
    "secretary_signature": "Người ký thư ký",
}
_NO_TEXT = frozenset({"draft_label", "state", "signed_at", "reason", "digest", "key"})


def _any(data: Mapping[str, Any]) -> list[Part]:
    return [
        Part(_LABELS.get(name, name), list(_of(_LABELS.get(name, name), value)))
        for name, value in data.items()
    ]


def _of(label: str, value: Any) -> Iterator[Passage]:
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            if text := _flat(item):
                yield Passage(f"{label} {number}", text)
    elif text := _flat(value):
        yield Passage(label, text, label)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(filter(None, (_flat(item) for name, item in value.items() if name not in _NO_TEXT)))
    if isinstance(value, list):
        return "; ".join(filter(None, map(_flat, value)))
    return "" if value is None else str(value)
