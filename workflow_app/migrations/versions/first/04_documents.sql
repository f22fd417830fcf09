CREATE TABLE document_template (
  id UUID NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  object_key TEXT NOT NULL,
  size INTEGER NOT NULL,
  schema JSONB NOT NULL,
  sample JSONB NOT NULL,
  status VARCHAR NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by UUID,
  activated_at TIMESTAMP WITH TIME ZONE,
  activated_by UUID,
  returned_at TIMESTAMP WITH TIME ZONE,
  returned_by UUID,
  returned_reason TEXT NOT NULL,
  CONSTRAINT pk_document_template PRIMARY KEY (id),
  CONSTRAINT uq_document_template_key_version UNIQUE (key, version),
  CONSTRAINT ck_document_template_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_document_template_version CHECK (version >= 1),
  CONSTRAINT ck_document_template_two_people CHECK (created_by IS NULL OR activated_by IS DISTINCT FROM created_by),
  CONSTRAINT ck_document_template_activated_if_used CHECK ((status IN ('draft', 'returned')) = (activated_at IS NULL)),
  CONSTRAINT ck_document_template_returned_for_a_reason CHECK ((status = 'returned') = (returned_at IS NOT NULL AND returned_by IS NOT NULL AND returned_reason <> '')),
  CONSTRAINT ck_document_template_templatestatus CHECK (status IN ('draft', 'active', 'retired', 'returned'))
);

CREATE UNIQUE INDEX uq_document_template_active ON document_template (key) WHERE status = 'active';

CREATE OR REPLACE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % % refused: it is fixed', TG_OP, TG_TABLE_NAME, OLD.id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER document_template_is_fixed BEFORE UPDATE ON document_template FOR EACH ROW
WHEN ((OLD.key, OLD.version, OLD.sha256, OLD.object_key, OLD.schema, OLD.sample, OLD.created_by) IS DISTINCT FROM
      (NEW.key, NEW.version, NEW.sha256, NEW.object_key, NEW.schema, NEW.sample, NEW.created_by))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER document_template_stays BEFORE DELETE ON document_template FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change();

CREATE TABLE register_book (
  id UUID NOT NULL,
  owner_unit_id UUID NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  year INTEGER NOT NULL,
  symbol_pattern TEXT NOT NULL,
  last_number INTEGER NOT NULL,
  last_date DATE,
  CONSTRAINT pk_register_book PRIMARY KEY (id),
  CONSTRAINT uq_register_book_owner_unit_id_code_year UNIQUE (owner_unit_id, code, year),
  CONSTRAINT ck_register_book_counter CHECK (last_number >= 0),
  CONSTRAINT ck_register_book_dated_if_used CHECK ((last_number = 0) = (last_date IS NULL)),
  CONSTRAINT ck_register_book_year CHECK (last_date IS NULL OR extract(year FROM last_date) = year),
  CONSTRAINT fk_register_book_owner_unit_id_unit FOREIGN KEY(owner_unit_id) REFERENCES unit (id)
);

CREATE TRIGGER register_book_counter BEFORE UPDATE ON register_book FOR EACH ROW
WHEN (NEW.last_number NOT IN (OLD.last_number, OLD.last_number + 1) OR NEW.last_date < OLD.last_date
  OR (OLD.owner_unit_id, OLD.code, OLD.year) IS DISTINCT FROM (NEW.owner_unit_id, NEW.code, NEW.year))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER register_book_stays BEFORE DELETE ON register_book FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change();

