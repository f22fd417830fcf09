"""What follows from a drawn diagram alone: who starts it, whom it concerns, what its machine steps ask for."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflow_app.organisations.roles import ROLES, Place

# What every dossier hands to its diagram at the start.
START_DATA = frozenset({"dossier_id", "unit_id", "opened_on"})
ISSUERS = ("federation", "unit")


@dataclass(frozen=True, slots=True)
class Needs:
    """Which units a dossier has to name before it can run."""

    unit: bool = False
    bloc: bool = False


@dataclass(frozen=True, slots=True)
class PaperStep:
    """A machine step that makes a document. faults: names of parameters that are missing, unknown or no text."""

    element: str
    operation: str
    template: str = ""
    kind: str = ""
    title: str = ""
    signed_by: str = ""
    issuer: str = ISSUERS[0]
    faults: Mapping[str, str] = field(default_factory=dict)


def needs_of(roles: Iterable[str]) -> Needs:
    """What the lanes' roles ask for: a unit for its chair, a bloc for its leader or deputy."""
    places = {ROLES[role].place for role in roles if role in ROLES}
    return Needs(Place.UNIT in places, not places.isdisjoint({Place.LEADER, Place.DEPUTY}))


def paper_step(element: str, operation: str, parameters: Mapping[str, str]) -> PaperStep:
    """A step by its parameters as they stand in the diagram: quoted texts such as 'quyet_dinh'."""
    texts, faults = {}, {}
    for name, source in parameters.items():
        text = _text(source)
        if name not in {"template", "kind", "title", "signed_by", "issuer"}:
            faults[name] = "unknown"
        elif text is None:
            faults[name] = "unquoted"
        else:
            texts[name] = text
    faults |= {name: "missing" for name in ("template", "kind") if name not in texts and name not in faults}
    if texts.get("issuer", ISSUERS[0]) not in ISSUERS:
        faults["issuer"] = "choice"
    return PaperStep(element, operation, **texts, faults=faults)


def fault_sentences(step: PaperStep) -> Iterator[tuple[str, str]]:
    """Vietnamese and English, one pair for each fault of a step."""
    for name, fault in step.faults.items():
        match fault:
            case "unknown":
                yield (
                    f"tham số «{name}» không có tác dụng. Dùng được: template, kind, title, signed_by, issuer.",
                    f"parameter {name} has no effect.",
                )
            case "unquoted":
                yield (
                    f"giá trị của tham số «{name}» phải nằm trong dấu nháy đơn, ví dụ 'quyet_dinh'.",
                    f"the value of parameter {name} must be a quoted text.",
                )
            case "missing":
                yield (
                    f"thiếu tham số «{name}»"
                    + (
                        " (mã mẫu văn bản)." if name == "template" else " (ký hiệu loại văn bản, ví dụ 'QĐ')."
                    ),
                    f"parameter {name} is missing.",
                )
            case _:
                yield (
                    f"tham số «{name}» chỉ nhận 'federation' hoặc 'unit'.",
                    f"parameter {name} is 'federation' or 'unit'.",
                )


def _text(source: str) -> str | None:
    try:
        value = ast.literal_eval(source.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value.strip() or None if isinstance(value, str) else None
