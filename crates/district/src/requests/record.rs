//! One request of the file, its texts turned into values once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use kernel::{Instant, Point, Refusal};

use super::sheet::{Broken, Progress, Row, Sheet, SheetError};
use super::{RequestMap, Source};

/// A request as the file records it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// 1 for the first row below the header.
    pub row: u64,
    /// The request's number at its source.
    pub id: String,
    pub opened: Instant,
    /// When it was to be done by.
    pub target: Option<Instant>,
    pub closed: Option<Instant>,
    pub on_time: Option<OnTime>,
    /// What was written on closing.
    pub closure: String,
    pub title: String,
    /// A group of matters.
    pub class: String,
    pub matter: String,
    pub department: String,
    /// The section of the department it lay with last.
    pub queue: String,
    pub address: String,
    pub located: Located,
    /// The recorded area by its one name; none where the file names none.
    pub area: Option<String>,
    /// The recorded area of each layer.
    pub layers: BTreeMap<String, String>,
    /// As facts name it.
    pub channel: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTime {
    OnTime,
    Overdue,
}

/// Where it is, as far as the file says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Located {
    At(Point),
    /// The file gave its fallback point, which stands for no place.
    Fallback,
    /// No coordinates.
    Nowhere,
}

impl Located {
    pub fn point(self) -> Option<Point> {
        match self {
            Located::At(point) => Some(point),
            Located::Fallback | Located::Nowhere => None,
        }
    }
}

/// Why a row is no request. `column` is the header's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("the row has {found} cells, the header {expected}")]
    Width { found: usize, expected: usize },
    #[error("the row is not UTF-8 text")]
    Encoding,
    #[error("a cell of the row is longer than 64 KiB, or the row than 1 MiB")]
    Length,
    #[error("{column} is empty")]
    Empty { column: String },
    #[error("{column} holds no time in a form the map names: {value}")]
    Time { column: String, value: String },
    #[error("{column} holds no coordinate: {value}")]
    Coordinate { column: String, value: String },
    #[error("{column} says neither on time nor overdue: {value}")]
    OnTime { column: String, value: String },
}

impl RowFault {
    /// The header's word for the cell at fault, where it is one cell.
    pub fn column(&self) -> Option<&str> {
        match self {
            RowFault::Width { .. } | RowFault::Encoding | RowFault::Length => None,
            RowFault::Empty { column }
            | RowFault::Time { column, .. }
            | RowFault::Coordinate { column, .. }
            | RowFault::OnTime { column, .. } => Some(column),
        }
    }

    /// For people, in both languages.
    pub fn refusal(&self) -> Refusal {
        let invalid = |code| Refusal::new(kernel::Kind::Invalid, code);
        match self {
            RowFault::Width { found, expected } => {
                invalid("import-row-width").with("found", found).with("expected", expected)
            }
            RowFault::Encoding => invalid("import-row-encoding"),
            RowFault::Length => invalid("import-row-length"),
            RowFault::Empty { column } => invalid("import-cell-empty").with("column", column),
            RowFault::Time { column, value } => invalid("import-cell-time").with("column", column).with("value", value),
            RowFault::Coordinate { column, value } => {
                invalid("import-cell-coordinate").with("column", column).with("value", value)
            }
            RowFault::OnTime { column, value } => {
                invalid("import-cell-on-time").with("column", column).with("value", value)
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error("the file has no column {column:?}; its header is: {header}")]
    Column { column: String, header: String },
}

/// The requests of a file, row by row.
pub struct Reader {
    sheet: Sheet,
    map: RequestMap,
    zone: TimeZone,
    at: Positions,
}

/// A row with what became of it.
pub struct Read {
    pub row: Row,
    pub request: Result<Request, RowFault>,
}

impl Reader {
    /// Opens `path` and finds the map's columns in its header.
    pub fn open(path: &Path, map: RequestMap) -> Result<Reader, ReaderError> {
        let sheet = Sheet::open(path)?;
        let at = Positions::find(&sheet.header, &map)?;
        let zone = map.source.zone();
        Ok(Reader { sheet, map, zone, at })
    }

    pub fn header(&self) -> &[String] {
        &self.sheet.header
    }

    pub fn request_map(&self) -> &RequestMap {
        &self.map
    }

    pub fn progress(&self) -> Arc<Progress> {
        self.sheet.progress.clone()
    }

    fn request(&self, row: &Row) -> Result<Request, RowFault> {
        match row.broken {
            Some(Broken::Width(found)) => return Err(RowFault::Width { found, expected: self.header().len() }),
            Some(Broken::Encoding) => return Err(RowFault::Encoding),
            Some(Broken::Length) => return Err(RowFault::Length),
            None => {}
        }
        let (cells, at) = (Cells { header: self.header(), row }, &self.at);
        let (source, zone) = (&self.map.source, &self.zone);
        let filled = |column| cells.filled(column).map(str::to_owned);
        let area = self.map.area.naming.name(cells.text(Some(at.area))).map(str::to_owned);
        let layer = |(name, column): (&String, &usize)| {
            Some((name.clone(), self.map.layers[name].name(cells.text(Some(*column)))?))
        };
        Ok(Request {
            row: row.number,
            id: filled(at.id)?,
            opened: cells.time(source, zone, at.opened, cells.filled(at.opened)?)?,
            target: cells.maybe_time(source, zone, at.target)?,
            closed: cells.maybe_time(source, zone, at.closed)?,
            on_time: cells.on_time(at.on_time)?,
            closure: cells.text(at.closure).to_owned(),
            title: cells.text(at.title).to_owned(),
            class: cells.text(at.class).to_owned(),
            matter: filled(at.matter)?,
            department: filled(at.department)?,
            queue: cells.text(at.queue).to_owned(),
            address: cells.text(at.address).to_owned(),
            located: cells.located(&self.map, at.longitude, at.latitude)?,
            area,
            layers: at.layers.iter().filter_map(layer).collect(),
            channel: self.map.channels.get(cells.text(at.channel)).cloned().unwrap_or_else(|| "import".to_owned()),
        })
    }
}

impl Iterator for Reader {
    type Item = Result<Read, SheetError>;
    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.sheet.next()? {
            Ok(row) => row,
            Err(fault) => return Some(Err(fault)),
        };
        let request = self.request(&row);
        Some(Ok(Read { row, request }))
    }
}

/// Where in a row each column of the map stands.
struct Positions {
    id: usize,
    opened: usize,
    matter: usize,
    department: usize,
    area: usize,
    target: Option<usize>,
    closed: Option<usize>,
    on_time: Option<usize>,
    closure: Option<usize>,
    title: Option<usize>,
    class: Option<usize>,
    queue: Option<usize>,
    address: Option<usize>,
    longitude: Option<usize>,
    latitude: Option<usize>,
    channel: Option<usize>,
    layers: BTreeMap<String, usize>,
}

impl Positions {
    fn find(header: &[String], map: &RequestMap) -> Result<Positions, ReaderError> {
        let find = |column: &str| {
            header
                .iter()
                .position(|word| word == column)
                .ok_or_else(|| ReaderError::Column { column: column.to_owned(), header: header.join(", ") })
        };
        let maybe = |column: &Option<String>| column.as_deref().map(find).transpose();
        let columns = &map.columns;
        let layer = |(name, layer): (&String, &super::LayerColumn)| Ok((name.clone(), find(&layer.column)?));
        Ok(Positions {
            id: find(&columns.id)?,
            opened: find(&columns.opened)?,
            matter: find(&columns.matter)?,
            department: find(&columns.department)?,
            area: find(&map.area.column)?,
            target: maybe(&columns.target)?,
            closed: maybe(&columns.closed)?,
            on_time: maybe(&columns.on_time)?,
            closure: maybe(&columns.closure)?,
            title: maybe(&columns.title)?,
            class: maybe(&columns.class)?,
            queue: maybe(&columns.queue)?,
            address: maybe(&columns.address)?,
            longitude: maybe(&columns.longitude)?,
            latitude: maybe(&columns.latitude)?,
            channel: maybe(&columns.channel)?,
            layers: map.layers.iter().map(layer).collect::<Result<_, ReaderError>>()?,
        })
    }
}

/// The cells of one row, by column.
struct Cells<'a> {
    header: &'a [String],
    row: &'a Row,
}

