//! The binary from outside: commands on a district that is served.

mod bench;
mod district;
mod faults;
mod import;
mod metrics;
mod postgres;
mod proofs;
mod sites;
mod source;
mod telemetry;
mod upgrade;
