"""Diagrams: versions, uploading with the lint's findings, bringing into force by a second person, the drawing."""

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

import bpmn
import document_templates
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.documents.models import DocumentTemplate
from workflow_app.engine import definitions, diagram, migration
from workflow_app.engine.alarm import ADMINISTRATOR
from workflow_app.engine.errors import DiagramRefused, DiagramUnreadable, Finding
from workflow_app.engine.models import DefinitionStatus, InstanceStatus, ProcessDefinition, ProcessInstance
from workflow_app.engine.refusals import DefinitionUnknown
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.types import Seat
from workflow_app.processes import deployment
from workflow_app.processes.form_schemas.shape import KIND_WORDS, FieldSchema
from workflow_app.processes.process import Package
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, has_role, seat_with
from workflow_app.web.fields import field_errors, posted_file, posted_files
from workflow_app.web.operations.diagrams import steps_of
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.translations import language

bp = Blueprint("definitions", __name__, url_prefix="/definitions")

STATUSES: dict[DefinitionStatus, tuple[str, str, str]] = {
    DefinitionStatus.DRAFT: ("Chờ kích hoạt", "soon", "clock"),
    DefinitionStatus.ACTIVE: ("Đang dùng", "done", "check"),
    DefinitionStatus.RETIRED: ("Đã thay", "", "replace"),
}
AUTHORS = ("process_author", "administrator")
_TRIED = 10  # instances on one page: walking one from where it stands takes a tenth of a second


@bp.get("")
def index() -> ResponseReturnValue:
    """Every diagram with its versions, and how many dossiers run on each."""
    seat_with(*AUTHORS)
    return _page([])


@bp.post("")
def upload() -> ResponseReturnValue:
    """Checks a .bpmn file with the forms and Word templates it brings, and stores it as a draft of the next version."""
    seat_with(*AUTHORS)
    try:
        package = _package()
    except Invalid as refusal:
        return _page(list(refusal.errors)), 422
    by = ActorRef.of(current_actor())
    stop_reading()
    try:
        with transaction() as session:
            made = deployment.deploy(session, package, actor=by, at=clock.now())
            identity, version, status = made.id, made.version, made.status
    except DiagramUnreadable as refusal:
        return _page([FieldError("diagram", refusal.vi)]), 422
    except DiagramRefused as refusal:
        return _page([FieldError(_box_of(each), each.vi) for each in refusal.findings]), 422
    if status is DefinitionStatus.DRAFT:
        flash(
            _("Đã nhận phiên bản %(version)s. Người khác kiểm tra rồi kích hoạt.", version=version), "success"
        )
    else:
        flash(_("Tệp này giống hệt phiên bản %(version)s đã có.", version=version), "info")
    return redirect(url_for("definitions.show", definition_id=identity), code=303)


@bp.get("/example.zip")
def example() -> ResponseReturnValue:
    """A whole process to begin with: diagram, forms, Word template."""
    seat_with(*AUTHORS)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (bpmn.example_files() | document_templates.example_files()).items():
            archive.writestr(name, data)
    return Response(
        packed.getvalue(),
        mimetype="application/zip",
        headers={"Content-Disposition": "attachment; filename=quy-trinh-vi-du.zip"},
    )


@bp.get("/<uuid:definition_id>")
def show(definition_id: UUID) -> ResponseReturnValue:
    """One version: its steps in words, its drawing, who uploaded and activated it, what runs on earlier ones."""
    seat = seat_with(*AUTHORS)
    definition = _definition(definition_id)
    names = diagram.names_of(reader(), definition_id)
    return render_template(
        "definitions/show.html",
        definition=definition,
        status=STATUSES[definition.status],
        steps=steps_of(reader(), definition_id, {}, names),
        people=_people({definition.deployed_by, definition.activated_by}),
        may_activate=definition.deployed_by != current_actor().person_id,
        xml=url_for("definitions.xml", definition_id=definition_id),
        outdated=_outdated(definition, seat) if definition.status is DefinitionStatus.ACTIVE else None,
        **_brought(definition),
    )


@bp.get("/<uuid:definition_id>/diagram.bpmn")
def xml(definition_id: UUID) -> ResponseReturnValue:
    """The file as it was uploaded."""
    seat_with(*AUTHORS)
    definition = _definition(definition_id)
    answer = Response(diagram.xml_of(reader(), definition_id), mimetype="application/xml")
    if "download" in request.args:
        name = f"{definition.key}-{definition.version}.bpmn"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.post("/<uuid:definition_id>/activation")
def activate(definition_id: UUID) -> ResponseReturnValue:
    """Brings a version into force; never by the person who uploaded it."""
    seat_with(*AUTHORS)
    by = ActorRef.of(current_actor())
    stop_reading()
    with transaction() as session:
        deployment.activate(session, definition_id, actor=by, at=clock.now())
    flash(_("Đã kích hoạt. Hồ sơ mới chạy theo phiên bản này, hồ sơ đang chạy giữ phiên bản cũ."), "success")
    return redirect(url_for("definitions.show", definition_id=definition_id), code=303)


