"""The registry of templates: two people, one version in force, an office's own version is respected."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from document_templates import TemplateFiles
from storage.files import FileStore
from tests.documents.support import AT, FILES, sample, with_parts
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import ActorRef
from workflow_app.core.ids import new_id
from workflow_app.documents import template_changes, templates
from workflow_app.documents.errors import TemplateRefused, TemplateSamePerson, TemplateUnknown, UploadRefused
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.documents.package import Package
from workflow_app.documents.rendering import render

AUTHOR, CHECKER = ActorRef(new_id()), ActorRef(new_id())


@pytest.fixture(autouse=True)
def _registered(session: Session, store: FileStore) -> None:
    templates.register_builtin(session, store, at=AT)


def _edited(key: str = "pledge", old: str = "GIAO ƯỚC THI ĐUA", new: str = "BẢN GIAO ƯỚC THI ĐUA") -> bytes:
    data = FILES[key].docx.read_bytes()
    document = Package.read(data).parts["word/document.xml"].decode()
    assert old in document
    return with_parts(data, {"word/document.xml": document.replace(old, new).encode()})


def test_the_templates_of_the_product_are_in_force_after_registration(session: Session) -> None:
    for key in FILES:
        template = templates.load(session, key)
        assert (template.version, template.data) == (1, FILES[key].docx.read_bytes())
        assert render(template, sample(key), at=AT).content_id
    assert templates.load(session, "pledge").kind == "GƯ"


def test_registering_again_adds_nothing(session: Session, store: FileStore) -> None:
    assert templates.register_builtin(session, store, at=AT) == []


def test_an_unknown_template_is_named_in_vietnamese(session: Session) -> None:
    with pytest.raises(TemplateUnknown) as refused:
        templates.load(session, "nobody")
    assert "mẫu văn bản" in refused.value.vi


def test_an_edited_template_is_a_draft_until_a_second_person_activates_it(session: Session) -> None:
    row = template_changes.upload(session, key="pledge", data=_edited(), actor=AUTHOR, at=AT)
    assert (row.version, row.status) == (2, TemplateStatus.DRAFT)
    assert templates.load(session, "pledge").version == 1
    with pytest.raises(TemplateSamePerson):
        template_changes.activate(session, row.id, actor=AUTHOR, at=AT)
    template_changes.activate(session, row.id, actor=CHECKER, at=AT)
    assert templates.load(session, "pledge").version == 2
    assert [(each.version, each.status) for each in templates.versions(session, "pledge")] == [
        (2, TemplateStatus.ACTIVE),
        (1, TemplateStatus.RETIRED),
    ]
    assert templates.load_version(session, "pledge", 1).version == 1
    assert template_changes.preview(session, row.id, at=AT).content_id


def test_the_database_repeats_the_four_eyes(session: Session) -> None:
    row = template_changes.upload(session, key="pledge", data=_edited(), actor=AUTHOR, at=AT)
    change = {"status": "active", "activated_at": AT, "activated_by": AUTHOR.person_id}
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(sa.update(DocumentTemplate).where(DocumentTemplate.id == row.id).values(**change))


@pytest.mark.parametrize(
    "change", [{"schema": {}}, {"sample": {}}, {"sha256": "0" * 64}, {"version": 7}], ids=str
)
def test_a_registered_template_is_never_rewritten(session: Session, change: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="is fixed"), session.begin_nested():
        session.execute(sa.update(DocumentTemplate).values(**change))


def test_every_act_on_a_template_is_in_the_record(session: Session) -> None:
    row = template_changes.upload(session, key="pledge", data=_edited(), actor=AUTHOR, at=AT)
    template_changes.activate(session, row.id, actor=CHECKER, at=AT)
    events = session.execute(
        sa.select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.doc_sha256)
        .where(AuditEvent.object_id == row.id)
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(event) for event in events] == [
        ("template.uploaded", AUTHOR.person_id, row.sha256),
        ("template.activated", CHECKER.person_id, row.sha256),
    ]


def test_a_faulty_template_is_refused_at_upload(session: Session) -> None:
    with pytest.raises(TemplateRefused):
        template_changes.upload(
            session, key="pledge", data=_edited(old="{{ year }}", new="{{ yaer }}"), actor=AUTHOR, at=AT
        )
    with pytest.raises(UploadRefused):
        template_changes.upload(session, key="pledge", data=b"x", actor=AUTHOR, at=AT)
    with pytest.raises(TemplateUnknown):
        template_changes.upload(session, key="nobody", data=_edited(), actor=AUTHOR, at=AT)


def test_what_word_would_call_corrupt_is_refused_at_activation(session: Session) -> None:
    pytest.importorskip("openxml_audit")
    wrong_order = _edited(
        old="<w:body>", new='<w:body><w:p><w:r/><w:pPr><w:jc w:val="center"/></w:pPr></w:p>'
    )
    row = template_changes.upload(session, key="pledge", data=wrong_order, actor=AUTHOR, at=AT)
    with pytest.raises(TemplateRefused):
        template_changes.activate(session, row.id, actor=CHECKER, at=AT)
    assert templates.load(session, "pledge").version == 1


def test_a_new_release_takes_the_place_of_the_old_one_but_not_of_an_office_own_version(
    session: Session, store: FileStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = template_changes.upload(session, key="pledge", data=_edited(), actor=AUTHOR, at=AT)
    template_changes.activate(session, own.id, actor=CHECKER, at=AT)
    release = (
        _released(tmp_path, "pledge", _edited("pledge", "Kèm theo giao ước:", "Tài liệu kèm theo:")),
        _released(tmp_path, "pledge_plan", _edited("pledge_plan", "KẾ HOẠCH", "BẢN KẾ HOẠCH")),
    )
    monkeypatch.setattr(templates, "template_files", lambda: release)
    added = templates.register_builtin(session, store, at=AT + timedelta(days=1))
    assert [(row.key, row.version, row.status) for row in added] == [
        ("pledge", 3, TemplateStatus.DRAFT),
        ("pledge_plan", 2, TemplateStatus.ACTIVE),
    ]
    assert templates.load(session, "pledge").version == 2


def _released(folder: Path, key: str, data: bytes) -> TemplateFiles:
    for file in FILES[key].folder.glob(f"{key}.s*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / f"{key}.docx").write_bytes(data)
    return TemplateFiles(key, folder)
