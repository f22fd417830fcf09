"""Documents and versions: what is frozen stays, what is withdrawn says why."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.errors import ObjectCorrupt
from storage.files import FileStore
from tests.documents.conftest import Desk
from tests.documents.support import AT, sample, template
from workflow_app.core.ids import new_id
from workflow_app.documents import conversions, service
from workflow_app.documents.errors import DocumentUnknown, DocumentWrongState
from workflow_app.documents.models import (
    Distribution,
    DocumentState,
    DocumentVersion,
    EntryStatus,
    PdfState,
    VersionState,
)
from workflow_app.documents.rendering import render


def test_a_version_gives_back_the_bytes_that_were_rendered(desk: Desk) -> None:
    version = desk.version(desk.document())
    rendered = render(template("pledge"), sample("pledge"), at=AT)
    assert (version.number, version.state) == (1, VersionState.DRAFT)
    assert service.file_of(version) == rendered.data
    assert (version.content_id, version.file_sha256) == (rendered.content_id, rendered.file_sha256)
    assert version.data == sample("pledge")


def test_a_changed_object_is_never_served(desk: Desk, store: FileStore) -> None:
    version = desk.version(desk.document())
    path = store._root / version.object_key
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    with pytest.raises(ObjectCorrupt):
        service.file_of(version)


def test_the_same_bytes_again_are_the_same_version(desk: Desk) -> None:
    document = desk.document()
    first = desk.version(document)
    assert desk.version(document) is first
    assert desk.version(document, year=2020).number == 2


def test_only_the_latest_version_is_frozen_and_then_no_other_is_added(desk: Desk, session: Session) -> None:
    document = desk.document()
    first = desk.version(document)
    second = desk.version(document, year=2020)
    with pytest.raises(DocumentWrongState, match="not the latest"):
        service.freeze(session, first, at=AT)
    service.freeze(session, second, at=AT)
    assert (document.state, second.state, second.frozen_at) == (DocumentState.FROZEN, VersionState.FROZEN, AT)
    with pytest.raises(DocumentWrongState):
        desk.version(document, year=2021)
    with pytest.raises(DocumentWrongState):
        service.freeze(session, second, at=AT)


@pytest.mark.parametrize(
    "change",
    [
        {"content_id": "0" * 64},
        {"file_sha256": "0" * 64},
        {"object_key": "docs/00/x"},
        {"size": 1},
        {"data": {"year": 1}},
        {"template_version": 9},
        {"number": 9},
        {"created_by": UUID(int=7)},
        {"frozen_at": AT.replace(year=2020)},
        {"state": "draft", "frozen_at": None},
    ],
    ids=str,
)
def test_the_database_refuses_any_change_of_a_frozen_version(
    desk: Desk, session: Session, change: dict[str, object]
) -> None:
    version = desk.version(desk.document())
    service.freeze(session, version, at=AT)
    with pytest.raises(IntegrityError, match="is fixed"), session.begin_nested():
        session.execute(sa.update(DocumentVersion).where(DocumentVersion.id == version.id).values(**change))


@pytest.mark.parametrize("change", [{"data": {"year": 1}}, {"content_id": "0" * 64}])
def test_not_even_a_draft_is_rewritten_in_place(
    desk: Desk, session: Session, change: dict[str, object]
) -> None:
    version = desk.version(desk.document())
    with pytest.raises(IntegrityError, match="is fixed"), session.begin_nested():
        session.execute(sa.update(DocumentVersion).where(DocumentVersion.id == version.id).values(**change))


def test_versions_are_never_deleted(desk: Desk, session: Session) -> None:
    version = desk.version(desk.document())
    with pytest.raises(IntegrityError, match="is fixed"), session.begin_nested():
        session.execute(sa.delete(DocumentVersion).where(DocumentVersion.id == version.id))


def test_calling_off_a_round_frees_the_document_and_cancels_its_number(desk: Desk, session: Session) -> None:
    document = desk.document()
    version = desk.version(document)
    book = service.open_book(
        session, owner_unit_id=desk.unit.id, code="đi", name="Sổ đi", year=2019, symbol_pattern="{kind}-KTĐ04"
    )
    entry = service.take_number(
        session,
        owner_unit_id=desk.unit.id,
        book=book.code,
        kind="GƯ",
        on=AT.date(),
        document_id=document.id,
    )
    service.freeze(session, version, at=AT)
    service.withdraw_version(session, version, reason="sửa chỉ tiêu 3", at=AT)
    assert (document.state, version.state) == (DocumentState.DRAFT, VersionState.WITHDRAWN)
    assert (entry.status, entry.reason) == (EntryStatus.CANCELLED, "sửa chỉ tiêu 3")
    assert document.register_entry_id is None
    assert desk.version(document, year=2020).number == 2


def test_issuing_issues_the_number_and_the_register_shows_the_title(desk: Desk, session: Session) -> None:
    document = desk.document()
    version = desk.version(document)
    service.open_book(
        session, owner_unit_id=desk.unit.id, code="x", name="Sổ", year=2019, symbol_pattern="{kind}-X"
    )
    entry = service.take_number(
        session, owner_unit_id=desk.unit.id, book="x", kind="GƯ", on=AT.date(), document_id=document.id
    )
    service.freeze(session, version, at=AT)
    service.issue(session, version, at=AT, signer="14 đơn vị", copies=16)
    assert (document.state, document.issued_at, version.state) == (
        DocumentState.ISSUED,
        AT,
        VersionState.ISSUED,
    )
    assert (entry.status, entry.signer, entry.copies, entry.subject) == (
        EntryStatus.ISSUED,
        "14 đơn vị",
        16,
        "Giao ước thi đua năm 2019",
    )
    with pytest.raises(DocumentWrongState):
        service.cancel_number(session, entry, reason="muộn rồi")


def test_a_draft_cannot_be_issued(desk: Desk, session: Session) -> None:
    with pytest.raises(DocumentWrongState):
        service.issue(session, desk.version(desk.document()), at=AT)


def test_recalling_an_issued_document_needs_a_reason_and_keeps_the_number(
    desk: Desk, session: Session
) -> None:
    document = desk.document()
    version = desk.version(document)
    service.open_book(session, owner_unit_id=desk.unit.id, code="x", name="Sổ", year=2019, symbol_pattern="X")
    entry = service.take_number(
        session, owner_unit_id=desk.unit.id, book="x", kind="GƯ", on=AT.date(), document_id=document.id
    )
    service.freeze(session, version, at=AT)
    service.issue(session, version, at=AT)
    with pytest.raises(DocumentWrongState) as refused:
        service.withdraw(session, document, reason=" ", at=AT)
    assert refused.value.vi == "Hãy ghi lý do thu hồi văn bản."
    service.withdraw(session, document, reason="sai thể thức", at=AT)
    assert (document.state, version.state) == (DocumentState.WITHDRAWN, VersionState.WITHDRAWN)
    assert (entry.status, entry.note) == (EntryStatus.ISSUED, "Đã thu hồi: sai thể thức")


def test_a_replaced_document_names_its_successor(desk: Desk, session: Session) -> None:
    documents = []
    for year in (2019, 2020):
        document = desk.document()
        version = desk.version(document, year=year)
        service.freeze(session, version, at=AT)
        service.issue(session, version, at=AT)
        documents.append(document)
    service.replace(session, documents[0], by_document=documents[1], at=AT)
    assert (documents[0].state, documents[0].replaced_by_id) == (DocumentState.REPLACED, documents[1].id)
    with pytest.raises(DocumentWrongState):
        service.replace(session, documents[0], by_document=documents[1], at=AT)


def test_the_pdf_is_attached_once(desk: Desk, session: Session, store: FileStore) -> None:
    version = desk.version(desk.document())
    service.freeze(session, version, at=AT)
    conversions.failed(version)
    assert (version.pdf_state, service.pdf_of(version)) == (PdfState.FAILED, None)
    conversions.attach(version, store.put(b"%PDF-1", kind="pdf"))
    conversions.attach(version, store.put(b"%PDF-2", kind="pdf"))
    conversions.failed(version)
    session.flush()
    assert (version.pdf_state, service.pdf_of(version)) == (PdfState.READY, b"%PDF-1")


def test_each_recipient_gets_an_issued_document_once(desk: Desk, session: Session) -> None:
    document = desk.document()
    recipients = [
        service.Recipient("CĐCS Sở Nội vụ", desk.unit.id),
        service.Recipient("LĐLĐ tỉnh", how="Bưu điện"),
    ]
    with pytest.raises(DocumentWrongState):
        service.distribute(session, document, recipients, at=AT)
    version = desk.version(document)
    service.freeze(session, version, at=AT)
    service.issue(session, version, at=AT)
    assert service.distribute(session, document, recipients, at=AT) == 2
    assert service.distribute(session, document, recipients, at=AT) == 0
    person = new_id()
    assert service.received(session, document.id, desk.unit.id, by=person, at=AT)
    assert not service.received(session, document.id, desk.unit.id, by=new_id(), at=AT.replace(year=2020))
    row = session.scalars(sa.select(Distribution).where(Distribution.recipient_unit_id == desk.unit.id)).one()
    assert (row.received_by, row.received_at) == (person, AT)


def test_an_unknown_document_is_not_found(session: Session) -> None:
    with pytest.raises(DocumentUnknown):
        service.get(session, new_id())
    with pytest.raises(DocumentUnknown):
        service.version(session, new_id())


def test_what_is_sent_stands_in_the_register_with_its_day(desk: Desk, session: Session) -> None:
    document = desk.document()
    version = desk.version(document)
    service.open_book(session, owner_unit_id=desk.unit.id, code="x", name="Sổ", year=2019, symbol_pattern="X")
    entry = service.take_number(
        session, owner_unit_id=desk.unit.id, book="x", kind="GƯ", on=AT.date(), document_id=document.id
    )
    service.freeze(session, version, at=AT)
    service.issue(session, version, at=AT)
    twice = [service.Recipient("LĐLĐ tỉnh"), service.Recipient("LĐLĐ tỉnh")]
    assert service.distribute(session, document, twice, at=AT) == 1
    service.distribute(session, document, [service.Recipient("Ban Tuyên giáo")], at=AT.replace(year=2020))
    assert entry.recipients == "LĐLĐ tỉnh; Ban Tuyên giáo"
    assert (entry.file_copy, entry.sent_on) == ("Văn thư", AT.date())
