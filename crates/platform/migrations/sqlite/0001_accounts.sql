-- Who can sign in. The account's facts are in the journal; the password stands only here.
create table account (
    id         text primary key,
    login      text   not null unique,
    password   text   not null, -- PHC string of argon2id
    created_at integer not null  -- µs UTC
) strict, without rowid;

-- The posts an account holds: keys of the profile.
create table account_post (
    account text not null references account (id),
    post    text not null,
    primary key (account, post)
) strict, without rowid;

-- Open sessions, by the hash of their token.
create table session (
    token      blob primary key, -- SHA-256 of the cookie's bytes
    account    text not null references account (id),
    created_at integer not null,  -- µs UTC
    seen_at    integer not null   -- µs UTC
) strict, without rowid;
