-- Calls, cards and outages: readings of the journal, each can be rebuilt from the facts. No personal value.

create table call_file (
    id        text    primary key,
    version   bigint  not null, -- number of facts
    state     text    not null,
    open      bigint  not null, -- 1 until it is over
    caller    text    not null, -- subdistrict
    case_id   text,
    matter    text    not null,
    urgency   bigint  not null, -- 0 ordinary, 1 urgent, 2 emergency
    area      text,             -- smallest area known
    raised_at bigint  not null, -- µs UTC
    body      text    not null  -- the state as JSON
);
create index call_file_caller on call_file (caller, raised_at, id) where open = 1;
create index call_file_case on call_file (case_id) where case_id is not null;

-- One row a department's part in a call.
create table summons (
    call_id      text    not null,
    no           bigint  not null,
    organization text    not null,
    state        text    not null,
    open         bigint  not null, -- 1 while it has to answer, arrive or act
    due_at       bigint  not null, -- next lapse, µs UTC; 9000000000000000: none
    primary key (call_id, no)
);
create index summons_due on summons (organization, due_at, call_id, no) where open = 1;

create table card_file (
    id           text    primary key,
    version      bigint  not null,
    state        text    not null,
    stands       bigint  not null, -- 1 when issued and not taken back
    colour       text    not null,
    ground       text    not null,
    organization text    not null,
    about        text    not null, -- stream
    clock        text,
    proposed_at  bigint  not null, -- µs UTC
    issued_at    bigint ,          -- µs UTC
    body         text    not null
);
create index card_file_state on card_file (state, proposed_at, id);
create index card_file_organization on card_file (organization, issued_at) where stands = 1;
create index card_file_about on card_file (about, ground);

create table outage (
    id          text    primary key,
    version     bigint  not null,
    from_at     bigint  not null, -- µs UTC
    until_at    bigint  not null, -- µs UTC
    declared_at bigint  not null, -- µs UTC
    applied_at  bigint            -- when every clock had been looked at, µs UTC
);