CREATE TABLE register_entry (
  id UUID NOT NULL,
  book_id UUID NOT NULL,
  number INTEGER NOT NULL,
  suffix TEXT NOT NULL,
  symbol TEXT NOT NULL,
  document_id UUID,
  date DATE NOT NULL,
  subject TEXT NOT NULL,
  status VARCHAR NOT NULL,
  reason TEXT NOT NULL,
  signer TEXT NOT NULL,
  recipients TEXT NOT NULL,
  file_copy TEXT NOT NULL,
  copies INTEGER NOT NULL,
  sent_on DATE,
  receipt TEXT NOT NULL,
  note TEXT NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_register_entry PRIMARY KEY (id),
  CONSTRAINT uq_register_entry_book_id_number UNIQUE (book_id, number),
  CONSTRAINT ck_register_entry_number CHECK (number >= 1),
  CONSTRAINT ck_register_entry_reason_if_cancelled CHECK ((status = 'cancelled') = (reason <> '')),
  CONSTRAINT ck_register_entry_copies CHECK (copies >= 0),
  CONSTRAINT fk_register_entry_book_id_register_book FOREIGN KEY(book_id) REFERENCES register_book (id),
  CONSTRAINT ck_register_entry_entrystatus CHECK (status IN ('taken', 'issued', 'cancelled'))
);

CREATE INDEX ix_register_entry_document ON register_entry (document_id);

CREATE TRIGGER register_entry_is_fixed BEFORE UPDATE ON register_entry FOR EACH ROW
WHEN ((OLD.book_id, OLD.number, OLD.suffix, OLD.symbol, OLD.date) IS DISTINCT FROM
      (NEW.book_id, NEW.number, NEW.suffix, NEW.symbol, NEW.date)
  OR (OLD.document_id IS NOT NULL AND OLD.document_id IS DISTINCT FROM NEW.document_id)
  OR (OLD.status = 'cancelled' AND OLD IS DISTINCT FROM NEW)
  OR (OLD.status = 'issued' AND NEW.status <> 'issued'))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER register_entry_stays BEFORE DELETE ON register_entry FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change();

CREATE TABLE document (
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  owner_type TEXT NOT NULL,
  owner_id UUID NOT NULL,
  instance_id UUID,
  issuing_unit_id UUID NOT NULL,
  federation_id UUID NOT NULL,
  bloc_id UUID,
  state VARCHAR NOT NULL,
  register_entry_id UUID,
  issued_at TIMESTAMP WITH TIME ZONE,
  withdrawn_reason TEXT NOT NULL,
  replaced_by_id UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by UUID NOT NULL,
  CONSTRAINT pk_document PRIMARY KEY (id),
  CONSTRAINT ck_document_issued_at_if_issued CHECK ((state = 'issued') <= (issued_at IS NOT NULL)),
  CONSTRAINT ck_document_reason_if_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_reason <> '')),
  CONSTRAINT ck_document_successor_if_replaced CHECK ((state = 'replaced') = (replaced_by_id IS NOT NULL)),
  CONSTRAINT ck_document_other_successor CHECK (replaced_by_id <> id),
  CONSTRAINT fk_document_issuing_unit_id_unit FOREIGN KEY(issuing_unit_id) REFERENCES unit (id),
  CONSTRAINT fk_document_federation_id_unit FOREIGN KEY(federation_id) REFERENCES unit (id),
  CONSTRAINT ck_document_documentstate CHECK (state IN ('draft', 'frozen', 'issued', 'withdrawn', 'replaced')),
  CONSTRAINT uq_document_register_entry_id UNIQUE (register_entry_id),
  CONSTRAINT fk_document_register_entry_id_register_entry FOREIGN KEY(register_entry_id) REFERENCES register_entry (id),
  CONSTRAINT fk_document_replaced_by_id_document FOREIGN KEY(replaced_by_id) REFERENCES document (id)
);

CREATE INDEX ix_document_federation ON document (federation_id, created_at);

CREATE INDEX ix_document_instance ON document (instance_id);

CREATE INDEX ix_document_owner ON document (owner_type, owner_id);

