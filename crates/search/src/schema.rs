//! The fields of the index. Nothing is stored and no positions are kept: a hit is a key, and what is shown of it is read where
//! it is kept.

use serde::Serialize;
use tantivy::schema::{Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};

use platform::Sensitivity;

/// Of fields and of how texts become words: an index of another version is made anew.
pub(crate) const VERSION: u32 = 2;

/// A part of a document in which a word can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Number,
    /// What the matter and the areas are called.
    Title,
    /// The same by its sound.
    TitleSound,
    /// What people wrote.
    Words,
    Address,
    Name,
    Phone,
    /// Address and name by their sound.
    PrivateSound,
}

impl Part {
    pub const ALL: [Part; 8] = [
        Part::Number,
        Part::Title,
        Part::TitleSound,
        Part::Words,
        Part::Address,
        Part::Name,
        Part::Phone,
        Part::PrivateSound,
    ];

    /// What a post must be allowed to see for a word in this part to count.
    pub fn sensitivity(self) -> Sensitivity {
        match self {
            Part::Number | Part::Title | Part::TitleSound => Sensitivity::Public,
            Part::Words => Sensitivity::Internal,
            Part::Address | Part::Name | Part::Phone | Part::PrivateSound => Sensitivity::Personal,
        }
    }

    pub fn is_sound(self) -> bool {
        matches!(self, Part::TitleSound | Part::PrivateSound)
    }

    fn field_name(self) -> &'static str {
        match self {
            Part::Number => "number",
            Part::Title => "title",
            Part::TitleSound => "title_sound",
            Part::Words => "words",
            Part::Address => "address",
            Part::Name => "name",
            Part::Phone => "phone",
            Part::PrivateSound => "private_sound",
        }
    }
}

/// The fast field that says which aggregate a document is of.
pub(crate) const KEY: &str = "key";

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Position of the aggregate's first fact: small, dense, and it never changes.
    pub key: Field,
    pub kind: Field,
    pub author: Field,
    pub organization: Field,
    /// Each area a document lies in, as its path from the top, each code followed by `/`; and an empty one, for "has a place".
    pub area: Field,
    /// Whose values were read for a document, see [`subject_mark`].
    pub subject: Field,
    parts: [Field; Part::ALL.len()],
}

impl Fields {
    pub fn part(&self, part: Part) -> Field {
        self.parts[part as usize]
    }
}

pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    // Words come ready made, one value each.
    let terms = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let terms = TextOptions::default().set_indexing_options(terms);
    let key = builder.add_u64_field(KEY, NumericOptions::default().set_indexed().set_fast());
    let subject = builder.add_u64_field("subject", INDEXED);
    let mut text = |name: &str| builder.add_text_field(name, terms.clone());
    let fields = Fields {
        key,
        kind: text("kind"),
        author: text("author"),
        organization: text("organization"),
        area: text("area"),
        subject,
        parts: Part::ALL.map(|part| text(part.field_name())),
    };
    (builder.build(), fields)
}

/// 24 bits of a subject's name: enough to find what was read of a person who is erased. What another person of the same mark
/// left is merely read again.
pub(crate) fn subject_mark(subject: &str) -> u64 {
    let kernel::Digest(bytes) = kernel::Digest::of(&[subject.as_bytes()]);
    u64::from(u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]))
}
