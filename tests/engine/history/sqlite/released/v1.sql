-- The form of version 1, and a few rows: what a file may look like that this version has made.
CREATE TABLE engines(
  id INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,    -- with the boot, tells a process from a later one of its pid
  boot TEXT NOT NULL,
  host TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  stopped_at INTEGER
) STRICT;

CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- no number is used twice, even after its run is gone
  task TEXT NOT NULL,
  state TEXT NOT NULL,
  trigger TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  scheduled_at INTEGER,
  key TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  payload_start TEXT NOT NULL,    -- for lists: the beginning of the payload
  error_line TEXT NOT NULL,       -- for lists: the error's type and its message's first line
  parent_id INTEGER,
  rerun_of INTEGER,
  lines INTEGER NOT NULL,         -- written so far; those between the gap's ends were dropped
  gap_start INTEGER NOT NULL,
  gap_end INTEGER NOT NULL,
  size INTEGER NOT NULL,          -- of its details and its output as they are stored
  engine INTEGER NOT NULL REFERENCES engines(id),
  begun INTEGER NOT NULL,         -- 1: its code may have begun
  open INTEGER NOT NULL,          -- 1: an engine still has something to do for it
  packed INTEGER NOT NULL         -- 1: its output is compressed
) STRICT;
CREATE INDEX runs_by_task ON runs(task, id);
CREATE INDEX runs_by_task_and_state ON runs(task, state, id) WHERE state <> 'done';
CREATE INDEX runs_by_state ON runs(state, id) WHERE state <> 'done';
CREATE INDEX runs_by_trigger ON runs(trigger, id) WHERE trigger <> 'schedule';
CREATE INDEX runs_open ON runs(id) WHERE open = 1;
CREATE INDEX runs_unpacked ON runs(id) WHERE packed = 0;
CREATE INDEX runs_by_origin ON runs(rerun_of) WHERE rerun_of IS NOT NULL;

CREATE TABLE run_spans(           -- tells which numbers a range of time may be found among
  span INTEGER PRIMARY KEY,       -- the runs from number 1024 * span on, up to the next span
  earliest INTEGER NOT NULL,      -- of their queued_at; numbers mostly rise with it, but a
  latest INTEGER NOT NULL         -- clock that is set or an import makes exceptions
) STRICT;
CREATE TRIGGER run_spans_know_all AFTER INSERT ON runs BEGIN
  INSERT INTO run_spans VALUES(new.id >> 10, new.queued_at, new.queued_at)
  ON CONFLICT(span) DO UPDATE SET
    earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest);
END;

CREATE TABLE details(             -- what only one who opens the run wants to see
  run INTEGER PRIMARY KEY,
  payload ANY NOT NULL,           -- JSON; as text, or compressed (zlib) where it is long
  result ANY,
  error_type TEXT,
  error_message ANY,
  traceback ANY,
  more ANY                        -- JSON: attempts, joined callers, children, progress
) STRICT;

CREATE TABLE chunks(              -- output: lines `first` to `first + lines` of a run
  run INTEGER NOT NULL,
  first INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  compressed INTEGER NOT NULL,
  data BLOB NOT NULL,             -- encoded lines, joined by line feeds
  PRIMARY KEY(run, first)
) STRICT;

CREATE VIRTUAL TABLE run_text USING fts5(
  text, content='', detail=none, columnsize=0,
  tokenize='ascii',               -- text_index says what a word is, not the tokenizer
  prefix='1 2 3 4 5 6 7'
);
CREATE TABLE unindexed(           -- runs that have ended and are not in run_text yet
  run INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE task_stats(          -- counters, so that nothing is ever counted
  task TEXT PRIMARY KEY,
  counts TEXT NOT NULL,           -- JSON: how many runs ended in each state
  durations TEXT NOT NULL,        -- JSON: a histogram of the runs that were done
  outcomes TEXT NOT NULL,         -- JSON: the latest ends, oldest first: instant, state
  last_run INTEGER,               -- the run that ended last
  kept_runs INTEGER NOT NULL,
  kept_size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fires(               -- each row: a fire that one engine claimed, and nobody else
  schedule TEXT NOT NULL,
  at INTEGER NOT NULL,
  task TEXT NOT NULL,
  engine INTEGER NOT NULL REFERENCES engines(id),
  claimed_at INTEGER NOT NULL,
  run INTEGER,
  PRIMARY KEY(schedule, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX fires_by_task ON fires(task, at);
CREATE INDEX fires_unbegun ON fires(engine) WHERE run IS NULL;

CREATE TABLE looks(               -- up to where each schedule's fires were dealt with
  schedule TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE missed_fires(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task TEXT NOT NULL,
  cron TEXT NOT NULL,
  timezone TEXT NOT NULL,
  payload TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  pending INTEGER NOT NULL,       -- 1: neither made up for nor dismissed
  run INTEGER                     -- what made up for them
) STRICT;
CREATE INDEX missed_by_task ON missed_fires(task, last_at);

CREATE TABLE delayed_runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task TEXT NOT NULL,
  payload TEXT NOT NULL,
  at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  engine INTEGER                  -- which is about to begin it
) STRICT;

CREATE TABLE state(
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY(kind, name)
) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1952543595;
PRAGMA user_version = 1;

INSERT INTO engines(id, pid, process_start, boot, host, started_at, stopped_at)
VALUES(1, 4711, '12345', 'a-boot', 'a-host', 1767225600000000, NULL);
INSERT INTO state(kind, name, text, changed_at) VALUES('draft', 'mail:send', '{"to": "ada"}', 1767225600000000);
INSERT INTO looks(schedule, at) VALUES('nightly', 1767225600000000);
