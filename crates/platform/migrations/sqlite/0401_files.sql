-- Files that people left: what is known of them, and in what they are used. The bytes lie elsewhere, encrypted; the key of each is sealed
-- in its fact. No personal value.
create table file (
    id         text    primary key,
    subject    text    not null, -- whose key seals its key
    kept_by    text    not null, -- account
    kind       text    not null, -- such as image/jpeg
    bytes      integer not null, -- as shown
    thumbnail  integer not null, -- 1: there is one
    state      text    not null, -- waiting (for the scan), kept, infected, removed
    version    integer not null, -- number of facts
    kept_at    integer not null, -- µs UTC
    removed_at integer           -- when the bytes were gone, µs UTC
) strict;
create index file_there on file (kept_at, id) where removed_at is null;
create index file_subject on file (subject) where removed_at is null;

-- A reading of the journal: which streams name a file as their attachment.
create table file_use (
    file   text not null,
    stream text not null,
    primary key (file, stream)
) strict, without rowid;
