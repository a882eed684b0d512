//! The platform at its boundaries.

mod accounts;
mod audit;
mod client;
mod deliveries;
mod device;
mod erased;
mod factor;
mod file;
mod live;
mod notices;
mod password;
mod resident;
mod scope;
mod session;
mod webhooks;
mod world;
