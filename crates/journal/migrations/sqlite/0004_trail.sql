-- What auditors read, out of all facts: acts of administrators, and looks at sealed values. Few of the facts, so few rows are kept.
create index fact_acts on fact (at, position)
    where (substr(kind, 1, 8) = 'account.' or substr(kind, 1, 7) = 'client.' or kind = 'subject.erased');
create index fact_looks on fact (at, position) where kind = 'subject.looked_at';
