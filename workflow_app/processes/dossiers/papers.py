"""What a dossier puts into its Word documents: the schema of the data, a sample of it, and the data themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.documents.models import RegisterEntry
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.settings_data import setting
from workflow_app.organisations.trees import federation_above, unit_at
from workflow_app.processes.dossiers import settings as settings  # noqa: PLC0414 - imported to register its key
from workflow_app.processes.dossiers.errors import SymbolMissing
from workflow_app.processes.dossiers.models import Dossier, DossierPart
from workflow_app.processes.dossiers.rules import PaperStep
from workflow_app.processes.dossiers.service.parts import latest, names_of, parts_of
from workflow_app.processes.form_schemas.shape import FieldSchema, FormSchema, Kind
from workflow_app.processes.form_schemas.values import Names, ids_in, in_words, printed
from workflow_app.signatures.models import authority_lines

# Names in a template beside the forms of its process.
FRAME = frozenset({"letterhead", "dossier", "signature", "recipients", "loop"})
_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date-or-empty"}
_FILLED = ("filled_by", "filled_office", "filled_unit", "filled_on")

_EXAMPLES: Mapping[Kind, Any] = {
    Kind.TEXT: "Nội dung mẫu",
    Kind.LONG_TEXT: "Nội dung mẫu dài hơn một dòng để xem chữ xuống dòng trong văn bản.",
    Kind.NUMBER: "12",
    Kind.MONEY: "5000000",
    Kind.PERCENT: "95.5",
    Kind.DATE: "2026-03-05",
    Kind.YES_NO: True,
    Kind.UNIT: "unit",
    Kind.PERSON: "person",
}
_EXAMPLE_NAMES: Names = {"unit": "Công đoàn cơ sở Sở Nội vụ", "person": "Trần Quốc Bảo"}


def schema_of(process_key: str, step: PaperStep, title: str, forms: Iterable[FormSchema]) -> dict[str, Any]:
    """The JSON Schema of what fills a template: one object for each form, and the frame of every document.

    Anything may be empty, because a branch of the diagram may leave a form out.
    """
    properties = {
        "letterhead": _object(parent=_TEXT, issuer=_TEXT, number=_TEXT, symbol=_TEXT, place=_TEXT, date=_DAY, draft_label=_TEXT),
        "dossier": _object(title=_TEXT, opened_on=_DAY, unit=_TEXT, bloc=_TEXT),
        "signature": _object(
            authority={"type": "array", "items": _TEXT}, full_name=_TEXT, state=_TEXT, signed_at=_TEXT, reason=_TEXT
        ),
        "recipients": {"type": "array", "items": _TEXT},
    } | {form.key: _form_schema(form) for form in forms}  # fmt: skip
    head = {"title": title, "x-kind": step.kind, "x-process": process_key}
    return head | _object(**properties)


def sample_of(schema: Mapping[str, Any], forms: Iterable[FormSchema]) -> dict[str, Any]:
    """Data for previews and the gate: the forms' own examples where they have some."""
    filled = {"filled_by": "Trần Quốc Bảo", "filled_office": "Chủ tịch", "filled_unit": "Công đoàn cơ sở Sở Nội vụ", "filled_on": "2026-03-05"}  # fmt: skip
    return {
        "letterhead": {
            "parent": "Tổng Liên đoàn Lao động Việt Nam",
            "issuer": "Liên đoàn Lao động tỉnh An Giang",
            "number": "05",
            "symbol": f"{schema['x-kind']}-LĐLĐ",
            "place": "An Giang",
            "date": "2026-03-05",
            "draft_label": "",
        },
        "dossier": {"title": str(schema["title"]), "opened_on": "2026-03-01", "unit": "Công đoàn cơ sở Sở Nội vụ", "bloc": "Khối thi đua 04"},
        "signature": _signature(["TM. Ban Thường vụ", "Phó Chủ tịch"], "Phạm Ngọc Diệp"),
        "recipients": ["Công đoàn cơ sở Sở Nội vụ"],
    } | {form.key: _values(form.fields, _example(form.fields), _EXAMPLE_NAMES) | filled for form in forms}  # fmt: skip


def paper(
    session: Session,
    dossier: Dossier,
    step: PaperStep,
    forms: Mapping[str, FormSchema],
    *,
    entry: RegisterEntry | None,
    at: datetime,
) -> dict[str, Any]:
    """The data of one document as the dossier stands; entry: its number, None for a draft."""
    parts = parts_of(session, dossier.id)
    last = latest(parts)
    answers = {key: last[key].answers if key in last else {} for key in forms}
    ids = {each for key, form in forms.items() for each in ids_in(form, answers[key])}
    names = names_of(session, ids, at)
    return {
        "letterhead": _letterhead(session, dossier, step, entry, at),
        "dossier": _about(session, dossier, at),
        "signature": _signed(parts, step, forms),
        "recipients": [_about(session, dossier, at)["unit"]] if dossier.unit_id else [],
    } | {
        key: _values(form.fields, answers[key], names) | _filled(last.get(key)) for key, form in forms.items()
    }


