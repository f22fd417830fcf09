CREATE TABLE issued_copy (
  id UUID NOT NULL,
  version_id UUID NOT NULL,
  content_id TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  object_key TEXT NOT NULL,
  size INTEGER NOT NULL,
  data JSONB NOT NULL,
  template_key TEXT NOT NULL,
  template_version INTEGER NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  pdf_object_key TEXT,
  pdf_sha256 TEXT,
  pdf_size INTEGER,
  CONSTRAINT pk_issued_copy PRIMARY KEY (id),
  CONSTRAINT ck_issued_copy_content_id CHECK (content_id ~ '^[0-9a-f]{64}$'),
  CONSTRAINT fk_issued_copy_version_id_document_version FOREIGN KEY(version_id) REFERENCES document_version (id)
);

CREATE INDEX ix_issued_copy_version_id ON issued_copy (version_id);

CREATE TRIGGER issued_copy_is_fixed BEFORE UPDATE ON issued_copy FOR EACH ROW
WHEN ((OLD.version_id, OLD.content_id, OLD.file_sha256, OLD.object_key, OLD.size, OLD.data, OLD.made_at) IS DISTINCT FROM
      (NEW.version_id, NEW.content_id, NEW.file_sha256, NEW.object_key, NEW.size, NEW.data, NEW.made_at)
  OR (OLD.pdf_sha256 IS NOT NULL AND OLD.pdf_sha256 IS DISTINCT FROM NEW.pdf_sha256))
EXECUTE FUNCTION documents_refuse_change();

CREATE TRIGGER issued_copy_stays BEFORE DELETE ON issued_copy FOR EACH ROW
EXECUTE FUNCTION documents_refuse_change();
