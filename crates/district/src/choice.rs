//! Words a cell may hold.

/// Declares an enum whose variants are written as fixed words in a profile's files.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word it is written as.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl $crate::choice::Choice for $name {
            fn all() -> &'static [$name] {
                $name::ALL
            }

            fn word(self) -> &'static str {
                $name::word(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::choice::NotAWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::choice::of_word(text).ok_or($crate::choice::NotAWord)
            }
        }
    };
}

pub(crate) use choice;

/// An enum written as fixed words.
pub(crate) trait Choice: Copy + 'static {
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;
}

pub(crate) fn of_word<C: Choice>(word: &str) -> Option<C> {
    C::all().iter().copied().find(|choice| choice.word() == word)
}

/// The text is none of the words the choice knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the words known here")]
pub struct NotAWord;
