-- Other systems that call with a key. Their facts are in the journal; the key stands only here, hashed.
create table client (
    id         text primary key,
    name       text    not null,
    key        bytea   not null unique, -- SHA-256 of the whole key
    posts      text    not null, -- JSON list of posts of the profile
    scopes     text    not null, -- JSON list of actions
    opened_at  bigint  not null, -- µs UTC
    expires_at bigint  not null, -- µs UTC
    closed_at  bigint,           -- µs UTC
    used_at    bigint            -- µs UTC, to the hour
);
