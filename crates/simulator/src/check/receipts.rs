//! Receipts of a sample of streams, made and then checked as a stranger would.

use journal::log::VerifierKey;
use journal::receipt::{self, Disclose};
use store::{Db, Read, sql};

use super::{CheckError, Checked, Violation};

pub(super) async fn check(
    db: &Db,
    key: &VerifierKey,
    wanted: usize,
    others: &[String],
    checked: &mut Checked,
) -> Result<(), CheckError> {
    let ids: Vec<(String,)> = (&mut &*db).all(sql("select id from case_file order by number")).await?;
    let cases: Vec<String> = ids.into_iter().map(|(id,)| format!("case/{id}")).collect();
    for stream in sample(&cases, wanted).chain(sample(others, wanted)) {
        let receipt = receipt::make(db, stream, Disclose::Nothing).await?;
        checked.receipts += 1;
        let result = receipt::check(receipt.to_text().as_bytes(), key);
        if let Err(fault) = result {
            checked.add(Violation::Receipt { stream: stream.clone(), reason: fault.to_string() });
        }
    }
    Ok(())
}

/// About `wanted` of them, evenly spread.
fn sample(streams: &[String], wanted: usize) -> impl Iterator<Item = &String> {
    let every = (streams.len() / wanted.max(1)).max(1);
    streams.iter().step_by(every).take(wanted)
}
