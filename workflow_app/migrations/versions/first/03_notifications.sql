CREATE TABLE calendar_feed (
  person_id UUID NOT NULL,
  token_sha256 TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_calendar_feed PRIMARY KEY (person_id),
  CONSTRAINT fk_calendar_feed_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT uq_calendar_feed_token_sha256 UNIQUE (token_sha256)
);

CREATE TABLE letter (
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  event_key TEXT NOT NULL,
  address TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  state VARCHAR NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_letter PRIMARY KEY (id),
  CONSTRAINT uq_letter_person_id_event_key UNIQUE (person_id, event_key),
  CONSTRAINT ck_letter_sent_at_if_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
  CONSTRAINT fk_letter_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT ck_letter_letterstate CHECK (state IN ('waiting', 'sending', 'sent', 'failed'))
);

CREATE INDEX ix_letter_open ON letter (state, created_at) WHERE state <> 'sent';

CREATE TABLE notification (
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  event_key TEXT NOT NULL,
  sentence TEXT NOT NULL,
  target TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_notification PRIMARY KEY (id),
  CONSTRAINT uq_notification_person_id_event_key UNIQUE (person_id, event_key),
  CONSTRAINT fk_notification_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_notification_list ON notification (person_id, id);

CREATE INDEX ix_notification_unread ON notification (person_id) WHERE read_at IS NULL;
