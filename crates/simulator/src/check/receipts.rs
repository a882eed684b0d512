//! Receipts of a sample of cases, made and then checked as a stranger would.

use journal::log::VerifierKey;
use journal::receipt::{self, Disclose};
use store::{Db, Read, sql};

use super::{CheckError, Checked, Violation};

pub(super) async fn check(db: &Db, key: &VerifierKey, wanted: usize, checked: &mut Checked) -> Result<(), CheckError> {
    let (all,): (i64,) = (&mut &*db).one(sql("select count(*) from case_file")).await?;
    if all == 0 || wanted == 0 {
        return Ok(());
    }
    let every = (all as usize / wanted).max(1);
    let ids: Vec<(String,)> = (&mut &*db).all(sql("select id from case_file order by number")).await?;
    for (id,) in ids.into_iter().step_by(every).take(wanted) {
        let stream = format!("case/{id}");
        let receipt = receipt::make(db, &stream, Disclose::Nothing).await?;
        checked.receipts += 1;
        let result = receipt::check(receipt.to_text().as_bytes(), key);
        if let Err(fault) = result {
            checked.add(Violation::Receipt { stream, reason: fault.to_string() });
        }
    }
    Ok(())
}
