//! The rows that were not taken in, as they came, each with its reason: to be mended and read again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::Path;

use district::requests::Row;
use kernel::Refusal;
use kernel::text::Language;
use store::Faults;

use super::ImportRefusal;

/// Columns that follow the file's own.
const REASON: [&str; 5] = ["_row", "_column", "_code", "_reason_zh", "_reason_en"];

pub struct Rejects {
    writer: csv::Writer<File>,
    faults: Faults,
}

impl Rejects {
    /// Opens the file, keeping its first `keep` bytes; a file that is shorter, or none, begins with the header.
    pub fn open(path: &Path, header: &[String], keep: u64, faults: Faults) -> io::Result<Rejects> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        faults.step("cut rejects").map_err(io::Error::other)?;
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).read(true).open(path)?;
        let kept = if file.metadata()?.len() >= keep { keep } else { 0 };
        file.set_len(kept)?;
        file.seek(SeekFrom::End(0))?;
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
        if kept == 0 {
            writer.write_record(header.iter().map(String::as_str).chain(REASON))?;
        }
        Ok(Rejects { writer, faults })
    }

    pub fn add(&mut self, row: &Row, width: usize, why: &ImportRefusal) -> io::Result<()> {
        let refusal = Refusal::from(why);
        let mut cells: Vec<String> = row.cells.iter().map(|cell| harmless(cell)).collect();
        cells.resize(width, String::new());
        cells.push(row.number.to_string());
        cells.push(why.column().unwrap_or_default().to_owned());
        cells.push(refusal.code.to_owned());
        cells.extend([Language::Chinese, Language::English].map(|language| harmless(&refusal.message(language))));
        Ok(self.writer.write_record(cells)?)
    }

    /// Writes everything down durably and says how long the file is.
    pub fn settle(&mut self) -> io::Result<u64> {
        self.faults.step("write rejects").map_err(io::Error::other)?;
        self.writer.flush()?;
        let mut file = self.writer.get_ref();
        self.faults.step("flush rejects").map_err(io::Error::other)?;
        file.sync_all()?;
        file.stream_position()
    }
}

/// A cell that a spreadsheet program would run as a formula is shown as text instead; numbers are left alone.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_shown_and_numbers_kept() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless("-71.05"), "-71.05");
        assert_eq!(harmless("-cmd"), "'-cmd");
        assert_eq!(harmless("High St"), "High St");
    }
}
