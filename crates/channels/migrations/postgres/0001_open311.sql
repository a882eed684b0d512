-- What the public may find of cases by Open311: a reading of the journal, can be rebuilt from it. No personal value.
create table open311_case (
    case_id    text    primary key,
    number     text    not null,
    matter     text,
    channel    text    not null,
    open       bigint  not null, -- 1 until closed
    hidden     bigint  not null, -- 1: confidential, or another system's
    opened_at  bigint  not null, -- µs UTC
    updated_at bigint  not null  -- of its newest fact, µs UTC
);
create index open311_case_opened on open311_case (opened_at, case_id) where hidden = 0;
create index open311_case_updated on open311_case (updated_at, case_id) where hidden = 0;

-- Other systems that are polled: how far, and when next.
create table open311_peer (
    peer     text    primary key,
    since_at bigint  not null, -- of the newest request seen, on its clock, µs UTC
    next_at  bigint  not null, -- µs UTC
    failures bigint  not null, -- polls that failed since the last that did not
    checked  text    not null  -- the identifier after which open requests are asked about next
);

-- Their requests, each once.
create table open311_taken (
    peer       text    not null,
    request_id text    not null, -- theirs
    case_id    text,             -- none: passed over, for the reason beside it
    reason     text,             -- a code
    open       bigint  not null, -- 1 until closed there
    primary key (peer, request_id)
);
create index open311_taken_open on open311_taken (peer, request_id) where open = 1;
create index open311_taken_case on open311_taken (case_id) where case_id is not null;
