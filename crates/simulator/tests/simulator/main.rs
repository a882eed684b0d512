//! Small runs of the tiny district, on both stores.

mod district;
mod faults;
mod lists;
mod planted;
mod rules;
mod runs;
mod trials;
