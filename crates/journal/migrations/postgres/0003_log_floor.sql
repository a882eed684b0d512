-- The newest checkpoint that the outside is known to hold, told at a restore: the log is never opened below or beside it.
alter table log_state add column floor text;
