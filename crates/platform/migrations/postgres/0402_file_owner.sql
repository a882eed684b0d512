-- Whose a file has become beside whoever left it: who reported the case that it came with. Erased with either of them.
alter table file add column owner text;
create index file_owner on file (owner) where removed_at is null;
