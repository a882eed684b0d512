-- Other systems that call with a key. Their facts are in the journal; the key stands only here, hashed.
create table client (
    id         text primary key,
    name       text    not null,
    key        blob    not null unique, -- SHA-256 of the whole key
    posts      text    not null, -- JSON list of posts of the profile
    scopes     text    not null, -- JSON list of actions
    opened_at  integer not null, -- µs UTC
    expires_at integer not null, -- µs UTC
    closed_at  integer,          -- µs UTC
    used_at    integer           -- µs UTC, to the hour
) strict, without rowid;
