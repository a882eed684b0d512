-- One row: how far the log has integrated the journal, and the newest checkpoint signed for it.
create table log_state (
    id integer primary key check (id = 1),
    origin text not null,
    succeeds text,
    size integer not null,
    root blob not null,
    signed_size integer not null,
    checkpoint text
) strict;

-- C2SP tlog-tiles: one row a place, as wide as the tree has made it; narrower tiles are its beginning.
create table log_tile (
    level integer not null,
    number integer not null,
    width integer not null,
    data blob not null,
    primary key (level, number)
) strict, without rowid;

-- How far each outside witness has been told.
create table log_witness (
    name text primary key,
    origin text not null,
    size integer not null,
    at integer not null,
    failures integer not null,
    failure text
) strict;
