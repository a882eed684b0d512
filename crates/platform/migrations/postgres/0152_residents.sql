-- Residents who sign in by a code sent to their telephone. The number is sealed in the account's facts; here it is found again by
-- a keyed hash.
create table resident (
    account text primary key references account (id),
    phone   bytea not null unique -- HMAC-SHA-256
);

-- The code that a telephone was sent last.
create table phone_code (
    phone    bytea    primary key, -- HMAC-SHA-256
    code     bytea    not null,    -- HMAC-SHA-256 of number and code
    tries    bigint not null,
    until_at bigint not null     -- µs UTC
);

-- For whom codes were asked lately, and from where: what limits how often.
create table code_request (
    id  text    primary key,
    key bytea    not null, -- HMAC-SHA-256 of a number or of a network address
    at  bigint not null  -- µs UTC
);
create index code_request_key on code_request (key, at);
