//! No note of a duty is lost between two: each is taken over before the next is left, and by another person.

use casework::handover::{Handover, HandoverEvent, HandoverFact};
use journal::tail;
use store::Db;

use super::{CheckError, Checked, Violation};

const BLOCK: i64 = 1_000;

pub(super) async fn check(db: &Db, checked: &mut Checked) -> Result<(), CheckError> {
    let mut after = (String::new(), 0);
    let mut book: Option<Handover> = None;
    loop {
        let facts = tail::by_named_stream(&mut &*db, "handover/", (&after.0, after.1), BLOCK).await?;
        let Some(last) = facts.last() else { return Ok(()) };
        let newest = (last.stream.clone(), last.version);
        for fact in &facts {
            let organization = fact.stream.trim_start_matches("handover/");
            // One that cannot be read is named by the pass over all facts.
            let Ok(read) = fact.read::<HandoverFact>() else { continue };
            let before = book.take().filter(|book| book.organization == organization);
            let stood = before.as_ref().map(|book| &book.note);
            let sound = match (&read.event, stood) {
                (HandoverEvent::Left { .. }, stood) => stood.is_none_or(|note| note.taken.is_some()),
                (HandoverEvent::Taken { .. }, None) => false,
                (HandoverEvent::Taken { .. }, Some(note)) => {
                    note.taken.is_none() && read.hand.person() != Some(note.left.person.as_str())
                }
            };
            if !sound {
                checked.add(Violation::Handover { stream: fact.stream.clone(), version: fact.version });
            }
            book = match before {
                Some(mut book) => {
                    book.apply(&read);
                    Some(book)
                }
                None => Handover::begin(organization, &read),
            };
        }
        after = newest;
    }
}
