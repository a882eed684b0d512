//! The platform at its boundaries.

mod scope;
mod session;