def issuer_of(session: Session, dossier: Dossier, step: PaperStep, at: datetime) -> UnitPeriod:
    """The unit that issues the document: the federation, or the dossier's own unit when the diagram says so."""
    own = step.issuer == "unit" and dossier.unit_id
    return unit_at(session, own or dossier.federation_id, local(at).date())


def symbol_pattern(session: Session, issuer: UnitPeriod, at: datetime) -> str:
    """What follows the number in the issuer's book, the kind left open: "{kind}-LĐLĐ". Raises SymbolMissing."""
    if not issuer.symbol:
        vi = f"{issuer.name} chưa có ký hiệu văn bản nên chưa lấy được số. Hãy nhờ quản trị ghi ký hiệu cho đơn vị."
        raise SymbolMissing(f"unit {issuer.unit_id} has no symbol", vi=vi)
    patterns = setting(session, "dossier.symbol", unit_id=issuer.unit_id, on=local(at).date())
    pattern: str = patterns["chung"].removeprefix("{number}/")
    return pattern.replace("{symbol}", issuer.symbol)


def _letterhead(
    session: Session, dossier: Dossier, step: PaperStep, entry: RegisterEntry | None, at: datetime
) -> dict[str, Any]:
    issuer = issuer_of(session, dossier, step, at)
    above = federation_above(session, issuer.unit_id, local(at).date())
    parent = issuer.letterhead_parent or ("" if above.unit_id == issuer.unit_id else above.name)
    return {
        "parent": parent,
        "issuer": issuer.letterhead_name or issuer.name,
        "number": entry.written_number if entry else "",
        "symbol": entry.symbol if entry else symbol_pattern(session, issuer, at).format(kind=step.kind),
        "place": issuer.place or above.place,
        "date": entry.date.isoformat() if entry else "",
        "draft_label": "" if entry else "DỰ THẢO",
    }


def _about(session: Session, dossier: Dossier, at: datetime) -> dict[str, Any]:
    on = local(at).date()
    return {
        "title": dossier.title,
        "opened_on": local(dossier.opened_at).date().isoformat(),
        "unit": unit_at(session, dossier.unit_id, on).name if dossier.unit_id else "",
        "bloc": session.get_one(Bloc, dossier.bloc_id).name if dossier.bloc_id else "",
    }


def _signed(parts: Sequence[DossierPart], step: PaperStep, forms: Mapping[str, FormSchema]) -> dict[str, Any]:
    """The block of whoever filled the form that the diagram names, else of whoever decided last."""
    found = [part for part in parts if part.form_key == step.signed_by]
    if not step.signed_by:
        found = [part for part in parts if part.form_key in forms and forms[part.form_key].decision]
    if not found:
        return _signature([], "")
    by = found[-1]
    return _signature(authority_lines(by.capacity, by.body, by.office, by.principal_title), by.full_name)


def _signature(authority: Sequence[str], full_name: str) -> dict[str, Any]:
    return {
        "authority": list(authority),
        "full_name": full_name,
        "state": "open",
        "signed_at": "",
        "reason": "",
    }


def _form_schema(form: FormSchema) -> dict[str, Any]:
    return _fields_schema(form.fields, dict.fromkeys(_FILLED[:3], _TEXT) | {"filled_on": _DAY})


def _fields_schema(fields: Iterable[FieldSchema], more: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(more)
    for field in fields:
        if field.kind is Kind.ROWS:
            found[field.name] = {"type": "array", "items": _fields_schema(field.fields, {})}
        else:
            found[field.name] = _DAY if field.kind is Kind.DATE else _TEXT
        if field.kind is Kind.MONEY:
            found[f"{field.name}_words"] = _TEXT
    return _object(**found)


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _values(fields: Iterable[FieldSchema], answers: Mapping[str, Any], names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        value = answers.get(field.name)
        if field.kind is Kind.ROWS:
            found[field.name] = [_values(field.fields, row, names) for row in value or ()]
        else:
            found[field.name] = printed(field, value, names)
        if field.kind is Kind.MONEY:
            found[f"{field.name}_words"] = in_words(value)
    return found


def _filled(part: DossierPart | None) -> dict[str, str]:
    if part is None:
        return dict.fromkeys(_FILLED, "")
    day = local(part.filled_at).date().isoformat()
    return dict(zip(_FILLED, (part.full_name, part.office, part.unit_name, day), strict=True))


def _example(fields: Iterable[FieldSchema]) -> dict[str, Any]:
    return {field.name: _example_of(field) for field in fields}


def _example_of(field: FieldSchema) -> Any:
    if field.kind is Kind.ROWS:
        return [_example(field.fields), _example(field.fields)]
    if field.kind is Kind.CHOICE:
        return field.options[0].code
    return _EXAMPLES[field.kind] if field.example is None else field.example
