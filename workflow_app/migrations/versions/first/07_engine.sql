CREATE TABLE process_definition (
  id UUID NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  xml BYTEA NOT NULL,
  status VARCHAR NOT NULL,
  deployed_by UUID,
  deployed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  activated_by UUID,
  activated_at TIMESTAMP WITH TIME ZONE,
  retired_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_process_definition PRIMARY KEY (id),
  CONSTRAINT uq_process_definition_key_version UNIQUE (key, version),
  CONSTRAINT ck_process_definition_version_from_one CHECK (version >= 1),
  CONSTRAINT uq_process_definition_sha256 UNIQUE (sha256),
  CONSTRAINT ck_process_definition_definitionstatus CHECK (status IN ('draft', 'active', 'retired'))
);

CREATE UNIQUE INDEX uq_process_definition_active ON process_definition (key) WHERE status = 'active';

CREATE OR REPLACE FUNCTION engine_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is final', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER process_definition_is_fixed BEFORE UPDATE ON process_definition FOR EACH ROW
WHEN ((OLD.key, OLD.version, OLD.sha256, OLD.xml) IS DISTINCT FROM (NEW.key, NEW.version, NEW.sha256, NEW.xml))
EXECUTE FUNCTION engine_refuse_change();

CREATE TRIGGER process_definition_stays BEFORE DELETE ON process_definition FOR EACH ROW
EXECUTE FUNCTION engine_refuse_change();

CREATE TABLE process_instance (
  id UUID NOT NULL,
  definition_id UUID NOT NULL,
  process_key TEXT NOT NULL,
  business_type TEXT NOT NULL,
  business_id UUID NOT NULL,
  title TEXT NOT NULL,
  federation_id UUID NOT NULL,
  bloc_id UUID,
  year INTEGER,
  unit_id UUID,
  leader_unit_id UUID,
  deputy_unit_id UUID,
  root_id UUID NOT NULL,
  parent_id UUID,
  parent_task_id UUID,
  parent_element TEXT,
  item_key TEXT,
  run INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  engine TEXT NOT NULL,
  state BYTEA NOT NULL,
  status VARCHAR NOT NULL,
  outcome TEXT,
  open_incidents INTEGER NOT NULL,
  open_children INTEGER NOT NULL,
  started_by UUID,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  suspended_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  reason TEXT,
  CONSTRAINT pk_process_instance PRIMARY KEY (id),
  CONSTRAINT ck_process_instance_ended CHECK ((status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)),
  CONSTRAINT ck_process_instance_suspended CHECK ((status = 'suspended') = (suspended_at IS NOT NULL)),
  CONSTRAINT ck_process_instance_cancelled_for_a_reason CHECK (status <> 'cancelled' OR reason IS NOT NULL),
  CONSTRAINT ck_process_instance_child_of_an_item CHECK ((parent_id IS NULL) = (parent_task_id IS NULL) AND (parent_id IS NULL) = (item_key IS NULL) AND (parent_id IS NULL) = (root_id = id)),
  CONSTRAINT ck_process_instance_counts_from_one CHECK (rev >= 1 AND run >= 1),
  CONSTRAINT ck_process_instance_counts CHECK (open_incidents >= 0 AND open_children >= 0),
  CONSTRAINT fk_process_instance_definition_id_process_definition FOREIGN KEY(definition_id) REFERENCES process_definition (id),
  CONSTRAINT fk_process_instance_root_id_process_instance FOREIGN KEY(root_id) REFERENCES process_instance (id),
  CONSTRAINT fk_process_instance_parent_id_process_instance FOREIGN KEY(parent_id) REFERENCES process_instance (id),
  CONSTRAINT ck_process_instance_instancestatus CHECK (status IN ('running', 'suspended', 'completed', 'cancelled'))
)
 WITH (fillfactor = 80);

CREATE INDEX ix_process_instance_alive_root ON process_instance (root_id) WHERE status IN ('running', 'suspended');

CREATE INDEX ix_process_instance_business ON process_instance (business_type, business_id);

CREATE INDEX ix_process_instance_children ON process_instance (parent_task_id, item_key, run);

CREATE INDEX ix_process_instance_definition_id ON process_instance (definition_id);

CREATE INDEX ix_process_instance_incidents ON process_instance (federation_id) WHERE open_incidents > 0;

CREATE INDEX ix_process_instance_mine ON process_instance (started_by, started_at, id) WHERE status IN ('running', 'suspended') AND parent_id IS NULL;

CREATE INDEX ix_process_instance_parent_id ON process_instance (parent_id) WHERE parent_id IS NOT NULL;

CREATE UNIQUE INDEX uq_process_instance_one_open_run ON process_instance (parent_task_id, item_key) WHERE status IN ('running', 'suspended') AND parent_task_id IS NOT NULL;

CREATE TRIGGER process_instance_ended_is_final BEFORE UPDATE ON process_instance FOR EACH ROW
WHEN (OLD.status IN ('completed', 'cancelled') AND NEW.status IS DISTINCT FROM OLD.status)
EXECUTE FUNCTION engine_refuse_change();

