//! A file of real requests, described by a map: what a profile is derived from and what is imported as cases.
//!
//! Nothing here knows a city. A **map** (TOML, `docs/IMPORT.md`) names the columns, the way times and places are written,
//! and the spellings of areas; the rest follows from the file.

mod map;
mod record;
mod sheet;

pub use map::{AreaColumn, Columns, LayerColumn, MapError, Naming, Place, RequestMap, Source};
pub use record::{Located, OnTime, Read, Reader, ReaderError, Request, RowFault};
pub use sheet::{Broken, Progress, Row, Sheet, SheetError};
