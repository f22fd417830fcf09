"""The check of a package before it is stored: forms, then the drawing, then its Word templates.

Every finding of the first stage that has any is told; each names the file and what to mend.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.documents import gate, templates
from workflow_app.engine import definitions, operations
from workflow_app.engine.catalogue import Catalogue, FormSpec
from workflow_app.engine.errors import DiagramRefused, Finding
from workflow_app.organisations.roles import ROLES
from workflow_app.processes.dossiers.drawing import Drawn, drawn
from workflow_app.processes.dossiers.handlers.operations import NAMES
from workflow_app.processes.dossiers.papers import FRAME, sample_of, schema_of
from workflow_app.processes.dossiers.rules import START_DATA, PaperStep, fault_sentences
from workflow_app.processes.dossiers.service.brought import forms_of, newest_version
from workflow_app.processes.form_schemas.building import build
from workflow_app.processes.form_schemas.reading import read_form
from workflow_app.processes.form_schemas.shape import FormSchema, Kind
from workflow_app.processes.process import Package

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """A Word template that fits the forms. data: None = the bytes of the version before are used again."""

    name: str
    key: str
    data: bytes
    schema: Mapping[str, Any]
    sample: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A package without a fault, with what it takes over from the version before."""

    drawn: Drawn
    forms: tuple[FormSchema, ...]
    templates: tuple[CheckedTemplate, ...]
    known: Catalogue


def check(session: Session, package: Package) -> Checked:
    """Raises DiagramUnreadable, DiagramRefused with every finding of the first stage that has any."""
    found = drawn(package.xml)
    forms = _forms(session, found, package)
    known = catalogue(forms)
    _stop(_drawing_findings(found, forms))
    definitions.check(package.xml, known=known)
    _stop(_unused(found, package))
    made = _templates(session, found, forms, package)
    return Checked(found, forms, made, known)


def catalogue(forms: tuple[FormSchema, ...]) -> Catalogue:
    """What such a diagram may refer to: its own forms, the machine's steps for dossiers, every role."""
    all_operations = operations.catalogue()
    return Catalogue(
        forms={form.key: _spec(form) for form in forms},
        operations={name: all_operations[name] for name in NAMES},
        roles=frozenset(ROLES),
    )


def template_key(process_key: str, name: str) -> str:
    """The key in the registry of templates: a process cannot take another's."""
    return f"{process_key}.{name}"


def _spec(form: FormSchema) -> FormSpec:
    built = build(form)
    yes_no = {field.name: (True, False) for field in form.outcome_fields() if field.kind is Kind.YES_NO}
    return FormSpec(built.outcomes, {**built.choices, **yes_no})


def _forms(session: Session, found: Drawn, package: Package) -> tuple[FormSchema, ...]:
    """The forms that the tasks ask for: those of the package, else those of the version before."""
    read = {key: read_form(key, data) for key, data in package.forms.items()}
    _stop(finding for _, findings in read.values() for finding in findings)
    before = newest_version(session, found.key)
    known = dict(forms_of(session, before)) if before else {}
    known |= {key: form for key, (form, _) in read.items() if form is not None}
    return tuple(known[key] for key in found.forms if key in known)


def _unused(found: Drawn, package: Package) -> Iterator[Finding]:
    for key in sorted(package.forms.keys() - found.forms.keys()):
        yield Finding(
            "form_unused", f"{key}.json",
            f"Biểu mẫu «{key}.json»: không việc nào trong sơ đồ dùng biểu mẫu này. Hãy ghi form = {key} ở một việc,"
            " hoặc bỏ tệp.",
            f"Form {key}.json: no task of the diagram asks for it. Set form = {key} on a task, or leave the file out.",
        )  # fmt: skip
    for name in sorted(package.templates.keys() - {step.template for step in found.steps}):
        yield Finding(
            "template_unused", f"{name}.docx",
            f"Mẫu văn bản «{name}.docx»: không bước nào trong sơ đồ dùng mẫu này. Hãy ghi tham số template = '{name}',"
            " hoặc bỏ tệp.",
            f"Template {name}.docx: no step asks for it. Set template = '{name}', or leave the file out.",
        )  # fmt: skip


