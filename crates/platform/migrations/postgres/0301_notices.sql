-- What people are told of, one row a person and fact. Made by a reader of the journal's tail in the transaction that keeps its
-- position. Values are codes, numbers of cases and instants: never personal ones.
create table notice (
    account   text    not null,
    position  bigint not null, -- of the fact
    rule      text    not null, -- key in notices.toml
    kind      text    not null,
    stream    text    not null,
    text      text    not null, -- code of the text
    said      text    not null, -- JSON: what the text mentions
    emergency bigint not null,
    at        bigint not null, -- µs UTC
    read_at   bigint,  -- µs UTC
    primary key (account, position, rule)
);

create index notice_unread on notice (account, position) where read_at is null;
create index notice_position on notice (position, account);
