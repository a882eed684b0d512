//! Identifiers that cannot be mixed up.

/// Declares a newtype over a UUID: `kernel::id!(CaseId);`. It is written and parsed as the UUID's hyphenated text.
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, $crate::__macro::serde::Serialize, $crate::__macro::serde::Deserialize)]
        #[serde(crate = "kernel::__macro::serde", transparent)]
        pub struct $name($crate::__macro::uuid::Uuid);

        impl $name {
            pub const fn from_uuid(uuid: $crate::__macro::uuid::Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> $crate::__macro::uuid::Uuid {
                self.0
            }

            pub fn draw(chance: &mut $crate::Chance) -> Self {
                Self(chance.uuid())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::__macro::uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    };
}
