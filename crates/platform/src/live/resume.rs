//! Where a listener begins: with a snapshot, or where it was.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use journal::{JournalError, tail};

use super::Change;
use super::change::event;
use super::hub::{Member, mark_of, whole};

/// What is sent first, and after which position the queue's events follow.
pub(super) struct Beginning {
    pub events: VecDeque<Bytes>,
    pub after: i64,
}

/// Begins where `last`, the `Last-Event-ID`, says; with a snapshot where there is none, where it is of another scope or of
/// another journal, or where too much has happened since.
pub(super) async fn begin(member: &Member, last: Option<&str>) -> Result<Beginning, JournalError> {
    let _turn = member.hub().turns().acquire().await;
    let mark = mark_of(&member.scope);
    if let Some(position) = last.and_then(|last| position_in(last, &mark))
        && let Some(changes) = missed(member, position).await?
    {
        let told = changes.iter().filter_map(|change| change.told_to(&member.scope));
        let events = told.map(|event| whole(event, &mark)).collect();
        return Ok(Beginning { events, after: member.since.max(position) });
    }
    let picture = member.hub().reading().picture(&member.scope).await?;
    let snapshot = whole(&event("snapshot", &picture.body, picture.position), &mark);
    Ok(Beginning { events: [snapshot].into(), after: picture.position })
}

/// The position in an `id`, if its mark is this one.
fn position_in(last: &str, mark: &Bytes) -> Option<i64> {
    let (position, of) = last.split_once('.')?;
    let mark = std::str::from_utf8(mark).ok()?.trim_end().strip_prefix('.')?;
    (of == mark).then(|| position.parse().ok()).flatten().filter(|position| *position >= 0)
}

/// What changed after `position` and before the member's queue begins; none where it cannot be told.
async fn missed(member: &Member, position: i64) -> Result<Option<Vec<Arc<Change>>>, JournalError> {
    let (hub, until) = (member.hub(), member.since);
    if position >= until {
        // Another node was ahead of this one; or it is of a journal that was longer than this one.
        let known = position == until || position <= tail::head(&mut hub.journal().db()).await?;
        return Ok(known.then(Vec::new));
    }
    if let Some(kept) = hub.kept(position, until) {
        return Ok(Some(kept));
    }
    if until - position > hub.limits().read_again {
        return Ok(None);
    }
    let (mut changes, mut position) = (Vec::new(), position);
    while position < until {
        let mut facts = tail::after(&mut hub.journal().db(), position, 256).await?;
        facts.retain(|fact| fact.position <= until);
        let Some(last) = facts.last() else { break };
        position = last.position;
        changes.extend(hub.reading().changes(&facts).await?.into_iter().map(Arc::new));
    }
    Ok(Some(changes))
}
