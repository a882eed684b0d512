//! Sealing personal values, and opening them.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Chance, canonical_json};
use serde::{Deserialize, Serialize};
use store::{Bind, Db, Read, Sql, Tx, Value, sql};

use crate::fact::{Personal, commitment};
use crate::master::{MasterKey, decrypt, encrypt};
use crate::{Fact, JournalError};

/// Seals and opens under one master key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    master: MasterKey,
}

/// The subjects' keys that a group of commands has looked at, and those it has made.
#[derive(Default)]
pub(crate) struct SubjectKeys {
    known: HashMap<String, SubjectKey>,
    /// Rows that are not written yet.
    new: Vec<Vec<Value>>,
}

enum SubjectKey {
    There([u8; 32]),
    Destroyed,
    None,
}

impl SubjectKeys {
    pub fn owe(&self) -> bool {
        !self.new.is_empty()
    }

    pub fn forget(&mut self, subject: &str) {
        self.known.remove(subject);
    }

    pub async fn write(&mut self, tx: &mut Tx) -> Result<(), JournalError> {
        let head = "insert into subject_key (subject, wrapped, master) values";
        for statement in Sql::insert_rows(head, 3, std::mem::take(&mut self.new), "") {
            tx.run(statement).await?;
        }
        Ok(())
    }
}

/// The values of one subject within a fact, as they lie encrypted.
#[derive(Serialize, Deserialize)]
struct Envelope {
    subject: String,
    /// Base64 of nonce and ciphertext.
    cipher: String,
}

#[derive(Serialize, Deserialize)]
struct Salted {
    salt: String,
    value: String,
}

/// The personal values of a fact that could be opened.
#[derive(Clone, Default, PartialEq)]
pub struct Opened {
    /// By field: whose it is, its salt (16 bytes in base64) and the value.
    pub fields: BTreeMap<String, OpenedField>,
    /// Subjects whose key is destroyed: their fields are gone for good.
    pub erased: Vec<String>,
}

#[derive(Clone, PartialEq)]
pub struct OpenedField {
    pub subject: String,
    pub salt: String,
    pub value: String,
}

impl Opened {
    pub fn value(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(|field| field.value.as_str())
    }
}

impl Sealer {
    pub fn new(master: MasterKey) -> Sealer {
        Sealer { master }
    }

    pub fn master(&self) -> &MasterKey {
        &self.master
    }

    /// Commitments to put into the body, and the encrypted values to lie beside it.
    pub(crate) async fn seal(
        &self,
        tx: &mut Tx,
        keys: &mut SubjectKeys,
        personal: &[Personal],
        chance: &mut Chance,
    ) -> Result<(BTreeMap<&'static str, String>, Vec<u8>), JournalError> {
        let mut commitments = BTreeMap::new();
        let mut plain: BTreeMap<&str, BTreeMap<&str, Salted>> = BTreeMap::new();
        for Personal { subject, field, value } in personal {
            let salt = chance.bytes::<16>();
            let former = commitments.insert(*field, commitment(&salt, value));
            assert!(former.is_none(), "the personal field {field} stands twice in one fact");
            let salted = Salted { salt: STANDARD.encode(salt), value: value.clone() };
            plain.entry(subject).or_default().insert(field, salted);
        }
        let mut envelopes = Vec::with_capacity(plain.len());
        for (subject, fields) in plain {
            let key = self.key_for(tx, keys, subject, chance).await?;
            let cipher = encrypt(&key, subject, &canonical_json(&fields), chance);
            envelopes.push(Envelope { subject: subject.to_owned(), cipher: STANDARD.encode(cipher) });
        }
        Ok((commitments, canonical_json(&envelopes)))
    }

    async fn key_for(
        &self,
        tx: &mut Tx,
        keys: &mut SubjectKeys,
        subject: &str,
        chance: &mut Chance,
    ) -> Result<[u8; 32], JournalError> {
        if !keys.known.contains_key(subject) {
            self.look_up(tx, [subject.to_owned()], keys).await?;
        }
        match keys.known.get(subject) {
            Some(SubjectKey::There(key)) => Ok(*key),
            Some(SubjectKey::Destroyed) => Err(JournalError::SubjectErased(subject.to_owned())),
            Some(SubjectKey::None) | None => {
                let key = chance.bytes::<32>();
                let wrapped = self.master.wrap(subject, &key, chance);
                keys.new.push(vec![subject.value(), wrapped.value(), self.master.name().value()]);
                keys.known.insert(subject.to_owned(), SubjectKey::There(key));
                Ok(key)
            }
        }
    }

    /// Reads the keys of these subjects.
    pub(crate) async fn look_up(
        &self,
        tx: &mut Tx,
        subjects: impl IntoIterator<Item = String>,
        keys: &mut SubjectKeys,
    ) -> Result<(), JournalError> {
        let mut wanted = Vec::new();
        for subject in subjects {
            wanted.push(vec![subject.as_str().value()]);
            keys.known.insert(subject, SubjectKey::None);
        }
        for select in store::select_rows("subject_key", &["subject"], &["subject", "wrapped", "master"], wanted) {
            let rows: Vec<(String, Option<Vec<u8>>, String)> = tx.all(select).await?;
            for (subject, wrapped, master) in rows {
                let key = match self.unwrap(&subject, wrapped, master)? {
                    Some(key) => SubjectKey::There(key),
                    None => SubjectKey::Destroyed,
                };
                keys.known.insert(subject, key);
            }
        }
        Ok(())
    }

