//! The platform at its boundaries.

mod accounts;
mod client;
mod factor;
mod file;
mod live;
mod notices;
mod password;
mod scope;
mod session;
mod world;
