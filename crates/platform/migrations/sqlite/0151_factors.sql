-- The second factor of an account: codes by time (RFC 6238). The secret itself is sealed in the account's facts; here stands in which.
create table second_factor (
    account      text    primary key references account (id),
    pending      integer, -- version of the fact with a secret that is not confirmed yet
    secret       integer, -- version of the fact with the secret that counts
    confirmed_at integer, -- µs UTC
    step         integer not null -- the newest step of 30 s whose code was used: no code counts twice
) strict, without rowid;

-- Codes for who has lost the device, each good for once.
create table recovery_code (
    account text not null references account (id),
    code    blob not null, -- SHA-256 of account and code
    primary key (account, code)
) strict, without rowid;

-- Whose password was right and whose second factor is awaited.
create table sign_in_ticket (
    ticket   blob    primary key, -- SHA-256 of the ticket's bytes
    account  text    not null references account (id),
    tries    integer not null,
    until_at integer not null -- µs UTC
) strict, without rowid;
create index sign_in_ticket_account on sign_in_ticket (account);

-- By what it was tried: password, totp, recovery, oidc, phone.
alter table sign_in add column means text not null default 'password';
