//! No case and no call lost, none doubled.

use std::collections::HashSet;

use store::{Db, Read, sql};

use super::{CheckError, Checked, Violation};
use crate::run::Ran;

pub(super) async fn check(db: &Db, ran: Option<&Ran>, checked: &mut Checked) -> Result<(), CheckError> {
    let twice = sql("select number, count(*) from case_file group by number having count(*) > 1");
    let twice: Vec<(String, i64)> = (&mut &*db).all(twice).await?;
    checked.extend(twice.into_iter().map(|(number, times)| Violation::NumberTwice { number, times }));

    let Some(ran) = ran else { return Ok(()) };
    let opened =
        sql("select position, stream from fact where kind in ('case.registered', 'call.raised') order by position");
    let opened: Vec<(i64, String)> = (&mut &*db).all(opened).await?;
    let acknowledgements = || ran.registered.iter().chain(&ran.raised);
    let acknowledged: HashSet<i64> = acknowledgements().map(|(_, position)| *position).collect();
    let there: HashSet<i64> = opened.iter().map(|(position, _)| *position).collect();
    let lost = acknowledgements().filter(|(_, position)| !there.contains(position));
    checked.extend(lost.map(|(number, position)| Violation::Lost { number: *number, position: *position }));
    let doubled = opened.into_iter().filter(|(position, _)| !acknowledged.contains(position));
    checked.extend(doubled.map(|(_, stream)| Violation::Doubled { stream }));

    let facts = ran.tally.facts - ran.tally.kept_time;
    let found = checked.facts - checked.kept_time;
    if found != facts {
        checked.add(Violation::Facts { facts, found });
    }
    Ok(())
}
