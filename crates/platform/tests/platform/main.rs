//! The platform at its boundaries.

mod file;
mod live;
mod notices;
mod scope;
mod session;
