-- What a list of cases is asked by, and by what a Scope allows: who registered each, the way to its area, who has to do with it.
alter table case_file add column author text;                  -- account that registered it
alter table case_file add column path   text not null default ''; -- area codes from the top, each followed by /; '' without a place

update case_file set
    author = json_extract(body, '$.registered_by'),
    path = coalesce((select group_concat(value || '/', '') from json_each(case_file.body, '$.place.path')), '');

create index case_file_opened on case_file (opened_at, id);
create index case_file_due on case_file (due_at, id) where open = 1;
create index case_file_rank on case_file (rank, id) where open = 1;
create index case_file_closed on case_file (closed_at, id) where closed_at is not null;
create index case_file_path on case_file (path);

-- Organizations that have to do with a case: its desk, those assigned, and the parts of them that hold a step.
create table case_organization (
    case_id      text not null,
    organization text not null,
    primary key (case_id, organization)
) strict, without rowid;
create index case_organization_of on case_organization (organization, case_id);

insert into case_organization (case_id, organization)
    select id, desk from case_file
    union select case_id, organization from assignment
    union select case_id, holder from assignment;
