//! The binary from outside: commands on a district that is served.

mod district;
mod import;
mod proofs;
