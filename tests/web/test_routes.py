"""Who may open what: every route, every kind of reader. A route that is not in the table fails."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from document_templates import template_files
from storage.files import FileStore
from tests.web.house import Browser, House
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.ids import new_id
from workflow_app.documents import objects, template_changes
from workflow_app.documents import service as documents
from workflow_app.documents.models import DocumentTemplate, DocumentVersion
from workflow_app.engine import definitions, incidents
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import Trouble
from workflow_app.engine.locking import lock
from workflow_app.engine.models import IncidentKind
from workflow_app.organisations import service as organisations
from workflow_app.organisations.types import Capacity
from workflow_app.web.papers import document_templates

Browse = Callable[[str], Browser]

# own: whose dossier it is. sibling: another unit of the bloc. third: a unit of the federation outside the bloc.
READERS = ("own", "sibling", "third", "officer", "admin", "author", "auditor", "stranger", "nobody")
ACCOUNTS = {"own": "chair", "sibling": "leader", "third": "third"}

OPEN = dict.fromkeys(READERS, 200)
SIGNED_IN = {**OPEN, "nobody": 302}
FEDERATION = {**SIGNED_IN, "stranger": 404}
BLOC = {**SIGNED_IN, "third": 404, "stranger": 404}
AUTHORS = {**dict.fromkeys(READERS, 403), "author": 200, "admin": 200, "nobody": 302}
ADMIN = {**dict.fromkeys(READERS, 403), "admin": 200, "nobody": 302}
KEEPERS = {**ADMIN, "officer": 200, "stranger": 404}
WATCHERS = {**dict.fromkeys(READERS, 403), "auditor": 200, "admin": 200, "nobody": 302}

# The federation's people see its books; only its clerk, who is none of these readers, writes in them.
BOOKKEEPERS = {
    **dict.fromkeys(READERS, 404),
    **dict.fromkeys(("officer", "admin", "author", "auditor"), 403),
    "nobody": 302,
}

EXPECTED: dict[str, dict[str, int]] = {
    "account.list_tokens": SIGNED_IN,
    "account.security": SIGNED_IN,
    "account.sessions": SIGNED_IN,
    "account.show": SIGNED_IN,
    # The account of unit one's chair: its own officers are told who does it, other unions learn nothing.
    "accounts.index": ADMIN,
    "accounts.show": {**dict.fromkeys(READERS, 403), "admin": 200, "sibling": 404, "third": 404, "stranger": 404, "nobody": 302},
    "administration.appointment_form": ADMIN,
    "administration.ending_form": ADMIN,
    "blocs.ending_form": KEEPERS,
    "blocs.history": FEDERATION,
    "blocs.index": SIGNED_IN,
    "blocs.list_form": KEEPERS,
    "blocs.name_form": KEEPERS,
    "blocs.new": {**KEEPERS, "stranger": 403},
    "blocs.show": FEDERATION,
    "calendars.index": dict.fromkeys(READERS, 403) | {"admin": 302, "nobody": 302},
    "calendars.show": ADMIN,
    "definitions.example": AUTHORS,
    "definitions.index": AUTHORS,
    "definitions.show": AUTHORS,
    "definitions.xml": AUTHORS,
    "documents.compare": BLOC,
    "documents.index": SIGNED_IN,
    "documents.issued_word": dict.fromkeys(READERS, 404) | {"nobody": 302},
    "documents.pdf": dict.fromkeys(READERS, 404) | {"nobody": 302},
    "documents.show": BLOC,
    "documents.word": BLOC,
    # The unit, the leader, the federation may see the task; who of them may not do it is told so.
    "handover.show": {"own": 200, "sibling": 403, "third": 404, "officer": 403, "admin": 403, "author": 403, "auditor": 403, "stranger": 404, "nobody": 302},
    "tasks.show": {"own": 200, "sibling": 403, "third": 404, "officer": 403, "admin": 403, "author": 403, "auditor": 403, "stranger": 404, "nobody": 302},
    "health.alive": OPEN,
    "health.ready": OPEN,
    "history.export": {**dict.fromkeys(READERS, 403), "auditor": 200, "nobody": 302},
    "history.index": WATCHERS,
    "history.of_document": BLOC,
    "history.of_instance": {**FEDERATION, "third": 404},
    "history.of_person": {**WATCHERS, "own": 200},
    "inbox.count": SIGNED_IN,
    "inbox.show": SIGNED_IN,
    "instances.marks": {**FEDERATION, "third": 404},
    "instances.show": {**FEDERATION, "third": 404},
    "instances.xml": {**FEDERATION, "third": 404},
    "operated.index": ADMIN,
    "operated.migration_form": {**ADMIN, "admin": 409},  # it is on that version already
    "operated.show": ADMIN,
    "operations.incident": ADMIN,
    "operations.index": ADMIN,
    "login.show": {**dict.fromkeys(READERS, 302), "nobody": 200},
    "people.delegation_form": SIGNED_IN,
    "people.index": SIGNED_IN,
    "people.me": dict.fromkeys(READERS, 302),
    "people.show": FEDERATION,
    "preferences.show": OPEN,
    "registers.excel": {**dict.fromkeys(READERS, 404), "officer": 200, "auditor": 200, "admin": 200, "author": 200, "nobody": 302},
    "registers.giving_up": BOOKKEEPERS,
    "registers.index": SIGNED_IN,
    "registers.reservation": BOOKKEEPERS,
    "registers.show": {**dict.fromkeys(READERS, 404), "officer": 200, "auditor": 200, "admin": 200, "author": 200, "nobody": 302},
    "registers.writing": BOOKKEEPERS,
    "registers.word": dict.fromkeys(READERS, 404) | {"nobody": 302},  # its template is not in this house
    "reorganisations.show": {**ADMIN, "stranger": 403},
    "settings.index": ADMIN,
    "settings.show": ADMIN,
    "setup.show": dict.fromkeys(READERS, 404),  # there are accounts in this house
    "tasks.following": dict.fromkeys(READERS, 303) | {"nobody": 302},
    "templates.index": AUTHORS,
    "templates.pages": AUTHORS,
    "templates.picture": AUTHORS,
    "templates.sample": AUTHORS,
    "templates.show": AUTHORS,
    "templates.word": AUTHORS,
    "units.facts_form": ADMIN,
    "units.index": SIGNED_IN,
    "units.mine": dict.fromkeys(READERS, 302),
    "units.new": ADMIN,
    "units.show": FEDERATION,
    "verify.show": OPEN,
}  # fmt: skip

# What changes something answers 404, 403 or 422 to an empty form, never 2xx, 303 or 5xx.
CHANGES = {
    "account.end_other_sessions",
    "account.end_session",
    "account.make_token",
    "account.password",
    "account.pin",
    "account.revoke_token",
    "accounts.close",
    "accounts.open_",
    "accounts.reopen",
    "accounts.reset_password",
    "accounts.reset_pin",
    "accounts.sign_out",
    "accounts.unlock",
    "actors.choose_seat",
    "administration.appoint",
    "administration.end",
    "blocs.create",
    "blocs.end",
    "blocs.rename",
    "blocs.write_list",
    "calendars.declare",
    "calendars.put",
    "definitions.activate",
    "definitions.upload",
    "handover.change",
    "login.enter",
    "login.logout",
    "operated.cancel",
    "operated.migrate",
    "operated.resume",
    "operated.suspend",
    "operations.hurry",
    "operations.resolve",
    "operations.retry",
    "people.delegate",
    "people.revoke",
    "preferences.save",
    "registers.give_up",
    "registers.reserve",
    "registers.write",
    "reorganisations.rearrange",
    "settings.change",
    "settings.confirm",
    "setup.create",
    "templates.activate",
    "templates.restore",
    "templates.send_back",
    "templates.upload",
    "units.change_facts",
    "units.create",
    "tasks.complete",
}
HARMLESS = {
    "login.logout",
    "preferences.save",
    "login.enter",
    "account.end_other_sessions",
}  # they do to oneself what they always do
OTHERS = {"assets.dist", "openapi.spec"}


@pytest.fixture
def ids(house: House, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One thing of each kind, all of unit one or its bloc."""
    instance_id = house.letter()
    # LibreOffice takes seconds and is not on every machine; the pictures have tests of their own.
    monkeypatch.setattr(document_templates.pdf, "convert", lambda docx: b"%PDF-")
    monkeypatch.setattr(document_templates.pictures, "pages", lambda data: [b"\x89PNG"])
    objects.bind(FileStore(tmp_path / "objects"))
    with transaction() as session:
        document = documents.create(
            session,
            kind="GƯ",
            title="Giao ước thi đua năm 2019",
            owner_type="pledge",
            owner_id=new_id(),
            issuing_unit_id=house.units["two"],
            federation_id=house.units["federation"],
            bloc_id=house.bloc_id,
            by=house.people["leader"],
            at=clock.now(),
        )
        for number in (1, 2):
            session.add(_version(document.id, number, house))
        book = documents.open_book(
            session, owner_unit_id=house.units["federation"], code="KTĐ04", name="Sổ khối 04", year=2019, symbol_pattern="{kind}-KTĐ04"
        )  # fmt: skip
        kept = documents.take_number(
            session, owner_unit_id=house.units["federation"], book="KTĐ04", kind="BC", on=date(2019, 1, 2), document_id=None, subject="Báo cáo"
        )  # fmt: skip
        given = organisations.delegate(
            session,
            principal_appointment_id=house.seats["leader"],
            delegate_person_id=house.people["clerk"],
            valid_from=clock.today(),
            valid_to=None,
            capacity=Capacity.BY_DELEGATION,
            basis_number="02/GUQ",
        )
        definition = definitions.active(session, "letter")
        trouble = Trouble(instance_id, IncidentKind.HUMAN_TASK, house.task(), "draft")
        incident_id = incidents.open_locked(
            session, lock(session, instance_id), trouble, StepFailed("x"), at=clock.now()
        )
        template = _returned_template(session, house)
        found = {
            "incident_id": incident_id,
            "template_id": template.id,
            "instance_id": instance_id,
            "task_id": house.task(),
            "document_id": document.id,
            "unit_id": house.units["one"],
            "bloc_id": house.bloc_id,
            "person_id": house.people["chair"],
            "book_id": book.id,
            "entry_id": kept.id,
            "definition_id": definition.id,
            "appointment_id": house.seats["chair"],
            "delegation_id": given.id,
            "token_id": new_id(),
            "session_id": "0" * 64,
        }
    return {name: str(value) for name, value in found.items()}


