//! Beside the served district: the reader that makes notices, and who tells open pages that one has come.

use std::sync::Arc;
use std::time::Duration;

use casework::notice::CaseworkMeaning;
use district::PostBook;
use journal::tail;
use platform::live::Hub;
use platform::notice::{NoticeError, NoticeReader, Notices, news};
use serde_json::json;

use crate::open::District;

/// How often it is looked for something new in the inboxes of those who listen here.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes notices for as long as the process runs.
pub fn start(district: &District, hub: Hub) {
    tokio::spawn(NoticeReader::new(notices(district)).run());
    let journal = district.journal.clone();
    tokio::spawn(async move {
        let mut position = None;
        loop {
            match tell(&journal, &hub, position).await {
                Ok(told) => position = Some(told),
                Err(error) => tracing::warn!(%error, "open pages could not be told of notices"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Whichever node made a notice, each tells those who listen at it.
async fn tell(journal: &journal::Journal, hub: &Hub, position: Option<i64>) -> Result<i64, NoticeError> {
    let Some(position) = position.filter(|_| hub.is_heard()) else {
        return Ok(tail::reader_position(&mut journal.db(), platform::notice::READER).await?);
    };
    let (accounts, last) = news(journal.db(), position).await?;
    accounts.iter().for_each(|account| hub.say(account, "notice", &json!({})));
    Ok(last)
}

fn notices(district: &District) -> Notices {
    let (profile, edge) = (district.profile.clone(), district.edge.clone());
    Notices {
        journal: district.journal.clone(),
        rules: profile.notices.clone(),
        meaning: Arc::new(CaseworkMeaning { journal: district.journal.clone(), profile: profile.clone() }),
        directory: Arc::new(PostBook { profile, edge: edge.clone() }),
        edge,
    }
}
