"""What was signed and sent out cannot be changed in the database, not even by its owner."""

import pytest
import sqlalchemy as sa

from tests.processes.pledges import texts
from tests.processes.pledges.way import sign
from tests.processes.pledges.world import World
from workflow_app.core import jobs
from workflow_app.core.database import reading
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import DocumentVersion, PdfState, VersionState


@pytest.fixture
def issued(signing: World) -> World:
    sign(signing, 1)
    sign(signing, 2)
    content_id = signing.pledge().frozen_content_id or ""
    signing.complete("standing", "witness", texts.witness(content_id))
    signing.complete("clerk", "issue", {})
    return signing


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signature SET signed_at = now()",
        "UPDATE signature SET signer_name = 'ai đó'",
        "DELETE FROM signature",
        "UPDATE issued_copy SET content_id = repeat('0', 64)",
        "UPDATE issued_copy SET data = '{}'",
        "DELETE FROM issued_copy",
        "UPDATE document_version SET content_id = repeat('0', 64) WHERE state = 'issued'",
        "DELETE FROM document_version",
        "UPDATE register_entry SET number = number + 100",
        "DELETE FROM register_entry",
        "UPDATE audit_event SET at = now()",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
    ],
)
def test_the_owner_of_the_tables_is_refused(issued: World, owner_engine: sa.Engine, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError), owner_engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_the_control_without_triggers_goes_through(issued: World, owner_engine: sa.Engine) -> None:
    with owner_engine.connect() as connection, connection.begin() as undone:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        changed = connection.exec_driver_sql("UPDATE signature SET signer_name = 'ai đó'").rowcount
        undone.rollback()
    assert changed == 3


@pytest.mark.office
@pytest.mark.slow
def test_the_frozen_text_and_its_copy_get_a_pdf_once(issued: World) -> None:
    assert jobs.run_until_idle(queues=["pdf"]) > 0
    with reading() as session:
        copy = session.scalars(sa.select(IssuedCopy)).one()
        versions = session.scalars(
            sa.select(DocumentVersion).where(DocumentVersion.state == VersionState.ISSUED)
        ).all()
    assert copy.pdf_sha256 is not None
    assert {version.pdf_state for version in versions} == {PdfState.READY}
    assert jobs.run_until_idle(queues=["pdf"]) == 0
