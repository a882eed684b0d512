-- Hand-over notes of the duty rosters: a reading of the journal, can be rebuilt from the facts. No personal value.
create table handover (
    id      text    primary key, -- organization
    version integer not null,    -- number of facts
    waiting integer not null,    -- 1: the last note has not been taken over
    left_at integer not null,    -- of the last note, µs UTC
    body    text    not null     -- the state as JSON
) strict;
