-- The texts of cases in plain rows: what the size of the index is held against, and what is asked with LIKE.
create table text (
    id      integer primary key,
    number  text    not null,
    titles  text    not null,
    words   text    not null,
    address text    not null,
    name    text    not null,
    phone   text    not null
);
