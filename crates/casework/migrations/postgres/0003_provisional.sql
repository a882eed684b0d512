-- Clocks counted through a year without a published list of holidays: to be counted again when it comes.
alter table clock add column provisional bigint not null default 0; -- 1: provisional
create index clock_provisional on clock (owner) where provisional = 1;

-- Of the clocks that are there, the state says it.
update clock set provisional = 1 where owner like 'case/%' and (
    select body::jsonb #>> array['clocks', clock.key, 'counted', 'limit', 'due', 'provisional'] from case_file where id = substr(clock.owner, 6)
) = 'true';
update clock set provisional = 1 where owner like 'call/%' and (
    select body::jsonb #>> array['clocks', clock.key, 'counted', 'limit', 'due', 'provisional'] from call_file where id = substr(clock.owner, 6)
) = 'true';
update clock set provisional = 1 where owner like 'card/%' and (
    select body::jsonb #>> array['clocks', clock.key, 'counted', 'limit', 'due', 'provisional'] from card_file where id = substr(clock.owner, 6)
) = 'true';
