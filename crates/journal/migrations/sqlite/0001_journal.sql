-- The journal: facts in the order they were committed, never updated, never deleted.
create table fact (
    position     integer primary key,
    stream       text    not null,
    version      integer not null,
    kind         text    not null,
    at           integer not null, -- server's instant, µs UTC
    claimed_at   integer,          -- a device's instant, µs UTC
    effective_at integer not null, -- when the fact counts, µs UTC
    actor        text    not null, -- canonical JSON of kernel::Actor
    body         blob    not null, -- canonical JSON; personal values only as commitments
    sealed       blob,             -- personal values and salts, encrypted a subject
    hash         blob    not null  -- SHA-256, see journal::fact
) strict;
create unique index fact_stream_version on fact (stream, version);
create trigger fact_is_never_updated before update on fact
begin
    select raise(abort, 'a fact is never updated');
end;
create trigger fact_is_never_deleted before delete on fact
begin
    select raise(abort, 'a fact is never deleted');
end;

-- The last position given out; its lock orders the commits.
create table head (
    id       integer primary key check (id = 1),
    position integer not null
) strict;
insert into head (id, position) values (1, 0);

-- Requests already carried out, by caller and operation.
create table idempotency (
    scope       text    not null,
    key         text    not null,
    fingerprint blob    not null, -- SHA-256 of the request
    first       integer not null, -- first position it made
    count       integer not null, -- how many positions it made
    at          integer not null, -- µs UTC
    primary key (scope, key)
) strict, without rowid;

-- One key a subject, wrapped by the master key; erasing the subject destroys it.
create table subject_key (
    subject   text primary key,
    wrapped   blob,               -- null once erased
    master    text    not null,   -- which master key wraps it
    erased_at integer             -- µs UTC
) strict, without rowid;

-- How far each reader of the tail has come.
create table reader (
    name     text primary key,
    position integer not null
) strict, without rowid;
