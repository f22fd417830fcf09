CREATE TABLE definition_form (
  definition_id UUID NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  source TEXT NOT NULL,
  CONSTRAINT pk_definition_form PRIMARY KEY (definition_id, key),
  CONSTRAINT uq_definition_form_definition_id_position UNIQUE (definition_id, position),
  CONSTRAINT fk_definition_form_definition_id_process_definition FOREIGN KEY(definition_id) REFERENCES process_definition (id)
);

REVOKE UPDATE, DELETE ON definition_form FROM giao_uoc_runtime;

CREATE TABLE definition_template (
  definition_id UUID NOT NULL,
  key TEXT NOT NULL,
  template_id UUID NOT NULL,
  CONSTRAINT pk_definition_template PRIMARY KEY (definition_id, key),
  CONSTRAINT fk_definition_template_definition_id_process_definition FOREIGN KEY(definition_id) REFERENCES process_definition (id),
  CONSTRAINT fk_definition_template_template_id_document_template FOREIGN KEY(template_id) REFERENCES document_template (id)
);

CREATE INDEX ix_definition_template_template_id ON definition_template (template_id);

REVOKE UPDATE, DELETE ON definition_template FROM giao_uoc_runtime;

CREATE TABLE dossier (
  id UUID NOT NULL,
  process_key TEXT NOT NULL,
  definition_id UUID NOT NULL,
  instance_id UUID,
  title TEXT NOT NULL,
  state VARCHAR NOT NULL,
  federation_id UUID NOT NULL,
  unit_id UUID,
  bloc_id UUID,
  year INTEGER NOT NULL,
  leader_unit_id UUID,
  deputy_unit_id UUID,
  opened_by UUID NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_dossier PRIMARY KEY (id),
  CONSTRAINT ck_dossier_ended CHECK ((state = 'open') = (ended_at IS NULL)),
  CONSTRAINT ck_dossier_title CHECK (title <> ''),
  CONSTRAINT fk_dossier_definition_id_process_definition FOREIGN KEY(definition_id) REFERENCES process_definition (id),
  CONSTRAINT fk_dossier_instance_id_process_instance FOREIGN KEY(instance_id) REFERENCES process_instance (id),
  CONSTRAINT ck_dossier_dossierstate CHECK (state IN ('open', 'completed', 'cancelled')),
  CONSTRAINT fk_dossier_federation_id_unit FOREIGN KEY(federation_id) REFERENCES unit (id),
  CONSTRAINT fk_dossier_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_dossier_bloc_id_bloc FOREIGN KEY(bloc_id) REFERENCES bloc (id),
  CONSTRAINT fk_dossier_opened_by_person FOREIGN KEY(opened_by) REFERENCES person (id)
);

CREATE INDEX ix_dossier_definition ON dossier (definition_id);

CREATE INDEX ix_dossier_federation ON dossier (federation_id, opened_at);

CREATE INDEX ix_dossier_unit ON dossier (unit_id, opened_at);

CREATE TABLE dossier_part (
  id UUID NOT NULL,
  dossier_id UUID NOT NULL,
  number INTEGER NOT NULL,
  form_key TEXT NOT NULL,
  element TEXT NOT NULL,
  task_id UUID NOT NULL,
  answers JSONB NOT NULL,
  filled_by UUID NOT NULL,
  filled_at TIMESTAMP WITH TIME ZONE NOT NULL,
  full_name TEXT NOT NULL,
  office TEXT NOT NULL,
  unit_id UUID NOT NULL,
  unit_name TEXT NOT NULL,
  capacity VARCHAR NOT NULL,
  body TEXT NOT NULL,
  principal_id UUID,
  principal_title TEXT,
  CONSTRAINT pk_dossier_part PRIMARY KEY (id),
  CONSTRAINT uq_dossier_part_dossier_id_number UNIQUE (dossier_id, number),
  CONSTRAINT fk_dossier_part_dossier_id_dossier FOREIGN KEY(dossier_id) REFERENCES dossier (id),
  CONSTRAINT uq_dossier_part_task_id UNIQUE (task_id),
  CONSTRAINT fk_dossier_part_filled_by_person FOREIGN KEY(filled_by) REFERENCES person (id),
  CONSTRAINT fk_dossier_part_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT ck_dossier_part_capacity CHECK (capacity IN ('', 'TM.', 'KT.', 'TL.', 'TUQ.', 'Q.')),
  CONSTRAINT fk_dossier_part_principal_id_person FOREIGN KEY(principal_id) REFERENCES person (id)
);

REVOKE UPDATE, DELETE ON dossier_part FROM giao_uoc_runtime;

CREATE TABLE dossier_paper (
  dossier_id UUID NOT NULL,
  template_key TEXT NOT NULL,
  document_id UUID NOT NULL,
  CONSTRAINT pk_dossier_paper PRIMARY KEY (dossier_id, template_key),
  CONSTRAINT fk_dossier_paper_dossier_id_dossier FOREIGN KEY(dossier_id) REFERENCES dossier (id),
  CONSTRAINT uq_dossier_paper_document_id UNIQUE (document_id),
  CONSTRAINT fk_dossier_paper_document_id_document FOREIGN KEY(document_id) REFERENCES document (id)
);
