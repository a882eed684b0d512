-- Who tried to sign in, and whether it was them: what locks an account after failures, and what the person reads.
create table sign_in (
    id        text   primary key,
    account   text   not null references account (id),
    at        bigint not null, -- µs UTC
    succeeded bigint not null  -- 1: with the right password
);
create index sign_in_account on sign_in (account, at);
