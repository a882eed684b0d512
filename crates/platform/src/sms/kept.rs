//! For tests and demonstrations: takes every message and sends none.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;

use super::{Sms, SmsError, SmsMessage};

/// So many are kept, the newest.
const MOST: usize = 200;

/// Keeps messages in memory, to be read by whoever tries the program out; nobody's telephone rings.
#[derive(Default)]
pub struct KeptSms(Mutex<VecDeque<SmsMessage>>);

impl KeptSms {
    /// The oldest first.
    pub fn messages(&self) -> Vec<SmsMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Sms for KeptSms {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A repeated try is the same message, as a gateway that knows it by its id has it.
        if kept.iter().all(|one| one.id != message.id) {
            kept.push_back(message.clone());
        }
        if kept.len() > MOST {
            kept.pop_front();
        }
        Box::pin(async { Ok(()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_are_kept_each_once() {
        let kept = KeptSms::default();
        for number in (0..MOST + 10).chain([MOST]) {
            let message = SmsMessage { id: number.to_string(), to: "13800005678".into(), text: "text".into() };
            kept.send(&message).await.unwrap();
        }
        let ids: Vec<String> = kept.messages().into_iter().map(|message| message.id).collect();
        assert_eq!(ids, (10..MOST + 10).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}