def _drawing_findings(found: Drawn, forms: tuple[FormSchema, ...]) -> Iterator[Finding]:
    if not _KEY.fullmatch(found.key):
        yield Finding(
            "process_key", found.key,
            f"«{found.key}»: mã quy trình (id của process) chỉ gồm chữ thường không dấu, số và gạch dưới, ví dụ xin_ho_tro.",
            f"{found.key}: the process id has lower-case letters, digits and underscores.",
        )  # fmt: skip
    if found.start_role not in ROLES:
        yield Finding(
            "start_lane", found.start,
            f"«{found.start or 'sơ đồ'}»: điểm bắt đầu chưa nằm trong làn của một vai trò, nên không ai mở được hồ sơ."
            " Hãy kéo điểm bắt đầu vào làn của người mở.",
            "The start event is in no lane of a role, so nobody could start it. Move it into one.",
        )  # fmt: skip
    for name in sorted(set(found.inputs) - START_DATA):
        yield Finding(
            "inputs", found.key,
            f"«{found.key}»: khi mở hồ sơ không có biến «{name}». inputs chỉ dùng được: {', '.join(sorted(START_DATA))}.",
            f"{found.key}: a dossier starts without {name}. inputs can be: {', '.join(sorted(START_DATA))}.",
        )  # fmt: skip
    for key in sorted(found.forms.keys() - {form.key for form in forms}):
        yield Finding(
            "form_missing", found.forms[key][0],
            f"«{found.forms[key][0]}»: chưa có biểu mẫu «{key}» mà việc này dùng. Hãy tải lên cùng sơ đồ tệp {key}.json.",
            f"{found.forms[key][0]}: there is no form {key}. Bring {key}.json along.",
        )  # fmt: skip
    for form in forms:
        if form.key in FRAME:
            yield Finding(
                "form_key", f"{form.key}.json",
                f"Biểu mẫu «{form.key}.json»: hệ thống đã dùng tên này. Hãy đổi tên tệp và thuộc tính form của việc.",
                f"Form {form.key}.json: the product uses this name itself. Rename it.",
            )  # fmt: skip
    for step in found.steps:
        yield from _step_findings(step, forms)


def _step_findings(step: PaperStep, forms: tuple[FormSchema, ...]) -> Iterator[Finding]:
    for vi, en in fault_sentences(step):
        yield Finding("step_parameter", step.element, f"«{step.element}»: {vi}", f"{step.element}: {en}")
    if step.signed_by and step.signed_by not in {form.key for form in forms}:
        yield Finding(
            "step_signer", step.element,
            f"«{step.element}»: signed_by nêu biểu mẫu «{step.signed_by}» mà sơ đồ không dùng."
            " Hãy ghi biểu mẫu của người ký.",
            f"{step.element}: signed_by names {step.signed_by}, which is no form of the diagram.",
        )  # fmt: skip
    if step.template and not _KEY.fullmatch(step.template):
        yield Finding(
            "template_name", step.element,
            f"«{step.element}»: tên mẫu «{step.template}» chỉ gồm chữ thường không dấu, số và gạch dưới,"
            " trùng với tên tệp .docx.",
            f"{step.element}: {step.template} is no name of a template.",
        )  # fmt: skip


def _templates(
    session: Session, found: Drawn, forms: tuple[FormSchema, ...], package: Package
) -> tuple[CheckedTemplate, ...]:
    made: dict[str, CheckedTemplate] = {}
    findings: list[Finding] = []
    for step in found.steps:
        key = template_key(found.key, step.template)
        data = package.templates.get(step.template) or templates.newest_file(session, key)
        if step.template in made:
            continue
        if data is None:
            findings.append(_no_template(step))
            continue
        schema = schema_of(found.key, step, step.title or found.name, forms)
        sample = sample_of(schema, forms)
        findings += [_template_finding(step, each) for each in gate.check(data, schema, {"sample": sample})]
        made[step.template] = CheckedTemplate(step.template, key, data, schema, sample)
    _stop(findings)
    return tuple(made.values())


def _no_template(step: PaperStep) -> Finding:
    return Finding(
        "template_missing", step.element,
        f"«{step.element}»: chưa có mẫu văn bản «{step.template}». Hãy tải lên cùng sơ đồ tệp {step.template}.docx.",
        f"{step.element}: there is no template {step.template}. Bring {step.template}.docx along.",
    )  # fmt: skip


def _template_finding(step: PaperStep, finding: Any) -> Finding:
    place = f" ({finding.part})" if finding.part else ""
    return Finding(
        finding.code,
        f"{step.template}.docx",
        f"Mẫu văn bản «{step.template}.docx»{place}: {finding.vi}",
        f"Template {step.template}.docx{place}: {finding.code}",
    )


def _stop(found: Iterator[Finding] | list[Finding]) -> None:
    findings = list(dict.fromkeys(found))
    if findings:
        raise DiagramRefused(findings)
