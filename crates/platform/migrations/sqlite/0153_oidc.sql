-- Who at another system's sign-in is which account here (OpenID Connect). Whom it calls what is sealed in the account's facts; here
-- it is found again by a keyed hash.
create table oidc_link (
    identity blob primary key, -- HMAC-SHA-256 of issuer and subject
    account  text not null references account (id)
) strict, without rowid;
create index oidc_link_account on oidc_link (account);

-- Who has gone there and is expected back.
create table oidc_attempt (
    attempt  blob    primary key, -- SHA-256 of the cookie's bytes
    account  text,                -- to be linked; none: to sign in
    until_at integer not null     -- µs UTC
) strict, without rowid;
