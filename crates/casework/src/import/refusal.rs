//! Why a request is not taken in.

use district::requests::RowFault;
use kernel::{Kind, Refusal};

use crate::case::CaseRefusal;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImportRefusal {
    /// The row itself.
    #[error(transparent)]
    Row(#[from] RowFault),
    /// No matter of the profile has this code or name.
    #[error("no matter is called {word}")]
    UnknownMatter { word: String },
    /// No department of the profile has this code or name.
    #[error("no department is called {word}")]
    UnknownDepartment { word: String },
    /// Taken in before, from a row that said something else.
    #[error("taken in before with other content")]
    Changed,
    /// A rule of casework.
    #[error(transparent)]
    Case(#[from] CaseRefusal),
}

impl ImportRefusal {
    /// The header's word for the cell at fault, where it is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            ImportRefusal::Row(fault) => fault.column(),
            _ => None,
        }
    }
}

impl From<&ImportRefusal> for Refusal {
    fn from(why: &ImportRefusal) -> Refusal {
        match why {
            ImportRefusal::Row(fault) => fault.refusal(),
            ImportRefusal::UnknownMatter { word } => {
                Refusal::invalid("matter", "import-unknown-matter").with("word", word)
            }
            ImportRefusal::UnknownDepartment { word } => {
                Refusal::invalid("department", "import-unknown-department").with("word", word)
            }
            ImportRefusal::Changed => Refusal::new(Kind::Conflict, "import-changed"),
            ImportRefusal::Case(why) => why.into(),
        }
    }
}