def _returned_template(session: Session, house: House) -> DocumentTemplate:
    """One that nobody can do anything with any more but look at it."""
    files = next(files for files in template_files() if files.key == "pledge_invitation")
    by = ActorRef(house.people["author2"])
    row = template_changes.submit(
        session,
        key=files.key,
        data=files.docx.read_bytes(),
        schema=files.schema(),
        sample=next(iter(files.samples().values())),
        actor=by,
        at=clock.now(),
    )
    return template_changes.send_back(session, row.id, reason="Thiếu trích yếu", actor=by, at=clock.now())


def _version(document_id: object, number: int, house: House) -> DocumentVersion:
    file = docx.Document()
    file.add_paragraph(f"Bản {number}")
    out = BytesIO()
    file.save(out)
    stored = objects.store().put(out.getvalue(), kind="docx")
    return DocumentVersion(
        document_id=document_id,
        number=number,
        content_id=stored.sha256,
        file_sha256=stored.sha256,
        object_key=stored.key,
        size=stored.size,
        data={},
        template_key="pledge",
        template_version=1,
        created_at=clock.now(),
        created_by=house.people["leader"],
    )


def path_of(rule: str, ids: dict[str, str]) -> str:
    for name, value in {
        **ids,
        "year": "2019",
        "number": "1",
        "name": "x",
        "key": "pledge.comment_days",
    }.items():
        for converter in ("uuid:", "int:", ""):
            rule = rule.replace(f"<{converter}{name}>", value)
    return rule + ("?old=1&new=2" if rule.endswith("/compare") else "")


