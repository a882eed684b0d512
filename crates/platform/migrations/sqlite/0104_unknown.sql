-- What a browser said of itself when a session was opened, as far as it helps to know the session again.
alter table session add column browser text;
alter table session add column os text;

-- Attempts to sign in by a login that is nobody's. What was typed is a password now and then: only its fingerprint stands here.
create table unknown_sign_in (
    hour     integer not null, -- hours since 1970, UTC
    typed    blob not null, -- HMAC-SHA-256 of what was typed, under a key of the house
    attempts integer not null,
    last_at  integer not null, -- µs UTC
    primary key (hour, typed)
) strict, without rowid;
