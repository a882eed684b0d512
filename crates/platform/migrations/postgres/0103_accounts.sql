-- What becomes of an account: its password ages, it waits for its first one, it is disabled, it is unlocked.
alter table account add column password_at bigint;      -- when it was set, µs UTC; null: with the account
alter table account add column activation bytea;          -- SHA-256 of the code that sets the first password
alter table account add column activation_until bigint; -- µs UTC
alter table account add column disabled_at bigint;      -- µs UTC
alter table account add column unlocked_at bigint;      -- failures before it lock nothing any more, µs UTC

-- From when until when a post is held; null: without a beginning or an end.
alter table account_post add column from_at bigint;     -- µs UTC
alter table account_post add column until_at bigint;    -- µs UTC
alter table account_post add column stands_in_for text;  -- account whose post it is for that time
create index account_post_post on account_post (post);

-- Passwords that an account has had, so that they do not come back.
create table former_password (
    account  text   not null references account (id),
    at       bigint not null, -- when it was set, µs UTC
    password text   not null, -- PHC string of argon2id
    primary key (account, at)
);

create index sign_in_at on sign_in (at, id);