CREATE TABLE distribution (
  id UUID NOT NULL,
  document_id UUID NOT NULL,
  recipient_unit_id UUID,
  recipient_name TEXT NOT NULL,
  how TEXT NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE,
  received_by UUID,
  CONSTRAINT pk_distribution PRIMARY KEY (id),
  CONSTRAINT uq_distribution_document_id_recipient_name UNIQUE (document_id, recipient_name),
  CONSTRAINT ck_distribution_received_after_sent CHECK (received_at IS NULL OR received_at >= sent_at),
  CONSTRAINT fk_distribution_document_id_document FOREIGN KEY(document_id) REFERENCES document (id),
  CONSTRAINT fk_distribution_recipient_unit_id_unit FOREIGN KEY(recipient_unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_distribution_unit ON distribution (recipient_unit_id, sent_at);

CREATE TABLE document_version (
  id UUID NOT NULL,
  document_id UUID NOT NULL,
  number INTEGER NOT NULL,
  state VARCHAR NOT NULL,
  content_id TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  object_key TEXT NOT NULL,
  size INTEGER NOT NULL,
  data JSONB NOT NULL,
  template_key TEXT NOT NULL,
  template_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by UUID NOT NULL,
  frozen_at TIMESTAMP WITH TIME ZONE,
  pdf_state VARCHAR NOT NULL,
  pdf_object_key TEXT,
  pdf_sha256 TEXT,
  pdf_size INTEGER,
  CONSTRAINT pk_document_version PRIMARY KEY (id),
  CONSTRAINT uq_document_version_document_id_number UNIQUE (document_id, number),
  CONSTRAINT ck_document_version_content_id CHECK (content_id ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_document_version_file_sha256 CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_document_version_number CHECK (number >= 1),
  CONSTRAINT ck_document_version_frozen_at CHECK (state NOT IN ('frozen', 'issued') OR frozen_at IS NOT NULL),
  CONSTRAINT ck_document_version_draft_not_frozen CHECK (state <> 'draft' OR frozen_at IS NULL),
  CONSTRAINT ck_document_version_pdf_if_ready CHECK ((pdf_state = 'ready') = (pdf_object_key IS NOT NULL AND pdf_sha256 IS NOT NULL AND pdf_size IS NOT NULL)),
  CONSTRAINT fk_document_version_document_id_document FOREIGN KEY(document_id) REFERENCES document (id),
  CONSTRAINT ck_document_version_versionstate CHECK (state IN ('draft', 'frozen', 'issued', 'withdrawn')),
  CONSTRAINT ck_document_version_pdfstate CHECK (pdf_state IN ('none', 'ready', 'failed'))
);

CREATE INDEX ix_document_version_content ON document_version (content_id);

CREATE UNIQUE INDEX uq_document_version_frozen ON document_version (document_id) WHERE state IN ('frozen', 'issued');

CREATE TRIGGER document_version_is_frozen BEFORE UPDATE ON document_version FOR EACH ROW
WHEN (OLD.frozen_at IS NOT NULL AND (
  (OLD.document_id, OLD.number, OLD.content_id, OLD.file_sha256, OLD.object_key, OLD.size, OLD.data, OLD.template_key, OLD.template_version, OLD.created_at, OLD.created_by, OLD.frozen_at) IS DISTINCT FROM (NEW.document_id, NEW.number, NEW.content_id, NEW.file_sha256, NEW.object_key, NEW.size, NEW.data, NEW.template_key, NEW.template_version, NEW.created_at, NEW.created_by, NEW.frozen_at)
  OR (OLD.state, NEW.state) NOT IN (('frozen', 'frozen'), ('frozen', 'issued'), ('frozen', 'withdrawn'),
                                    ('issued', 'issued'), ('issued', 'withdrawn'), ('withdrawn', 'withdrawn'))
  OR (OLD.pdf_sha256 IS NOT NULL AND OLD.pdf_sha256 IS DISTINCT FROM NEW.pdf_sha256)))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER document_version_content BEFORE UPDATE ON document_version FOR EACH ROW
WHEN ((OLD.document_id, OLD.number, OLD.content_id, OLD.file_sha256, OLD.object_key, OLD.size, OLD.data, OLD.template_key, OLD.template_version, OLD.created_at, OLD.created_by) IS DISTINCT FROM (NEW.document_id, NEW.number, NEW.content_id, NEW.file_sha256, NEW.object_key, NEW.size, NEW.data, NEW.template_key, NEW.template_version, NEW.created_at, NEW.created_by))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER document_version_stays BEFORE DELETE ON document_version FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change();
