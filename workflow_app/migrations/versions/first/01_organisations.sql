CREATE TABLE housekeeping_run (
  night DATE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  finished_at TIMESTAMP WITH TIME ZONE,
  done JSONB NOT NULL,
  CONSTRAINT pk_housekeeping_run PRIMARY KEY (night)
);

CREATE TABLE office (
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  roles TEXT[] NOT NULL,
  sign_capacity VARCHAR NOT NULL,
  body TEXT NOT NULL,
  rank INTEGER NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_office PRIMARY KEY (code),
  CONSTRAINT ck_office_period CHECK (valid_from < valid_to),
  CONSTRAINT ck_office_capacity CHECK (sign_capacity IN ('', 'TM.', 'KT.', 'TL.', 'TUQ.', 'Q.'))
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON office FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE person (
  id UUID NOT NULL,
  full_name TEXT NOT NULL,
  fold TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  gender VARCHAR,
  phone TEXT NOT NULL,
  email TEXT NOT NULL,
  CONSTRAINT pk_person PRIMARY KEY (id),
  CONSTRAINT ck_person_gender CHECK (gender IN ('female', 'male'))
);

CREATE INDEX ix_person_sort_key ON person (sort_key, id);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON person FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE reorganisation (
  id UUID NOT NULL,
  effective DATE NOT NULL,
  basis TEXT NOT NULL,
  made_by UUID NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_reorganisation PRIMARY KEY (id)
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON reorganisation FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE unit (
  id UUID NOT NULL,
  code TEXT NOT NULL,
  CONSTRAINT pk_unit PRIMARY KEY (id),
  CONSTRAINT uq_unit_code UNIQUE (code)
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON unit FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE unit_kind (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_unit_kind PRIMARY KEY (code),
  CONSTRAINT ck_unit_kind_period CHECK (valid_from < valid_to)
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON unit_kind FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE account (
  person_id UUID NOT NULL,
  username TEXT NOT NULL,
  password_hash TEXT,
  active BOOLEAN NOT NULL,
  fs_uniquifier TEXT NOT NULL,
  must_change_password BOOLEAN NOT NULL,
  password_changed_at TIMESTAMP WITH TIME ZONE,
  first_password_until TIMESTAMP WITH TIME ZONE,
  pin_hash TEXT,
  pin_failures INTEGER NOT NULL,
  tf_primary_method TEXT,
  tf_totp_secret TEXT,
  mf_recovery_codes TEXT[],
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_sign_in_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_account PRIMARY KEY (person_id),
  CONSTRAINT ck_account_username_lower CHECK (username = lower(username)),
  CONSTRAINT ck_account_pin_failures CHECK (pin_failures BETWEEN 0 AND 5),
  CONSTRAINT fk_account_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT uq_account_username UNIQUE (username),
  CONSTRAINT uq_account_fs_uniquifier UNIQUE (fs_uniquifier)
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON account FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE appointment (
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  office_code TEXT NOT NULL,
  title TEXT,
  basis TEXT NOT NULL,
  end_basis TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_appointment PRIMARY KEY (id),
  CONSTRAINT ck_appointment_period CHECK (valid_from < valid_to),
  CONSTRAINT fk_appointment_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT fk_appointment_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_appointment_office_code_office FOREIGN KEY(office_code) REFERENCES office (code)
);

CREATE INDEX ix_appointment_ending ON appointment (valid_to) WHERE valid_to IS NOT NULL;

CREATE INDEX ix_appointment_person ON appointment (person_id);

CREATE INDEX ix_appointment_unit ON appointment (unit_id, office_code);

CREATE OR REPLACE FUNCTION refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  field text;
  given jsonb := to_jsonb(NEW);
  same text := '';
  lock_key text := TG_TABLE_NAME;
  taken boolean;
BEGIN
  FOREACH field IN ARRAY TG_ARGV LOOP
    lock_key := lock_key || '|' || coalesce(given ->> field, '');
    IF given ->> field IS NULL THEN
      same := same || format(' AND %I IS NULL', field);
    ELSE
      same := same || format(' AND %I = ($1).%I', field, field);
    END IF;
  END LOOP;
  -- Two transactions cannot see each other's rows: one waits here until the other has ended.
  PERFORM pg_advisory_xact_lock(hashtextextended(lock_key, 0));
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM %I.%I WHERE id <> ($1).id'
    || ' AND daterange(valid_from, valid_to) && daterange(($1).valid_from, ($1).valid_to)' || same || ')',
    TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO taken USING NEW;
  IF taken THEN
    RAISE EXCEPTION 'periods overlap in table %', TG_TABLE_NAME
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'no_overlap_' || TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON appointment FOR EACH ROW EXECUTE FUNCTION refuse_overlap('person_id', 'unit_id', 'office_code');

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON appointment FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE bloc (
  id UUID NOT NULL,
  federation_id UUID NOT NULL,
  code TEXT NOT NULL,
  kind VARCHAR NOT NULL,
  name TEXT NOT NULL,
  symbol TEXT NOT NULL,
  basis TEXT NOT NULL,
  end_basis TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_bloc PRIMARY KEY (id),
  CONSTRAINT uq_bloc_federation_id_code UNIQUE (federation_id, code),
  CONSTRAINT ck_bloc_period CHECK (valid_from < valid_to),
  CONSTRAINT fk_bloc_federation_id_unit FOREIGN KEY(federation_id) REFERENCES unit (id),
  CONSTRAINT ck_bloc_blockind CHECK (kind IN ('bloc', 'cluster'))
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON bloc FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE dated_setting (
  id UUID NOT NULL,
  key TEXT NOT NULL,
  unit_id UUID,
  value JSONB NOT NULL,
  legal_basis TEXT NOT NULL,
  confirmed BOOLEAN NOT NULL,
  changed_by UUID,
  changed_at TIMESTAMP WITH TIME ZONE,
  replaced_at TIMESTAMP WITH TIME ZONE,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_dated_setting PRIMARY KEY (id),
  CONSTRAINT ck_dated_setting_period CHECK (valid_from < valid_to),
  CONSTRAINT fk_dated_setting_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_dated_setting_key ON dated_setting (key, unit_id, valid_from);

CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON dated_setting FOR EACH ROW WHEN (NEW.replaced_at IS NULL) EXECUTE FUNCTION refuse_overlap('key', 'unit_id', 'replaced_at');

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON dated_setting FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE unit_period (
  id UUID NOT NULL,
  unit_id UUID NOT NULL,
  parent_id UUID,
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  letterhead_parent TEXT NOT NULL,
  letterhead_name TEXT NOT NULL,
  symbol TEXT NOT NULL,
  place TEXT NOT NULL,
  phone TEXT NOT NULL,
  fold TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  basis TEXT NOT NULL,
  opened_by_id UUID,
  closed_by_id UUID,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_unit_period PRIMARY KEY (id),
  CONSTRAINT ck_unit_period_period CHECK (valid_from < valid_to),
  CONSTRAINT ck_unit_period_own_parent CHECK (parent_id <> unit_id),
  CONSTRAINT fk_unit_period_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_unit_period_parent_id_unit FOREIGN KEY(parent_id) REFERENCES unit (id),
  CONSTRAINT fk_unit_period_kind_unit_kind FOREIGN KEY(kind) REFERENCES unit_kind (code),
  CONSTRAINT fk_unit_period_opened_by_id_reorganisation FOREIGN KEY(opened_by_id) REFERENCES reorganisation (id),
  CONSTRAINT fk_unit_period_closed_by_id_reorganisation FOREIGN KEY(closed_by_id) REFERENCES reorganisation (id)
);

CREATE INDEX ix_unit_period_parent ON unit_period (parent_id, valid_from);

CREATE INDEX ix_unit_period_unit ON unit_period (unit_id, valid_from);

CREATE UNIQUE INDEX uq_unit_period_open ON unit_period (unit_id) WHERE valid_to IS NULL;

CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON unit_period FOR EACH ROW EXECUTE FUNCTION refuse_overlap('unit_id');

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON unit_period FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE unit_succession (
  from_unit_id UUID NOT NULL,
  to_unit_id UUID NOT NULL,
  on_date DATE NOT NULL,
  basis TEXT NOT NULL,
  CONSTRAINT pk_unit_succession PRIMARY KEY (from_unit_id, to_unit_id),
  CONSTRAINT ck_unit_succession_other_unit CHECK (from_unit_id <> to_unit_id),
  CONSTRAINT fk_unit_succession_from_unit_id_unit FOREIGN KEY(from_unit_id) REFERENCES unit (id),
  CONSTRAINT fk_unit_succession_to_unit_id_unit FOREIGN KEY(to_unit_id) REFERENCES unit (id)
);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON unit_succession FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE account_ticket (
  id TEXT NOT NULL,
  person_id UUID NOT NULL,
  kind VARCHAR NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_account_ticket PRIMARY KEY (id),
  CONSTRAINT fk_account_ticket_person_id_account FOREIGN KEY(person_id) REFERENCES account (person_id),
  CONSTRAINT ck_account_ticket_ticketkind CHECK (kind IN ('invitation', 'reset'))
);

CREATE INDEX ix_account_ticket_person_id ON account_ticket (person_id);

CREATE TABLE api_token (
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  token_sha256 TEXT NOT NULL,
  scopes TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  last_used_on DATE,
  CONSTRAINT pk_api_token PRIMARY KEY (id),
  CONSTRAINT fk_api_token_person_id_account FOREIGN KEY(person_id) REFERENCES account (person_id),
  CONSTRAINT uq_api_token_token_sha256 UNIQUE (token_sha256)
);

CREATE INDEX ix_api_token_person_id ON api_token (person_id);

CREATE TABLE bloc_member (
  id UUID NOT NULL,
  bloc_id UUID NOT NULL,
  year INTEGER NOT NULL,
  unit_id UUID NOT NULL,
  position INTEGER NOT NULL,
  is_leader BOOLEAN NOT NULL,
  is_deputy BOOLEAN NOT NULL,
  basis TEXT NOT NULL,
  end_basis TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_bloc_member PRIMARY KEY (id),
  CONSTRAINT ck_bloc_member_period CHECK (valid_from < valid_to),
  CONSTRAINT ck_bloc_member_one_duty CHECK (NOT (is_leader AND is_deputy)),
  CONSTRAINT ck_bloc_member_position CHECK (position >= 1),
  CONSTRAINT fk_bloc_member_bloc_id_bloc FOREIGN KEY(bloc_id) REFERENCES bloc (id),
  CONSTRAINT fk_bloc_member_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_bloc_member_list ON bloc_member (bloc_id, year, position);

CREATE INDEX ix_bloc_member_unit ON bloc_member (unit_id, year);

CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON bloc_member FOR EACH ROW EXECUTE FUNCTION refuse_overlap('bloc_id', 'year', 'unit_id');

CREATE TRIGGER one_leader AFTER INSERT OR UPDATE ON bloc_member FOR EACH ROW WHEN (NEW.is_leader) EXECUTE FUNCTION refuse_overlap('bloc_id', 'year', 'is_leader');

CREATE TRIGGER one_deputy AFTER INSERT OR UPDATE ON bloc_member FOR EACH ROW WHEN (NEW.is_deputy) EXECUTE FUNCTION refuse_overlap('bloc_id', 'year', 'is_deputy');

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON bloc_member FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE bloc_name (
  id UUID NOT NULL,
  bloc_id UUID NOT NULL,
  name TEXT NOT NULL,
  symbol TEXT NOT NULL,
  basis TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_bloc_name PRIMARY KEY (id),
  CONSTRAINT ck_bloc_name_period CHECK (valid_from < valid_to),
  CONSTRAINT fk_bloc_name_bloc_id_bloc FOREIGN KEY(bloc_id) REFERENCES bloc (id)
);

CREATE INDEX ix_bloc_name_bloc ON bloc_name (bloc_id, valid_from);

CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON bloc_name FOR EACH ROW EXECUTE FUNCTION refuse_overlap('bloc_id');

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON bloc_name FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE delegation (
  id UUID NOT NULL,
  principal_appointment_id UUID NOT NULL,
  delegate_person_id UUID NOT NULL,
  delegate_appointment_id UUID,
  delegate_title TEXT,
  scope TEXT[] NOT NULL,
  capacity VARCHAR NOT NULL,
  basis_number TEXT NOT NULL,
  basis_date DATE,
  revoked_on DATE,
  valid_from DATE NOT NULL,
  valid_to DATE,
  CONSTRAINT pk_delegation PRIMARY KEY (id),
  CONSTRAINT ck_delegation_period CHECK (valid_from < valid_to),
  CONSTRAINT ck_delegation_basis_of_delegation CHECK (capacity <> 'TUQ.' OR basis_number <> ''),
  CONSTRAINT fk_delegation_principal_appointment_id_appointment FOREIGN KEY(principal_appointment_id) REFERENCES appointment (id),
  CONSTRAINT fk_delegation_delegate_person_id_person FOREIGN KEY(delegate_person_id) REFERENCES person (id),
  CONSTRAINT fk_delegation_delegate_appointment_id_appointment FOREIGN KEY(delegate_appointment_id) REFERENCES appointment (id),
  CONSTRAINT ck_delegation_capacity CHECK (capacity IN ('', 'TM.', 'KT.', 'TL.', 'TUQ.', 'Q.'))
);

CREATE INDEX ix_delegation_delegate ON delegation (delegate_person_id);

CREATE INDEX ix_delegation_principal ON delegation (principal_appointment_id);

DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'giao_uoc_runtime') THEN REVOKE DELETE, TRUNCATE ON delegation FROM giao_uoc_runtime; END IF; END $$;

CREATE TABLE sign_in_try (
  id UUID NOT NULL,
  name_digest TEXT NOT NULL,
  person_id UUID,
  address TEXT NOT NULL,
  device TEXT NOT NULL,
  known_device TEXT,
  outcome VARCHAR NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_sign_in_try PRIMARY KEY (id),
  CONSTRAINT fk_sign_in_try_person_id_account FOREIGN KEY(person_id) REFERENCES account (person_id),
  CONSTRAINT ck_sign_in_try_tryoutcome CHECK (outcome IN ('failed', 'forgiven', 'passed'))
);

CREATE INDEX ix_sign_in_try_address ON sign_in_try (address, at) WHERE outcome = 'failed';

CREATE INDEX ix_sign_in_try_at ON sign_in_try (at);

CREATE INDEX ix_sign_in_try_device ON sign_in_try (known_device, at) WHERE outcome = 'failed';

CREATE INDEX ix_sign_in_try_name ON sign_in_try (name_digest, at) WHERE outcome = 'failed';

CREATE INDEX ix_sign_in_try_person ON sign_in_try (person_id, at);

CREATE TABLE web_session (
  id TEXT NOT NULL,
  person_id UUID NOT NULL,
  data JSONB NOT NULL,
  device TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_web_session PRIMARY KEY (id),
  CONSTRAINT fk_web_session_person_id_account FOREIGN KEY(person_id) REFERENCES account (person_id)
);

CREATE INDEX ix_web_session_account ON web_session (person_id);

CREATE INDEX ix_web_session_expiry ON web_session (expires_at);
