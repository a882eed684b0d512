-- What a narrow Scope finds without going through all cases.
create index case_file_author on case_file (author) where author is not null;
create index case_file_confidential on case_file (id) where confidential <> 0;
