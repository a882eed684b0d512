//! Erasing a person: their key is destroyed, so that what was sealed under it can never be read again.

use kernel::{Actor, Instant};
use serde::{Deserialize, Serialize};
use store::{Read, sql};

use crate::{Command, Declined, NewFact, Unit};

/// Kind of the fact that an erasure leaves.
pub const ERASED: &str = "subject.erased";

/// Destroys a subject's key and leaves a fact that says so. The commitments stay; receipts given out before stay valid.
#[derive(Clone, Debug)]
pub struct EraseSubject {
    pub subject: String,
    pub actor: Actor,
    /// Why, as a code of the profile: `request`, `retention`, `restore`.
    pub ground: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseRefusal {
    /// Nothing was ever sealed for this subject.
    UnknownSubject,
    AlreadyErased,
}

#[derive(Serialize)]
struct Erased<'a> {
    v: u32,
    subject: &'a str,
    ground: &'a str,
}

/// One line of the list that a restore must be given, so that it brings nobody back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub subject: String,
    pub erased_at: Instant,
}

impl Command for EraseSubject {
    type Output = ();
    type Refusal = EraseRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<EraseRefusal>> {
        let select = sql("select erased_at from subject_key where subject = $1").bind(&self.subject);
        match unit.tx().await?.optional::<(Option<i64>,)>(select).await? {
            None => return Err(Declined::Refused(EraseRefusal::UnknownSubject)),
            Some((Some(_),)) => return Err(Declined::Refused(EraseRefusal::AlreadyErased)),
            Some((None,)) => {}
        }
        let at = unit.at();
        let destroy =
            sql("update subject_key set wrapped = null, erased_at = $1 where subject = $2 and erased_at is null")
                .bind(at.micros())
                .bind(&self.subject);
        unit.tx().await?.run(destroy).await?;
        unit.forget_key_of(&self.subject);
        let body = Erased { v: 1, subject: &self.subject, ground: &self.ground };
        let fact = NewFact::new(ERASED, at, self.actor.clone(), &body);
        unit.append(&format!("erasure/{}", self.subject), 0, vec![fact]).await?;
        Ok(())
    }
}

/// Everyone erased so far, oldest first.
pub async fn erasures(read: &mut impl Read) -> Result<Vec<Erasure>, crate::JournalError> {
    let select =
        sql("select subject, erased_at from subject_key where erased_at is not null order by erased_at, subject");
    let rows: Vec<(String, i64)> = read.all(select).await?;
    Ok(rows.into_iter().map(|(subject, at)| Erasure { subject, erased_at: Instant::from_micros(at) }).collect())
}
