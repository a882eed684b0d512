-- The journal: facts in the order they were committed, never updated, never deleted.
create table fact (
    position     bigint primary key,
    stream       text   not null,
    version      bigint not null,
    kind         text   not null,
    at           bigint not null, -- server's instant, µs UTC
    claimed_at   bigint,          -- a device's instant, µs UTC
    effective_at bigint not null, -- when the fact counts, µs UTC
    actor        text   not null, -- canonical JSON of kernel::Actor
    body         bytea  not null, -- canonical JSON; personal values only as commitments
    sealed       bytea,           -- personal values and salts, encrypted a subject
    hash         bytea  not null  -- SHA-256, see journal::fact
);
create unique index fact_stream_version on fact (stream, version);
create function fact_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'a fact is never updated or deleted';
end $$;
create trigger fact_is_never_changed before update or delete on fact
    for each row execute function fact_is_final();
create trigger fact_is_never_emptied before truncate on fact
    for each statement execute function fact_is_final();

-- The last position given out; its lock orders the commits.
create table head (
    id       bigint primary key check (id = 1),
    position bigint not null
);
insert into head (id, position) values (1, 0);

-- Requests already carried out, by caller and operation.
create table idempotency (
    scope       text   not null,
    key         text   not null,
    fingerprint bytea  not null, -- SHA-256 of the request
    first       bigint not null, -- first position it made
    count       bigint not null, -- how many positions it made
    at          bigint not null, -- µs UTC
    primary key (scope, key)
);

-- One key a subject, wrapped by the master key; erasing the subject destroys it.
create table subject_key (
    subject   text primary key,
    wrapped   bytea,              -- null once erased
    master    text not null,      -- which master key wraps it
    erased_at bigint              -- µs UTC
);

-- How far each reader of the tail has come.
create table reader (
    name     text primary key,
    position bigint not null
);