impl<'a> Cells<'a> {
    fn text(&self, column: Option<usize>) -> &'a str {
        column.map_or("", |column| self.row.cells[column].as_str())
    }

    fn word(&self, column: usize) -> String {
        self.header[column].clone()
    }

    fn filled(&self, column: usize) -> Result<&'a str, RowFault> {
        match self.text(Some(column)) {
            "" => Err(RowFault::Empty { column: self.word(column) }),
            text => Ok(text),
        }
    }

    fn time(&self, source: &Source, zone: &TimeZone, column: usize, text: &str) -> Result<Instant, RowFault> {
        let fault = || RowFault::Time { column: self.word(column), value: text.to_owned() };
        source.instant(zone, text).ok_or_else(fault)
    }

    fn maybe_time(&self, source: &Source, zone: &TimeZone, column: Option<usize>) -> Result<Option<Instant>, RowFault> {
        match (column, self.text(column)) {
            (None, _) | (_, "") => Ok(None),
            (Some(column), text) => self.time(source, zone, column, text).map(Some),
        }
    }

    fn on_time(&self, column: Option<usize>) -> Result<Option<OnTime>, RowFault> {
        let text = self.text(column);
        match (column, text.to_ascii_uppercase().as_str()) {
            (None, _) | (_, "") => Ok(None),
            (_, "ONTIME") => Ok(Some(OnTime::OnTime)),
            (_, "OVERDUE") => Ok(Some(OnTime::Overdue)),
            (Some(column), _) => Err(RowFault::OnTime { column: self.word(column), value: text.to_owned() }),
        }
    }

    fn located(
        &self,
        map: &RequestMap,
        longitude: Option<usize>,
        latitude: Option<usize>,
    ) -> Result<Located, RowFault> {
        let (Some(longitude), Some(latitude)) = (longitude, latitude) else { return Ok(Located::Nowhere) };
        if self.text(Some(longitude)).is_empty() && self.text(Some(latitude)).is_empty() {
            return Ok(Located::Nowhere);
        }
        let (x, y) = (self.degrees(longitude, 180.0)?, self.degrees(latitude, 90.0)?);
        if map.place.fallback.contains(&[x, y]) {
            return Ok(Located::Fallback);
        }
        let fault = |_| RowFault::Coordinate { column: self.word(longitude), value: format!("{x}, {y}") };
        Point::new(x, y).map(Located::At).map_err(fault)
    }

    fn degrees(&self, column: usize, limit: f64) -> Result<f64, RowFault> {
        let text = self.text(Some(column));
        let fault = || RowFault::Coordinate { column: self.word(column), value: text.to_owned() };
        text.parse::<f64>().ok().filter(|degrees| degrees.abs() <= limit).ok_or_else(fault)
    }
}
