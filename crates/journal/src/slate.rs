//! What a slice keeps in mind while a group is decided: aggregates as they stand, and rows that are not written yet.
//!
//! Commands of one group are decided one after another in memory; their reads are made for all of them at once beforehand,
//! and their rows are written for all of them at once at the end, in a few statements. What reads the tables in between
//! finds everything written: [`crate::Unit::tx`] sees to it.

use std::any::{Any, TypeId};
use std::collections::BTreeSet;

use futures::future::BoxFuture;
use store::Tx;

use crate::JournalError;

/// Kept by a slice for the length of a group; made by `Default` when it is first asked for, dropped with the group.
pub trait Slate: Any + Default + Send {
    /// Reads the aggregates with these identifiers, as far as they exist and are not kept yet.
    fn read<'a>(&'a mut self, tx: &'a mut Tx, ids: Vec<String>) -> BoxFuture<'a, Result<(), JournalError>>;

    /// Whether there are rows that are not written yet.
    fn owes(&self) -> bool;

    /// Writes the rows that are not written yet.
    fn write<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), JournalError>>;
}

trait AnySlate: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn read<'a>(&'a mut self, tx: &'a mut Tx, ids: Vec<String>) -> BoxFuture<'a, Result<(), JournalError>>;
    fn owes(&self) -> bool;
    fn write<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), JournalError>>;
}

impl<S: Slate> AnySlate for S {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn read<'a>(&'a mut self, tx: &'a mut Tx, ids: Vec<String>) -> BoxFuture<'a, Result<(), JournalError>> {
        Slate::read(self, tx, ids)
    }

    fn owes(&self) -> bool {
        Slate::owes(self)
    }

    fn write<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), JournalError>> {
        Slate::write(self, tx)
    }
}

/// The slates of a group, in the order in which they were first asked for.
#[derive(Default)]
pub(crate) struct Slates(Vec<(TypeId, Box<dyn AnySlate>)>);

impl Slates {
    pub fn of<S: Slate>(&mut self) -> &mut S {
        let place = self.place(TypeId::of::<S>(), || Box::new(S::default()));
        self.0[place].1.as_any().downcast_mut().expect("a slate is found by its type")
    }

    pub fn owe(&self) -> bool {
        self.0.iter().any(|(_, slate)| slate.owes())
    }

    pub async fn write(&mut self, tx: &mut Tx) -> Result<(), JournalError> {
        for (_, slate) in self.0.iter_mut().filter(|(_, slate)| slate.owes()) {
            slate.write(tx).await?;
        }
        Ok(())
    }

    pub async fn read(&mut self, tx: &mut Tx, wanted: Vec<Wanted>) -> Result<(), JournalError> {
        for Wanted { slate, make, ids } in wanted {
            let place = self.place(slate, make);
            self.0[place].1.read(tx, ids.into_iter().collect()).await?;
        }
        Ok(())
    }

    fn place(&mut self, slate: TypeId, make: impl FnOnce() -> Box<dyn AnySlate>) -> usize {
        self.0.iter().position(|(other, _)| *other == slate).unwrap_or_else(|| {
            self.0.push((slate, make()));
            self.0.len() - 1
        })
    }
}

/// What the commands of a group are going to need.
#[derive(Default)]
pub struct Ahead {
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) subjects: BTreeSet<String>,
    /// Scopes and keys.
    pub(crate) keys: BTreeSet<(String, String)>,
}

pub(crate) struct Wanted {
    slate: TypeId,
    make: fn() -> Box<dyn AnySlate>,
    ids: BTreeSet<String>,
}

impl Ahead {
    /// An aggregate that is going to be loaded from this slate.
    pub fn want<S: Slate>(&mut self, id: String) {
        let slate = TypeId::of::<S>();
        match self.wanted.iter_mut().find(|wanted| wanted.slate == slate) {
            Some(wanted) => drop(wanted.ids.insert(id)),
            None => self.wanted.push(Wanted { slate, make: || Box::new(S::default()), ids: [id].into() }),
        }
    }

    /// A subject whose values are going to be sealed.
    pub fn seal_for(&mut self, subject: &str) {
        self.subjects.insert(subject.to_owned());
    }
}