ALTER TABLE process_instance ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE TABLE human_task (
  id UUID NOT NULL,
  instance_id UUID NOT NULL,
  element TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  unit_id UUID NOT NULL,
  form_key TEXT NOT NULL,
  act TEXT,
  status VARCHAR NOT NULL,
  assignee_id UUID,
  claimed_at TIMESTAMP WITH TIME ZONE,
  due_at TIMESTAMP WITH TIME ZONE,
  soft_due_at TIMESTAMP WITH TIME ZONE,
  order_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  completed_by UUID,
  seat_id UUID,
  outcome JSONB,
  CONSTRAINT pk_human_task PRIMARY KEY (id),
  CONSTRAINT ck_human_task_ended CHECK ((status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)),
  CONSTRAINT ck_human_task_completed_by_someone CHECK ((status = 'completed') = (completed_by IS NOT NULL)),
  CONSTRAINT ck_human_task_claimed CHECK ((assignee_id IS NULL) = (claimed_at IS NULL)),
  CONSTRAINT fk_human_task_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id),
  CONSTRAINT ck_human_task_taskstatus CHECK (status IN ('open', 'suspended', 'completed', 'cancelled'))
);

CREATE INDEX ix_human_task_assignee ON human_task (assignee_id, order_at, id) WHERE status = 'open' AND assignee_id IS NOT NULL;

CREATE INDEX ix_human_task_done_by ON human_task (completed_by, ended_at DESC, id DESC) WHERE status = 'completed';

CREATE INDEX ix_human_task_instance_id ON human_task (instance_id);

CREATE INDEX ix_human_task_open_pair ON human_task (role, unit_id, order_at, id) WHERE status = 'open';

CREATE TRIGGER human_task_ended_is_final BEFORE UPDATE ON human_task FOR EACH ROW
WHEN (OLD.status IN ('completed', 'cancelled') AND NEW.status IS DISTINCT FROM OLD.status)
EXECUTE FUNCTION engine_refuse_change();

CREATE TABLE incident (
  id UUID NOT NULL,
  instance_id UUID NOT NULL,
  kind VARCHAR NOT NULL,
  subject_id UUID NOT NULL,
  element TEXT,
  error TEXT NOT NULL,
  times INTEGER NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  resolved_at TIMESTAMP WITH TIME ZONE,
  resolved_by UUID,
  resolution TEXT,
  CONSTRAINT pk_incident PRIMARY KEY (id),
  CONSTRAINT ck_incident_resolved_how CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
  CONSTRAINT fk_incident_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id),
  CONSTRAINT ck_incident_incidentkind CHECK (kind IN ('service_task', 'human_task', 'fan_out', 'timer', 'message'))
);

CREATE INDEX ix_incident_instance_id ON incident (instance_id);

CREATE INDEX ix_incident_open ON incident (opened_at, id) WHERE resolved_at IS NULL;

CREATE UNIQUE INDEX uq_incident_open_subject ON incident (subject_id) WHERE resolved_at IS NULL;

CREATE TABLE message (
  id UUID NOT NULL,
  instance_id UUID NOT NULL,
  name TEXT NOT NULL,
  payload JSONB NOT NULL,
  dedupe_key TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE,
  held BOOLEAN NOT NULL,
  CONSTRAINT pk_message PRIMARY KEY (id),
  CONSTRAINT fk_message_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id),
  CONSTRAINT uq_message_dedupe_key UNIQUE (dedupe_key)
);

CREATE INDEX ix_message_waiting ON message (instance_id, id) WHERE delivered_at IS NULL AND NOT held;

CREATE TABLE process_note (
  instance_id UUID NOT NULL,
  rev INTEGER NOT NULL,
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  written_by UUID,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_process_note PRIMARY KEY (instance_id, rev),
  CONSTRAINT fk_process_note_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id)
);

CREATE TABLE service_task (
  id UUID NOT NULL,
  instance_id UUID NOT NULL,
  element TEXT NOT NULL,
  operation TEXT NOT NULL,
  params JSONB NOT NULL,
  status VARCHAR NOT NULL,
  attempts INTEGER NOT NULL,
  next_at TIMESTAMP WITH TIME ZONE NOT NULL,
  error TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_service_task PRIMARY KEY (id),
  CONSTRAINT ck_service_task_ended CHECK ((status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)),
  CONSTRAINT fk_service_task_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id),
  CONSTRAINT ck_service_task_servicestatus CHECK (status IN ('queued', 'waiting', 'completed', 'incident', 'cancelled'))
);

CREATE INDEX ix_service_task_instance_id ON service_task (instance_id);

CREATE INDEX ix_service_task_queued ON service_task (next_at) WHERE status = 'queued';

CREATE TRIGGER service_task_ended_is_final BEFORE UPDATE ON service_task FOR EACH ROW
WHEN (OLD.status IN ('completed', 'cancelled') AND NEW.status IS DISTINCT FROM OLD.status)
EXECUTE FUNCTION engine_refuse_change();

CREATE TABLE timer (
  id UUID NOT NULL,
  instance_id UUID NOT NULL,
  element TEXT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  blocked BOOLEAN NOT NULL,
  CONSTRAINT pk_timer PRIMARY KEY (id),
  CONSTRAINT fk_timer_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id)
);

CREATE INDEX ix_timer_due ON timer (due_at) WHERE NOT blocked;

CREATE INDEX ix_timer_instance_id ON timer (instance_id);

ALTER TABLE process_instance ADD CONSTRAINT fk_process_instance_parent_task_id_service_task FOREIGN KEY(parent_task_id) REFERENCES service_task (id);
