"""What the tables of documents need beyond columns: what is frozen, numbered or in force stays as it is.

Each constant is one statement, run after its table is made; migrations use the same texts.
"""

from sqlalchemy import DDL, event

from workflow_app.core.database import Base

# The function only answers for the rows that the WHEN of its triggers lets through.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % % refused: it is fixed', TG_OP, TG_TABLE_NAME, OLD.id
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

_CONTENT = (
    "document_id",
    "number",
    "content_id",
    "file_sha256",
    "object_key",
    "size",
    "data",
    "template_key",
    "template_version",
    "created_at",
    "created_by",
    "frozen_at",
)


def _columns(row: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{name}" for name in names)


VERSION_IS_FROZEN = f"""
CREATE TRIGGER document_version_is_frozen BEFORE UPDATE ON document_version FOR EACH ROW
WHEN (OLD.frozen_at IS NOT NULL AND (
  ({_columns("OLD", _CONTENT)}) IS DISTINCT FROM ({_columns("NEW", _CONTENT)})
  OR (OLD.state, NEW.state) NOT IN (('frozen', 'frozen'), ('frozen', 'issued'), ('frozen', 'withdrawn'),
                                    ('issued', 'issued'), ('issued', 'withdrawn'), ('withdrawn', 'withdrawn'))
  OR (OLD.pdf_sha256 IS NOT NULL AND OLD.pdf_sha256 IS DISTINCT FROM NEW.pdf_sha256)))
EXECUTE FUNCTION documents_refuse_change()
"""

# A draft's content is not changed either: a new version is made. Only its state may move.
VERSION_CONTENT = f"""
CREATE TRIGGER document_version_content BEFORE UPDATE ON document_version FOR EACH ROW
WHEN (({_columns("OLD", _CONTENT[:-1])}) IS DISTINCT FROM ({_columns("NEW", _CONTENT[:-1])}))
EXECUTE FUNCTION documents_refuse_change()
"""

VERSION_STAYS = """
CREATE TRIGGER document_version_stays BEFORE DELETE ON document_version FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change()
"""

# A number that was given stays given: the book has no hole, and a cancelled number says why.
ENTRY_IS_FIXED = """
CREATE TRIGGER register_entry_is_fixed BEFORE UPDATE ON register_entry FOR EACH ROW
WHEN ((OLD.book_id, OLD.number, OLD.suffix, OLD.symbol, OLD.date) IS DISTINCT FROM
      (NEW.book_id, NEW.number, NEW.suffix, NEW.symbol, NEW.date)
  OR (OLD.document_id IS NOT NULL AND OLD.document_id IS DISTINCT FROM NEW.document_id)
  OR (OLD.status = 'cancelled' AND OLD IS DISTINCT FROM NEW)
  OR (OLD.status = 'issued' AND NEW.status <> 'issued'))
EXECUTE FUNCTION documents_refuse_change()
"""

ENTRY_STAYS = """
CREATE TRIGGER register_entry_stays BEFORE DELETE ON register_entry FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change()
"""

# The counter moves by one, or not at all.
COUNTER_ONLY_GROWS = """
CREATE TRIGGER register_book_counter BEFORE UPDATE ON register_book FOR EACH ROW
WHEN (NEW.last_number NOT IN (OLD.last_number, OLD.last_number + 1) OR NEW.last_date < OLD.last_date
  OR (OLD.owner_unit_id, OLD.code, OLD.year) IS DISTINCT FROM (NEW.owner_unit_id, NEW.code, NEW.year))
EXECUTE FUNCTION documents_refuse_change()
"""

BOOK_STAYS = """
CREATE TRIGGER register_book_stays BEFORE DELETE ON register_book FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change()
"""

TEMPLATE_IS_FIXED = """
CREATE TRIGGER document_template_is_fixed BEFORE UPDATE ON document_template FOR EACH ROW
WHEN ((OLD.key, OLD.version, OLD.sha256, OLD.object_key, OLD.schema, OLD.sample, OLD.created_by) IS DISTINCT FROM
      (NEW.key, NEW.version, NEW.sha256, NEW.object_key, NEW.schema, NEW.sample, NEW.created_by))
EXECUTE FUNCTION documents_refuse_change()
"""

TEMPLATE_STAYS = """
CREATE TRIGGER document_template_stays BEFORE DELETE ON document_template FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change()
"""

# Its PDF comes later, once.
COPY_IS_FIXED = """
CREATE TRIGGER issued_copy_is_fixed BEFORE UPDATE ON issued_copy FOR EACH ROW
WHEN ((OLD.version_id, OLD.content_id, OLD.file_sha256, OLD.object_key, OLD.size, OLD.data, OLD.made_at) IS DISTINCT FROM
      (NEW.version_id, NEW.content_id, NEW.file_sha256, NEW.object_key, NEW.size, NEW.data, NEW.made_at)
  OR (OLD.pdf_sha256 IS NOT NULL AND OLD.pdf_sha256 IS DISTINCT FROM NEW.pdf_sha256))
EXECUTE FUNCTION documents_refuse_change()
"""

COPY_STAYS = """
CREATE TRIGGER issued_copy_stays BEFORE DELETE ON issued_copy FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change()
"""

BY_TABLE: dict[str, tuple[str, ...]] = {
    "document_template": (REFUSE_CHANGE, TEMPLATE_IS_FIXED, TEMPLATE_STAYS),
    "document_version": (REFUSE_CHANGE, VERSION_IS_FROZEN, VERSION_CONTENT, VERSION_STAYS),
    "issued_copy": (REFUSE_CHANGE, COPY_IS_FIXED, COPY_STAYS),
    "register_book": (REFUSE_CHANGE, COUNTER_ONLY_GROWS, BOOK_STAYS),
    "register_entry": (REFUSE_CHANGE, ENTRY_IS_FIXED, ENTRY_STAYS),
}


def attach(*tables: str) -> None:
    """Makes the statements of these tables part of making them; called beside the models."""
    for name in tables:
        for statement in BY_TABLE[name]:
            # DDL() expands percent signs; ours belong to RAISE.
            made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
            event.listen(Base.metadata.tables[name], "after_create", made)
