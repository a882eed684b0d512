-- Clocks counted through a year without a published list of holidays: to be counted again when it comes.
alter table clock add column provisional integer not null default 0; -- 1: provisional
create index clock_provisional on clock (owner) where provisional = 1;

-- Of the clocks that are there, the state says it.
update clock set provisional = 1 where owner like 'case/%' and (
    select json_extract(body, '$.clocks."' || clock.key || '".counted.limit.due.provisional') from case_file where id = substr(clock.owner, 6)
) = 1;
update clock set provisional = 1 where owner like 'call/%' and (
    select json_extract(body, '$.clocks."' || clock.key || '".counted.limit.due.provisional') from call_file where id = substr(clock.owner, 6)
) = 1;
update clock set provisional = 1 where owner like 'card/%' and (
    select json_extract(body, '$.clocks."' || clock.key || '".counted.limit.due.provisional') from card_file where id = substr(clock.owner, 6)
) = 1;
