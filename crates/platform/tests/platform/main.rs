//! The platform at its boundaries.

mod live;
mod scope;
mod session;
