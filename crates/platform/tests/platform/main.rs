//! The platform at its boundaries.

mod client;
mod file;
mod live;
mod notices;
mod scope;
mod session;
mod world;
