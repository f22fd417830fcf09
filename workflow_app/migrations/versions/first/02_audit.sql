CREATE TABLE audit_event (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
  epoch SMALLINT DEFAULT 1 NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  action TEXT NOT NULL,
  actor_id UUID NOT NULL,
  seat_id UUID,
  unit_id UUID,
  on_behalf_of UUID,
  instance_id UUID,
  stream_seq INTEGER,
  object_type TEXT NOT NULL,
  object_id UUID NOT NULL,
  doc_sha256 TEXT,
  op_id UUID,
  body BYTEA NOT NULL,
  leaf BYTEA NOT NULL,
  CONSTRAINT pk_audit_event PRIMARY KEY (id),
  CONSTRAINT ck_audit_event_leaf_length CHECK (octet_length(leaf) = 32),
  CONSTRAINT ck_audit_event_stream_seq CHECK (stream_seq >= 1),
  CONSTRAINT ck_audit_event_stream_of_instance CHECK (stream_seq IS NULL OR instance_id IS NOT NULL)
);

CREATE INDEX ix_audit_event_actor ON audit_event (actor_id, id);

CREATE INDEX ix_audit_event_instance ON audit_event (instance_id, id) WHERE instance_id IS NOT NULL;

CREATE INDEX ix_audit_event_object ON audit_event (object_id, id);

CREATE INDEX ix_audit_event_unit ON audit_event (unit_id, id) WHERE unit_id IS NOT NULL;

CREATE INDEX ix_audit_event_xid ON audit_event (xid, id);

CREATE UNIQUE INDEX uq_audit_event_op ON audit_event (actor_id, op_id) WHERE op_id IS NOT NULL;

CREATE UNIQUE INDEX uq_audit_event_stream ON audit_event (instance_id, stream_seq) WHERE stream_seq IS NOT NULL;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: the record is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN
    REVOKE ALL ON audit_event FROM giao_uoc_runtime;
    GRANT SELECT, INSERT ON audit_event TO giao_uoc_runtime;
  END IF;
END $$;