    /// Nothing where the subject has no key yet, nothing within where it was destroyed.
    async fn key_of(&self, read: &mut impl Read, subject: &str) -> Result<Option<Option<[u8; 32]>>, JournalError> {
        let select = sql("select wrapped, master from subject_key where subject = $1").bind(subject);
        let Some((wrapped, master)): Option<(Option<Vec<u8>>, String)> = read.optional(select).await? else {
            return Ok(None);
        };
        self.unwrap(subject, wrapped, master).map(Some)
    }

    /// Nothing where the key was destroyed.
    fn unwrap(
        &self,
        subject: &str,
        wrapped: Option<Vec<u8>>,
        master: String,
    ) -> Result<Option<[u8; 32]>, JournalError> {
        let Some(wrapped) = wrapped else {
            return Ok(None);
        };
        if master != self.master.name() {
            return Err(JournalError::WrongMasterKey { needed: master });
        }
        self.master.unwrap(subject, &wrapped).map(Some)
    }

    /// A key of the house's own, such as one under which numbers are hashed; made where it is missing. It is wrapped as the
    /// subjects' keys are, so that it stays the same when the master key is replaced.
    pub async fn named_key(&self, db: &Db, name: &str, chance: &mut Chance) -> Result<[u8; 32], JournalError> {
        let subject = format!("key/{name}");
        if let Some(key) = self.key_of(&mut &*db, &subject).await?.flatten() {
            return Ok(key);
        }
        let wrapped = self.master.wrap(&subject, &chance.bytes(), chance);
        let insert = sql("insert into subject_key (subject, wrapped, master) values ($1, $2, $3) \
                          on conflict (subject) do nothing");
        let mut tx = db.begin().await?;
        tx.run(insert.bind(&subject).bind(wrapped).bind(self.master.name())).await?;
        tx.commit().await?;
        // Another node may have made it a moment ago.
        self.key_of(&mut &*db, &subject).await?.flatten().ok_or(JournalError::Unsealable)
    }

    /// Opens what `fact` has sealed. Whoever calls this answers for the look being allowed and logged.
    pub async fn open(&self, read: &mut impl Read, fact: &Fact) -> Result<Opened, JournalError> {
        let mut opened = self.open_all(read, std::slice::from_ref(fact)).await?;
        Ok(opened.pop().unwrap_or_default())
    }

    /// Opens several facts, reading each subject's key once. One entry a fact, in order.
    pub async fn open_all(&self, read: &mut impl Read, facts: &[Fact]) -> Result<Vec<Opened>, JournalError> {
        let mut keys: HashMap<String, Option<[u8; 32]>> = HashMap::new();
        let mut all = Vec::with_capacity(facts.len());
        for fact in facts {
            let mut opened = Opened::default();
            for envelope in envelopes(fact)? {
                let key = match keys.get(&envelope.subject) {
                    Some(key) => *key,
                    None => {
                        let key = self.key_of(read, &envelope.subject).await?.flatten();
                        *keys.entry(envelope.subject.clone()).or_insert(key)
                    }
                };
                match key {
                    Some(key) => open_envelope(&key, envelope, &mut opened)?,
                    None => opened.erased.push(envelope.subject),
                }
            }
            all.push(opened);
        }
        Ok(all)
    }

    /// Wraps every subject's key anew by `next`, in the caller's transaction. The old master key is of no more use.
    pub async fn rewrap(&self, tx: &mut Tx, next: &MasterKey, chance: &mut Chance) -> Result<u64, JournalError> {
        let select =
            sql("select subject, wrapped from subject_key where wrapped is not null and master = $1 order by subject");
        let rows: Vec<(String, Vec<u8>)> = tx.all(select.bind(self.master.name())).await?;
        let count = rows.len() as u64;
        for (subject, wrapped) in rows {
            let key = self.master.unwrap(&subject, &wrapped)?;
            let update = sql("update subject_key set wrapped = $1, master = $2 where subject = $3")
                .bind(next.wrap(&subject, &key, chance))
                .bind(next.name())
                .bind(subject);
            tx.run(update).await?;
        }
        Ok(count)
    }
}

fn envelopes(fact: &Fact) -> Result<Vec<Envelope>, JournalError> {
    let Some(sealed) = &fact.sealed else {
        return Ok(Vec::new());
    };
    serde_json::from_slice(sealed)
        .map_err(|error| JournalError::Unreadable { position: fact.position, reason: error.to_string() })
}

fn open_envelope(key: &[u8; 32], envelope: Envelope, opened: &mut Opened) -> Result<(), JournalError> {
    let cipher = STANDARD.decode(&envelope.cipher).map_err(|_| JournalError::Unsealable)?;
    let plain = decrypt(key, &envelope.subject, &cipher)?;
    let fields: BTreeMap<String, Salted> = serde_json::from_slice(&plain).map_err(|_| JournalError::Unsealable)?;
    for (field, Salted { salt, value }) in fields {
        opened.fields.insert(field, OpenedField { subject: envelope.subject.clone(), salt, value });
    }
    Ok(())
}
