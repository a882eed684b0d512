-- Readings of the journal that casework keeps in step with it; each can be rebuilt from the facts. No personal value.

-- One row a case: what lists and searches need, and the whole state.
create table case_file (
    id           text    primary key,
    number       text    not null,
    version      bigint  not null, -- number of facts
    state        text    not null,
    open         bigint  not null, -- 1 until closed
    matter       text,
    kind         text    not null,
    channel      text    not null,
    urgency      bigint  not null, -- 0 ordinary, 1 urgent, 2 emergency
    area         text,             -- smallest area known
    desk         text    not null,
    lead         text,             -- organization that leads
    reporter     text,             -- key of the reporter's values
    confidential bigint  not null,
    head         text,             -- case it is grouped under
    due_at       bigint  not null, -- next lapse, µs UTC; 9000000000000000: none
    rank         bigint  not null, -- urgent first, then what lapses next
    opened_at    bigint  not null, -- µs UTC
    closed_at    bigint ,          -- µs UTC
    body         text    not null  -- the state as JSON
);
create unique index case_file_number on case_file (number);
create index case_file_desk_due on case_file (desk, due_at, id) where open = 1;
create index case_file_desk_opened on case_file (desk, opened_at, id) where open = 1;
create index case_file_desk_rank on case_file (desk, rank, id) where open = 1;
create index case_file_reporter on case_file (reporter, opened_at, id) where reporter is not null;

-- One row a department's part in a case.
create table assignment (
    case_id       text    not null,
    no            bigint  not null,
    organization  text    not null,
    holder        text    not null, -- the part of it that holds the step at hand
    part          text    not null,
    state         text    not null,
    open          bigint  not null, -- 1 while there is work to do
    number        text    not null, -- the case's
    matter        text,
    area          text,
    urgency       bigint  not null,
    due_at        bigint  not null, -- next lapse of its own clocks, µs UTC; 9000000000000000: none
    rank          bigint  not null, -- urgent first, then what lapses next
    dispatched_at bigint  not null, -- µs UTC
    primary key (case_id, no)
);
create index assignment_due on assignment (organization, due_at, case_id, no) where open = 1;
create index assignment_dispatched on assignment (organization, dispatched_at, case_id, no) where open = 1;
create index assignment_rank on assignment (organization, rank, case_id, no) where open = 1;

-- Due instants of everything that runs: cases, calls, cards. A row stays while something is owed.
create table clock (
    owner     text    not null, -- stream, such as case/<uuid>
    key       text    not null, -- such as handle/2
    holder    text    not null, -- organization
    due_at    bigint  not null, -- µs UTC
    remind_at bigint ,          -- µs UTC; none: past, or no use
    wake_at   bigint ,          -- when the timekeeper has to look: the reminder, then the due instant; none: never again
    primary key (owner, key)
);
create index clock_wake on clock (wake_at, owner, key) where wake_at is not null;
