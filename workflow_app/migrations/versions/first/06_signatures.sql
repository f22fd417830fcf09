CREATE TABLE signature (
  id UUID NOT NULL,
  document_version_id UUID NOT NULL,
  content_id TEXT NOT NULL,
  role VARCHAR NOT NULL,
  method VARCHAR NOT NULL,
  unit_id UUID NOT NULL,
  unit_name TEXT NOT NULL,
  person_id UUID NOT NULL,
  signer_name TEXT NOT NULL,
  title TEXT NOT NULL,
  capacity VARCHAR NOT NULL,
  body TEXT NOT NULL,
  delegation_id UUID,
  principal_name TEXT,
  principal_title TEXT,
  basis TEXT,
  signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  op_id UUID,
  CONSTRAINT pk_signature PRIMARY KEY (id),
  CONSTRAINT uq_signature_document_version_id_role_unit_id UNIQUE (document_version_id, role, unit_id),
  CONSTRAINT ck_signature_content_id_is_sha256 CHECK (content_id ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_signature_principal_if_delegated CHECK ((delegation_id IS NULL) = (principal_name IS NULL)),
  CONSTRAINT fk_signature_document_version_id_document_version FOREIGN KEY(document_version_id) REFERENCES document_version (id),
  CONSTRAINT ck_signature_signaturerole CHECK (role IN ('party', 'witness')),
  CONSTRAINT ck_signature_signaturemethod CHECK (method IN ('authenticated')),
  CONSTRAINT fk_signature_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_signature_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT ck_signature_capacity CHECK (capacity IN ('', 'TM.', 'KT.', 'TL.', 'TUQ.', 'Q.')),
  CONSTRAINT fk_signature_delegation_id_delegation FOREIGN KEY(delegation_id) REFERENCES delegation (id)
);

CREATE INDEX ix_signature_person ON signature (person_id, signed_at DESC);

CREATE OR REPLACE FUNCTION signatures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of signature % refused', TG_OP, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER signature_stays BEFORE UPDATE OR DELETE ON signature FOR EACH ROW
EXECUTE FUNCTION signatures_refuse_change();
