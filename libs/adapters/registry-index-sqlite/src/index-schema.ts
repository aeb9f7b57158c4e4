/** Any change of the tables makes this number one higher: an index of another number is thrown away and built anew. */
export const INDEX_SCHEMA = 2;

/**
 * The tables. Row ids of models and versions follow the log's order, so they are the same on every replica and serve as cursors.
 * `entries` holds the fields that have many names or many values; the others are columns.
 */
export const INDEX_TABLES = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE namespaces (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL UNIQUE, record TEXT NOT NULL);

CREATE TABLE models (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, owner TEXT, description TEXT,
  createdAt TEXT NOT NULL, createdBy TEXT NOT NULL, updatedAt TEXT NOT NULL, versions INTEGER NOT NULL DEFAULT 0,
  record TEXT NOT NULL, UNIQUE (namespace, name));

CREATE INDEX models_by_name ON models (name);

CREATE TABLE model_entries (
  id INTEGER NOT NULL, field TEXT NOT NULL, ordinal INTEGER NOT NULL, text TEXT, number REAL,
  PRIMARY KEY (id, field, ordinal)) WITHOUT ROWID;
CREATE INDEX model_entries_by_text ON model_entries (field, text, id);

CREATE TABLE versions (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL, draftId TEXT NOT NULL,
  semanticVersion TEXT, stage TEXT NOT NULL, pendingStage TEXT, deprecated INTEGER NOT NULL, tombstoned INTEGER NOT NULL,
  description TEXT, sourceCommit TEXT, createdAt TEXT NOT NULL, createdBy TEXT NOT NULL, sizeBytes INTEGER NOT NULL,
  record TEXT NOT NULL, status TEXT,
  UNIQUE (namespace, model, version), UNIQUE (namespace, model, draftId));
CREATE INDEX versions_by_stage ON versions (stage);
CREATE INDEX versions_by_model ON versions (model);

CREATE TABLE version_entries (
  id INTEGER NOT NULL, field TEXT NOT NULL, ordinal INTEGER NOT NULL, text TEXT, number REAL,
  PRIMARY KEY (id, field, ordinal)) WITHOUT ROWID;
CREATE INDEX version_entries_by_text ON version_entries (field, text, id) WHERE text IS NOT NULL;
CREATE INDEX version_entries_by_number ON version_entries (field, number, id) WHERE number IS NOT NULL;

CREATE TABLE files (
  digest TEXT NOT NULL, id INTEGER NOT NULL, sizeBytes INTEGER NOT NULL, format TEXT,
  PRIMARY KEY (digest, id)) WITHOUT ROWID;

CREATE TABLE aliases (
  namespace TEXT NOT NULL, model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (namespace, model, alias)) WITHOUT ROWID;
CREATE INDEX aliases_of_version ON aliases (namespace, model, version);

CREATE TABLE events (
  id INTEGER PRIMARY KEY, eventId TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, action TEXT NOT NULL,
  at TEXT NOT NULL, actor TEXT NOT NULL, namespace TEXT NOT NULL, model TEXT, version INTEGER, before TEXT, after TEXT);
CREATE INDEX events_of_model ON events (namespace, model, id);
CREATE INDEX events_by_action ON events (action, id);

CREATE VIRTUAL TABLE model_words USING fts5 (words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2", prefix='2 3');
CREATE VIRTUAL TABLE version_words USING fts5 (words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2", prefix='2 3');
`;
