-- The second factor of an account: codes by time (RFC 6238). The secret itself is sealed in the account's facts; here stands in which.
create table second_factor (
    account      text    primary key references account (id),
    pending      bigint, -- version of the fact with a secret that is not confirmed yet
    secret       bigint, -- version of the fact with the secret that counts
    confirmed_at bigint, -- µs UTC
    step         bigint not null -- the newest step of 30 s whose code was used: no code counts twice
);

-- Codes for who has lost the device, each good for once.
create table recovery_code (
    account text not null references account (id),
    code    bytea not null, -- SHA-256 of account and code
    primary key (account, code)
);

-- Whose password was right and whose second factor is awaited.
create table sign_in_ticket (
    ticket   bytea    primary key, -- SHA-256 of the ticket's bytes
    account  text    not null references account (id),
    tries    bigint not null,
    until_at bigint not null -- µs UTC
);
create index sign_in_ticket_account on sign_in_ticket (account);

-- By what it was tried: password, totp, recovery, oidc, phone.
alter table sign_in add column means text not null default 'password';
