-- Residents who sign in by a code sent to their telephone. The number is sealed in the account's facts; here it is found again by
-- a keyed hash.
create table resident (
    account text primary key references account (id),
    phone   blob not null unique -- HMAC-SHA-256
) strict, without rowid;

-- The code that a telephone was sent last.
create table phone_code (
    phone    blob    primary key, -- HMAC-SHA-256
    code     blob    not null,    -- HMAC-SHA-256 of number and code
    tries    integer not null,
    until_at integer not null     -- µs UTC
) strict, without rowid;

-- For whom codes were asked lately, and from where: what limits how often.
create table code_request (
    id  text    primary key,
    key blob    not null, -- HMAC-SHA-256 of a number or of a network address
    at  integer not null  -- µs UTC
) strict, without rowid;
create index code_request_key on code_request (key, at);
