-- One row: how far the log has integrated the journal, and the newest checkpoint signed for it.
create table log_state (
    id bigint primary key check (id = 1),
    origin text not null,
    succeeds text,
    size bigint not null,
    root bytea not null,
    signed_size bigint not null,
    checkpoint text
);

-- C2SP tlog-tiles: one row a place, as wide as the tree has made it; narrower tiles are its beginning.
create table log_tile (
    level bigint not null,
    number bigint not null,
    width bigint not null,
    data bytea not null,
    primary key (level, number)
);

-- How far each outside witness has been told.
create table log_witness (
    name text primary key,
    origin text not null,
    size bigint not null,
    at bigint not null,
    failures bigint not null,
    failure text
);
