//! Areas: the tree of levels and the layers beside it.

use serde::Serialize;

use crate::name::{Name, Period};

/// A level of the tree, from the whole (0) down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    pub key: String,
    pub name: Name,
}

/// Areas beside the tree, such as dedicated grids or wards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    pub key: String,
    pub name: Name,
    /// Whether areas of the layer may overlap each other.
    pub overlaps: bool,
}

/// Where an area belongs: places in `Territory::levels` or `Territory::layers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    Level(usize),
    Layer(usize),
}

/// One version of an area.
#[derive(Clone, Debug)]
pub struct Area {
    pub code: String,
    /// One level above; for an area of a layer the tree area it lies in, if one is named.
    pub parent: Option<String>,
    pub rank: Rank,
    pub name: Name,
    pub period: Period,
    pub source: String,
}
