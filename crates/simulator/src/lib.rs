//! A district on a simulated clock, and the ground it stands on.

pub mod territory;
