//! The platform at its boundaries.

mod file;
mod live;
mod scope;
mod session;
