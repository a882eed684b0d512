-- What a browser said of itself when a session was opened, as far as it helps to know the session again.
alter table session add column browser text;
alter table session add column os text;

-- Attempts to sign in by a login that is nobody's. What was typed is a password now and then: only its fingerprint stands here.
create table unknown_sign_in (
    hour     bigint not null, -- hours since 1970, UTC
    typed    bytea not null, -- HMAC-SHA-256 of what was typed, under a key of the house
    attempts bigint not null,
    last_at  bigint not null, -- µs UTC
    primary key (hour, typed)
);
