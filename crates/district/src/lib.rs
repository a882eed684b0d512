//! district
