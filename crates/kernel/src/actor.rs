//! Who acts.

use serde::{Deserialize, Serialize};

/// Who is answerable for a fact. Holds keys into the people and posts of the district, never a name or a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "as")]
pub enum Actor {
    /// Someone who acts for an organization: `post` is a post's key in the profile, `person` an account.
    Post { person: String, post: String },
    /// A resident or enterprise acting for itself; `subject` is the key its personal values are sealed under.
    Resident { subject: String },
    /// A program acting by a rule: `timekeeper`, `import`, `simulator`, the name of a connected system.
    System { name: String },
}

impl Actor {
    pub fn system(name: &str) -> Actor {
        Actor::System { name: name.to_owned() }
    }

    /// The key under which what it writes is sealed; a program has none.
    pub fn subject(&self) -> Option<String> {
        match self {
            Actor::Post { person, .. } => Some(format!("person/{person}")),
            Actor::Resident { subject } => Some(subject.clone()),
            Actor::System { .. } => None,
        }
    }
}