def test_every_route_is_in_the_table(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == set(EXPECTED) | CHANGES | OTHERS


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_opens_what_he_may_and_nothing_else(
    app: Flask, house: House, ids: dict[str, str], browse: Browse, reader: str
) -> None:
    browser = Browser(app) if reader == "nobody" else browse(ACCOUNTS.get(reader, reader))
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in EXPECTED or "GET" not in (rule.methods or ()):
            continue
        answer = browser.get(path_of(str(rule), ids))
        expected = EXPECTED[rule.endpoint][reader]
        if answer.status_code != expected:
            wrong.append((rule.endpoint, answer.status_code, expected))
        if answer.mimetype == "text/html" and answer.status_code == 200:
            page = answer.get_data(as_text=True)
            assert page.count("<h1") == 1, rule.endpoint
            assert "<title>" in page
    assert not wrong


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "nobody"])
def test_no_reader_changes_anything_with_an_empty_form(
    app: Flask, house: House, ids: dict[str, str], browse: Browse, reader: str
) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in CHANGES - HARMLESS:
            continue
        browser = browse(ACCOUNTS.get(reader, reader))
        browser.get("/preferences")
        answer = browser.post(path_of(str(rule), ids))
        if rule.endpoint == "people.revoke" and reader == "sibling":
            assert answer.status_code == 303, "the giver takes his delegation back"
            continue
        if rule.endpoint == "administration.appoint" and reader == "admin":
            assert answer.status_code == 422
            continue
        if rule.endpoint == "blocs.write_list" and reader in {"officer", "admin"}:
            assert answer.status_code == 200, "without a button the list is shown again, nothing is written"
            continue
        if rule.endpoint == "operations.retry" and reader == "admin":
            assert answer.status_code == 303, "trying again needs no more than the button"
            continue
        if rule.endpoint == "definitions.activate" and reader in {"author", "admin"}:
            assert answer.status_code == 303, (
                "the product's own diagram has no uploader: anybody may bring it back"
            )
            continue
        assert answer.status_code in {400, 403, 404, 409, 422}, (rule.endpoint, answer.status_code)
