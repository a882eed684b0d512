//! A workbook looked over before it is read. A few kilobytes of it can unpack to gigabytes, claim as many texts as there are
//! numbers, or one cell without an end; the crate that reads workbooks would believe them. So everything in it is unpacked once
//! and counted, and only a workbook that can be borne is given to it.

use std::io::{BufReader, Read, Seek};

use calamine::XlsxError;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::bound::{Bounded, Bounds};
use super::{Excess, LONGEST_ROW};

/// What the texts, formats and names of a workbook may take in memory; the cells of its sheets are never held all at once.
const KEPT: u64 = 256 * 1024 * 1024;
/// Counted for a text, and for whatever else is an element: as much as a font or a format takes.
const TEXT: u64 = 64;
const ELEMENT: u64 = 256;
/// Texts a workbook may announce.
const MOST_TEXTS: u64 = 4_000_000;
const DEEPEST: usize = 64;

/// Why a workbook is not read.
pub(super) enum Refused {
    Excess(Excess),
    Workbook(XlsxError),
}

impl<E: Into<XlsxError>> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused::Workbook(error.into())
    }
}

/// `length` is that of the packed file, in bytes.
pub(super) fn look_over(file: impl Read + Seek, length: u64) -> Result<(), Refused> {
    let mut parts = ZipArchive::new(file)?;
    let bounds = Bounds::default();
    bounds.unpack_from(length);
    let mut kept = KEPT;
    for place in 0..parts.len() {
        let part = parts.by_index(place)?;
        // Nothing else is ever opened: no relationship leads to another kind of file.
        let name = part.name()?.to_ascii_lowercase();
        if name.ends_with(".xml") || name.ends_with(".rels") {
            look_over_part(part, &bounds, &mut kept)?;
        }
    }
    Ok(())
}

/// An open element.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Row,
    Cell,
    InCell,
    Other,
}

fn look_over_part(part: impl Read, bounds: &Bounds, kept: &mut u64) -> Result<(), Refused> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(Bounded::new(part, bounds)));
    // As the workbook's reader has it, except that an end must be that of its beginning: otherwise what is within a cell here
    // might not be there.
    let config = reader.config_mut();
    config.check_end_names = true;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let mut buffer = Vec::new();
    loop {
        let goes_by = matches!(open.last(), Some(Open::Cell | Open::InCell));
        // Of a cell everything is held until its end.
        if !open.contains(&Open::Cell) {
            bounds.stretch.set(LONGEST_ROW as u64);
        }
        buffer.clear();
        let began = reader.buffer_position();
        let read = reader.read_event_into(&mut buffer);
        let event = match read {
            Ok(event) => event,
            Err(_) if bounds.total.get() == 0 => return Err(Refused::Excess(Excess::Unpacked)),
            Err(_) if bounds.stretch.get() == 0 => return Err(Refused::Excess(Excess::Cell)),
            Err(error) => return Err(error.into()),
        };
        let length = reader.buffer_position().saturating_sub(began);
        let held = match &event {
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(Refused::Excess(Excess::Declares)),
            Event::Start(start) => {
                sound(start)?;
                let name = start.local_name();
                let element = opened(name.as_ref(), open.last().copied());
                if open.len() >= DEEPEST {
                    return Err(Refused::Excess(Excess::Depth));
                }
                open.push(element);
                match (element, name.as_ref()) {
                    (Open::Row | Open::Cell | Open::InCell, _) => 0,
                    (Open::Other, "si" | "t" | "r") => length + TEXT,
                    (Open::Other, _) => length + ELEMENT,
                }
            }
            Event::End(_) => {
                open.pop();
                0
            }
            _ if goes_by => 0,
            _ => length,
        };
        *kept = kept.checked_sub(held).ok_or(Refused::Excess(Excess::Kept))?;
    }
}

/// Only what lies in a row's cell, as cells are written, goes by without being kept.
fn opened(name: &str, around: Option<Open>) -> Open {
    match (name, around) {
        ("row", _) => Open::Row,
        ("c", Some(Open::Row)) => Open::Cell,
        ("v" | "f" | "is" | "t" | "r", Some(Open::Cell | Open::InCell)) => Open::InCell,
        _ => Open::Other,
    }
}

/// Attributes that the workbook's reader counts with are numbers that can be counted with.
fn sound(start: &BytesStart<'_>) -> Result<(), Refused> {
    let odd = |what| Err(Refused::Workbook(XlsxError::Unexpected(what)));
    let (name, mut leads_to_part, mut is_xml) = (start.local_name(), false, false);
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|_| Refused::Workbook(XlsxError::Unexpected("attributes as XML has them")))?;
        let value = attribute.value.as_ref();
        match (name.as_ref(), attribute.key.local_name().as_ref()) {
            ("row", "r") | ("c", "r") if reference(value).is_none() => return odd("a row or cell as sheets have them"),
            ("dimension", "ref") if !is_range(value) => return odd("the dimension of a sheet"),
            ("sst", "uniqueCount") if value.trim().parse::<u64>().is_ok_and(|count| count > MOST_TEXTS) => {
                return Err(Refused::Excess(Excess::Kept));
            }
            ("sst", "uniqueCount") if value.trim().parse::<u64>().is_err() => return odd("a number of texts"),
            ("Relationship", "Type") => {
                let kind = value.rsplit('/').next().unwrap_or(value);
                leads_to_part = matches!(kind, "officeDocument" | "worksheet" | "chartsheet" | "dialogsheet");
            }
            ("Relationship", "Target") => is_xml = value.to_ascii_lowercase().ends_with(".xml"),
            _ => {}
        }
    }
    if leads_to_part && !is_xml { odd("a part of the workbook in XML") } else { Ok(()) }
}

/// `A1` or `1` as row and column, where the sheet of a spreadsheet program could have it.
fn reference(text: &str) -> Option<(u32, u32)> {
    let at = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = text.split_at(at);
    let is_row = (1..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let place = |column, letter: u8| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1;
    (is_row && letters.len() <= 3).then(|| Some((digits.parse().ok()?, letters.bytes().fold(0, place))))?
}

fn is_range(text: &str) -> bool {
    let places: Option<Vec<_>> = text.split(':').map(reference).collect();
    match places.as_deref() {
        Some([_]) => true,
        Some([(top, left), (bottom, right)]) => top <= bottom && left <= right,
        _ => false,
    }
}
