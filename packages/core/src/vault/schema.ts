import type { Migration } from "./migrations.ts";

/**
 * The client's tables. Keys of identities and conversations are kept once and named by small integers elsewhere.
 * `ord` orders a conversation on every device: the entry's seq plus `place_shift`, times 8, plus a place among lines that
 * one entry made;
 * own messages that the relay has not acknowledged stand from 2^52 on.
 * `expires_at` is counted time, see [Note: The time that timers go by]; the outbox's `target` is the message that a change
 * of one's own is about.
 * Numbers of messages and attachments are never given again (AUTOINCREMENT): what is still on its way names its message
 * by number, also when that was removed meanwhile.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE identities (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT '');
CREATE TABLE device_lists (
  identity INTEGER NOT NULL REFERENCES identities, seq INTEGER NOT NULL, head BLOB NOT NULL, signed BLOB NOT NULL,
  PRIMARY KEY (identity, seq)
) WITHOUT ROWID;
CREATE TABLE contacts (
  identity INTEGER PRIMARY KEY REFERENCES identities, label TEXT NOT NULL DEFAULT '', conversation INTEGER NOT NULL,
  verified INTEGER NOT NULL DEFAULT 0, blocked INTEGER NOT NULL DEFAULT 0, seen_list INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);
CREATE TABLE contact_pools (
  identity INTEGER NOT NULL REFERENCES identities, device_key BLOB NOT NULL, relay_url TEXT NOT NULL,
  pool_id BLOB NOT NULL, secret BLOB NOT NULL, PRIMARY KEY (identity, device_key)
) WITHOUT ROWID;

CREATE TABLE invites (
  id INTEGER PRIMARY KEY AUTOINCREMENT, link TEXT NOT NULL, relay_url TEXT NOT NULL, log_id BLOB NOT NULL, secret BLOB NOT NULL,
  kem_private_key BLOB NOT NULL, read_token BLOB NOT NULL, owner_token BLOB NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, reusable INTEGER NOT NULL, state TEXT NOT NULL, next_seq INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE join_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, identity INTEGER NOT NULL REFERENCES identities, relay_url TEXT NOT NULL, log_id BLOB NOT NULL,
  read_token BLOB NOT NULL, owner_token BLOB NOT NULL, kem_private_key BLOB NOT NULL, created_at INTEGER NOT NULL,
  next_seq INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, identity INTEGER NOT NULL REFERENCES identities, name TEXT NOT NULL,
  data BLOB NOT NULL, group_id BLOB, member_count INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL,
  invite_created_at INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE key_packages (ref BLOB PRIMARY KEY, key_package BLOB NOT NULL, secret BLOB NOT NULL, not_after INTEGER NOT NULL, use TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY, group_id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, relay_url TEXT NOT NULL, log_id BLOB NOT NULL,
  log_made INTEGER NOT NULL, state TEXT NOT NULL, settings BLOB NOT NULL, next_seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
  read_token BLOB NOT NULL, append_token BLOB NOT NULL, entry_key BLOB NOT NULL, roster INTEGER NOT NULL,
  state_hash BLOB NOT NULL, group_version INTEGER NOT NULL DEFAULT -1, renewed_at INTEGER NOT NULL DEFAULT 0,
  sent_since_renewal INTEGER NOT NULL DEFAULT 0, read_ord INTEGER NOT NULL DEFAULT -1, draft TEXT NOT NULL DEFAULT '', activity_at INTEGER NOT NULL
);
CREATE TABLE conversation_members (
  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, identity INTEGER NOT NULL REFERENCES identities,
  list_seq INTEGER NOT NULL, list_head BLOB NOT NULL, device_count INTEGER NOT NULL, invited INTEGER NOT NULL DEFAULT 0,
  leaving INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (conversation, identity)
) WITHOUT ROWID;
CREATE TABLE groups (conversation INTEGER PRIMARY KEY REFERENCES conversations ON DELETE CASCADE, epoch BLOB NOT NULL);
CREATE TABLE ratchets (
  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, ratchet INTEGER NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY (conversation, ratchet)
) WITHOUT ROWID;
CREATE TABLE rosters (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, roster BLOB NOT NULL);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, ord INTEGER NOT NULL,
  message_id BLOB NOT NULL, sender INTEGER REFERENCES identities, sent_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
  type TEXT NOT NULL, text TEXT NOT NULL, reply_to BLOB, edited_at INTEGER, state TEXT NOT NULL, roster INTEGER, data BLOB,
  timer_seconds INTEGER NOT NULL DEFAULT 0, expires_at INTEGER, view_once TEXT,
  UNIQUE (conversation, ord), UNIQUE (message_id, conversation)
);
CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX messages_not_counting ON messages (conversation, ord) WHERE timer_seconds > 0 AND expires_at IS NULL;
CREATE TABLE counted_time (
  one INTEGER PRIMARY KEY CHECK (one = 1), highest INTEGER NOT NULL, ahead INTEGER NOT NULL, last INTEGER NOT NULL
);
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, position INTEGER NOT NULL,
  blob_id BLOB NOT NULL UNIQUE, data BLOB NOT NULL, state TEXT NOT NULL, write_token BLOB, reason TEXT
);
CREATE INDEX attachments_by_message ON attachments (message);
CREATE TABLE reactions (
  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, message_id BLOB NOT NULL,
  identity INTEGER NOT NULL REFERENCES identities, emoji TEXT NOT NULL, PRIMARY KEY (conversation, message_id, identity, emoji)
) WITHOUT ROWID;
CREATE TABLE receipts (
  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, message_id BLOB NOT NULL,
  identity INTEGER NOT NULL REFERENCES identities, delivered_at INTEGER, read_at INTEGER,
  PRIMARY KEY (conversation, message_id, identity)
) WITHOUT ROWID;
CREATE TABLE receipts_due (
  conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, message_id BLOB NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (conversation, message_id, state)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE message_words USING fts5(text, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);
CREATE TABLE words_due (message INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, message INTEGER,
  content BLOB NOT NULL, entry_id BLOB NOT NULL, body BLOB, uploads INTEGER NOT NULL DEFAULT 0, target BLOB
);
CREATE INDEX outbox_by_conversation ON outbox (conversation, id);
CREATE TABLE intents (
  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, data BLOB NOT NULL,
  waits INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE staged_commits (
  conversation INTEGER PRIMARY KEY REFERENCES conversations ON DELETE CASCADE, intent INTEGER, entry_id BLOB NOT NULL, data BLOB NOT NULL
);
CREATE TABLE welcomes_due (
  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, data BLOB NOT NULL
);
CREATE TABLE contact_returns (
  identity INTEGER PRIMARY KEY REFERENCES identities, relay_url TEXT NOT NULL, log_id BLOB NOT NULL, append_token BLOB NOT NULL,
  secret BLOB NOT NULL
);
CREATE TABLE returning_groups (group_id BLOB PRIMARY KEY, admins BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY, relay_url TEXT NOT NULL, log_id BLOB NOT NULL, append_token BLOB NOT NULL, entry_id BLOB NOT NULL,
  ttl_seconds INTEGER NOT NULL, body BLOB NOT NULL
);
`,
  },
  {
    // See [Note: What a device keeps of its logs] and [Note: A relay that was put back].
    version: 2,
    sql: `
CREATE TABLE tail (
  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE, seq INTEGER NOT NULL,
  entry_id BLOB NOT NULL, expires_at INTEGER NOT NULL, read_token BLOB NOT NULL, append_token BLOB NOT NULL,
  next_read_hash BLOB, next_append_hash BLOB, body BLOB, UNIQUE (conversation, entry_id)
);
CREATE TABLE relay_runs (
  relay_url TEXT PRIMARY KEY, number INTEGER NOT NULL, run_id BLOB NOT NULL, at INTEGER NOT NULL, put_back_at INTEGER,
  put_back_to INTEGER, acknowledged INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
ALTER TABLE conversations ADD COLUMN compare_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN reread_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN place_shift INTEGER NOT NULL DEFAULT 0;
`,
  },
  {
    // See [Note: A group that goes on in another].
    version: 3,
    sql: `
CREATE TABLE successions (
  conversation INTEGER PRIMARY KEY REFERENCES conversations ON DELETE CASCADE, predecessor BLOB NOT NULL UNIQUE,
  offender INTEGER REFERENCES identities, due_at INTEGER NOT NULL DEFAULT 0, ends_at INTEGER NOT NULL DEFAULT 0, data BLOB
);
CREATE TABLE stranded (
  group_id BLOB NOT NULL, identity INTEGER NOT NULL REFERENCES identities, PRIMARY KEY (group_id, identity)
) WITHOUT ROWID;
CREATE TABLE unsent (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
  text TEXT NOT NULL, files INTEGER NOT NULL
);
`,
  },
];