def _definition(definition_id: UUID) -> ProcessDefinition:
    found = reader().get(ProcessDefinition, definition_id)
    if found is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    return found


def _people(ids: set[UUID | None]) -> dict[UUID | None, str]:
    query = select(Person.id, Person.full_name).where(Person.id.in_(ids - {None}))
    return dict(reader().execute(query).all())


def _outdated(definition: ProcessDefinition, seat: Seat) -> dict[str, Any]:
    """What runs on earlier versions in the reader's federation, a few at a time: each is walked through."""
    found = migration.outdated(reader(), definition, federation_id=seat.unit_id)
    begin = min(max(request.args.get("from", 0, type=int), 0), max(len(found) - 1, 0))
    here, most = url_for(".show", definition_id=definition.id), begin + _TRIED
    return {
        "count": len(found),
        "rows": [_tried(instance, definition) for instance in found[begin:most]],
        "page": {
            "next": f"{here}?from={most}#ban-cu" if most < len(found) else "",
            "previous": f"{here}?from={max(begin - _TRIED, 0)}#ban-cu" if begin else "",
            "items": [],
        },
    }


def _tried(instance: ProcessInstance, definition: ProcessDefinition) -> dict[str, Any]:
    """One instance and whether it can go over, with the reasons if not."""
    found = migration.preview(
        reader(), instance.id, definition.id, known=deployment.known_to(reader(), definition.id)
    )
    reasons = [each.en if language() == "en" else each.vi for each in found]
    word = (_("chuyển được"), "done", "ok") if not found else (_("không chuyển được"), "stop", "x")
    tried = url_for("operated.migration_form", instance_id=instance.id, definition_id=definition.id)
    return {
        "title": instance.title,
        "lines": [instance.item_key and _("phần %(key)s", key=instance.item_key), *reasons],
        "icon": "flow",
        "tag": word,
        "aside": wording.day(instance.started_at),
        "href": tried if has_role(current_actor(), ADMINISTRATOR) else "",
    }


def _package() -> Package:
    """The files of the form; raises Invalid for one that is missing, twice there, or of another kind."""
    _name, xml = posted_file("diagram")
    if not xml:
        raise Invalid([FieldError("diagram", _("Chọn tệp .bpmn để tải lên."))])
    return Package(xml, _files("forms", ".json"), _files("templates", ".docx"))


def _files(box: str, ending: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, data in posted_files(box):
        stem = name[: -len(ending)]
        if not name.lower().endswith(ending) or stem in found:
            vi = _("Ô này chỉ nhận tệp %(ending)s, mỗi tên một tệp; “%(name)s” không nhận được.", ending=ending, name=name)  # fmt: skip
            raise Invalid([FieldError(box, vi)])
        found[stem] = data
    return found


def _brought(definition: ProcessDefinition) -> dict[str, Any]:
    """What the version came with, for the page: forms with their fields in words, templates with their pages."""
    found = deployment.brought(reader(), definition)
    rows = {row.id: row for row in reader().scalars(select(DocumentTemplate).where(DocumentTemplate.id.in_(found.templates.values())))}  # fmt: skip
    return {
        "forms": [
            {"key": form.key, "title": form.title, "decision": form.decision, "fields": list(_described(form.fields))}
            for form in found.forms
        ],
        "templates": [{"name": name, "row": rows[each]} for name, each in found.templates.items()],
    }  # fmt: skip


def _described(fields: Sequence[FieldSchema], above: str = "") -> Iterator[dict[str, Any]]:
    for field in fields:
        options = ", ".join(option.title for option in field.options)
        yield {
            "name": f"{above}{field.name}",
            "label": field.title,
            "kind": _(KIND_WORDS[field.kind]) + (f": {options}" if options else ""),
            "required": field.required,
        }
        yield from _described(field.fields, f"{field.name} › ")


def _box_of(finding: Finding) -> str:
    """The box of the form whose file a finding is about."""
    file = finding.element.partition("#")[0]
    return "forms" if file.endswith(".json") else "templates" if file.endswith(".docx") else "diagram"


def _page(errors: list[FieldError]) -> str:
    versions = definitions.versions(reader())
    alive = ProcessInstance.status.in_([InstanceStatus.RUNNING, InstanceStatus.SUSPENDED])
    counted = (
        select(ProcessInstance.definition_id, func.count())
        .where(alive)
        .group_by(ProcessInstance.definition_id)
    )
    running = dict(reader().execute(counted).all())
    groups: dict[str, list[dict[str, Any]]] = {}
    for version in versions:
        row = {"version": version, "status": STATUSES[version.status], "running": running.get(version.id, 0)}
        groups.setdefault(version.key, []).append(row)
    return render_template(
        "definitions/index.html",
        groups=groups,
        **field_errors(errors),
    )
