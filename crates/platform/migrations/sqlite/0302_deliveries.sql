-- Messages on their way to people and systems, one row a message and recipient. Claimed by one node at a time. Neither an address
-- nor a payload stands here: both are read when a message goes out.
create table delivery (
    id            text    primary key,
    channel       text    not null, -- mail, sms, webhook
    recipient     text    not null, -- account/…, webhook/…, outside/RULE/PLACE
    position      integer not null, -- of the fact
    rule          text    not null, -- key in notices.toml; empty for a webhook
    kind          text    not null,
    stream        text    not null,
    text          text    not null, -- code of the text
    said          text    not null, -- JSON: what the text mentions
    gathered      integer not null, -- 1: goes out with others to the same recipient
    state         text    not null, -- waiting, sent, dead
    attempts      integer not null,
    due_at        integer not null, -- µs UTC
    claimed_until integer not null, -- µs UTC: until then another node leaves it alone
    failure       text,             -- code of the last failure
    made_at       integer not null, -- µs UTC
    ended_at      integer           -- µs UTC
) strict, without rowid;

create index delivery_due on delivery (due_at, id) where state = 'waiting';
create index delivery_listed on delivery (state, made_at, id);

-- Systems that are told of facts. Their address and secret are sealed in the fact that opened them.
create table webhook (
    id        text    primary key,
    host      text    not null,
    kinds     text    not null, -- JSON: kinds of facts, or patterns
    posts     text    not null, -- JSON: keys of posts; what they may read is told
    opened_at integer not null, -- µs UTC
    closed_at integer           -- µs UTC
) strict, without rowid;
