//! Beside the served district: the reader that makes notices, who sends what goes out, and who tells open pages that a notice has
//! come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use casework::notice::CaseworkMeaning;
use district::{PostBook, Profile};
use journal::{Journal, tail};
use platform::Config;
use platform::live::Hub;
use platform::mail::Mailer;
use platform::notice::{Channel, Guarded, NoticeError, NoticeReader, Notices, Sender, news};
use platform::sms::Sms;
use serde_json::json;

use crate::demo::Demo;
use crate::failure::Failure;
use crate::open::District;

/// How often it is looked for something new in the inboxes of those who listen here.
const PAUSE: Duration = Duration::from_secs(1);

/// The ways out of the house.
#[derive(Clone)]
pub struct Ways {
    pub mail: Option<Mailer>,
    pub sms: Arc<dyn Sms>,
    /// Whether anything takes short messages.
    takes_sms: bool,
    pub guarded: Guarded,
}

impl Ways {
    /// As the configuration has them; a demonstration keeps short messages.
    pub fn configured(config: &Config, demo: &Demo) -> Result<Ways, Failure> {
        let sms = match &demo.sms {
            Some(kept) => kept.clone(),
            None => platform::sms::configured(config).map_err(Failure::other)?,
        };
        let networks = config.webhook_networks.iter().map(|network| network.0).collect();
        Ok(Ways {
            mail: platform::mail::configured(config).map_err(Failure::other)?,
            sms,
            takes_sms: demo.sms.is_some() || config.sms.is_some(),
            guarded: Guarded::new(networks).map_err(Failure::other)?,
        })
    }

    fn channels(&self) -> BTreeSet<Channel> {
        let mail = self.mail.as_ref().map(|_| Channel::Mail);
        mail.into_iter().chain(self.takes_sms.then_some(Channel::Sms)).collect()
    }
}

/// Makes notices and sends what goes out, for as long as the process runs.
pub fn start(district: &District, hub: Hub, ways: Ways) {
    let directory = Arc::new(district.post_book());
    let notices = notices(&district.journal, &district.profile, directory, ways.channels());
    tokio::spawn(sender(&notices, &district.profile, ways).run());
    tokio::spawn(NoticeReader::new(notices).run());
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
async fn tell(journal: &Journal, hub: &Hub, position: Option<i64>) -> Result<i64, NoticeError> {
    let Some(position) = position.filter(|_| hub.is_heard()) else {
        return Ok(tail::reader_position(&mut journal.db(), platform::notice::READER).await?);
    };
    let (accounts, last) = news(journal.db(), position).await?;
    accounts.iter().for_each(|account| hub.say(account, "notice", &json!({})));
    Ok(last)
}

/// What notices are made by in a district.
pub fn notices(
    journal: &Journal,
    profile: &Arc<Profile>,
    directory: Arc<PostBook>,
    ways: BTreeSet<Channel>,
) -> Notices {
    Notices {
        journal: journal.clone(),
        rules: profile.notices.clone(),
        meaning: Arc::new(CaseworkMeaning { journal: journal.clone(), profile: profile.clone() }),
        edge: directory.edge.clone(),
        directory,
        ways,
    }
}

/// Who sends what the notices of a district make go out.
pub fn sender(notices: &Notices, profile: &Profile, ways: Ways) -> Sender {
    Sender {
        journal: notices.journal.clone(),
        edge: notices.edge.clone(),
        rules: notices.rules.clone(),
        directory: notices.directory.clone(),
        mail: ways.mail,
        sms: ways.sms,
        guarded: ways.guarded,
        source: format!("urn:huying:district:{}", profile.settings.code),
    }
}
