//! What of a profile cannot be read off requests: rules, roles, hours, holidays. It stands in a folder of ordinary profile
//! files, the base, and is taken over as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kernel::{Calendar, CalendarError, CalendarPlan, HolidayList, Opening};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is not understood: {cause}", path.display())]
    Parse { path: PathBuf, cause: String },
    #[error("no calendar can be made of {}", path.display())]
    Calendar { path: PathBuf, source: CalendarError },
}

/// A folder to take profile files from.
pub struct Base(pub PathBuf);

/// A folder to write profile files to.
pub struct Out(pub PathBuf);

/// What `calendar.toml` says.
#[derive(Deserialize)]
struct Hours {
    last_day_off_moves: bool,
    working_day_hours: Option<u16>,
    #[serde(default)]
    make_up: Vec<Opening>,
    #[serde(default)]
    week: std::collections::BTreeMap<String, Vec<Opening>>,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Base {
    /// The base's calendar in `zone`.
    pub fn calendar(&self, zone: &str) -> Result<Calendar, BaseError> {
        let path = self.0.join("calendar.toml");
        let hours: Hours = parse(&path, |text| toml::from_str(text).map_err(|error| error.to_string()))?;
        let week = DAYS.map(|day| hours.week.get(day).cloned().unwrap_or_default());
        let mut plan = CalendarPlan::new(zone, week, hours.make_up);
        plan.rules.last_day_off_moves = hours.last_day_off_moves;
        plan.rules.working_day_in_hours = hours.working_day_hours;
        for file in self.files("calendar")? {
            let year: HolidayList = parse(&file, |text| serde_json::from_str(text).map_err(|error| error.to_string()))?;
            plan.add(&year);
        }
        Calendar::build(plan).map_err(|source| BaseError::Calendar { path, source })
    }

    /// `district.toml` with the bounds found.
    pub fn district(&self, bounds: Option<[f64; 4]>) -> Result<String, BaseError> {
        let path = self.0.join("district.toml");
        let mut table: toml::Table = parse(&path, |text| toml::from_str(text).map_err(|error| error.to_string()))?;
        if let Some(bounds) = bounds {
            table.insert("bounds".to_owned(), toml::Value::from(bounds.to_vec()));
        }
        toml::to_string(&table).map_err(|error| BaseError::Parse { path, cause: error.to_string() })
    }

    /// The rows of a CSV file of the base; none when it has no such file.
    pub fn rows<R: DeserializeOwned>(&self, file: &str) -> Result<Vec<R>, BaseError> {
        let path = self.0.join(file);
        if !path.exists() {
            return Ok(Vec::new());
        }
        parse(&path, |text| {
            let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect::<Result<_, _>>();
            rows.map_err(|error| error.to_string())
        })
    }

    /// Takes every file over that no step of the deriving writes itself.
    pub fn copy_to(&self, out: &Out) -> Result<(), BaseError> {
        for folder in ["", "calendar", "areas"] {
            for file in self.files(folder)? {
                let name = file.strip_prefix(&self.0).unwrap_or(&file).to_owned();
                let text =
                    fs::read_to_string(&file).map_err(|source| BaseError::Read { path: file.clone(), source })?;
                out.write(&name.to_string_lossy(), &text)?;
            }
        }
        Ok(())
    }

    /// Files directly in a folder of the base, by name.
    fn files(&self, folder: &str) -> Result<Vec<PathBuf>, BaseError> {
        let path = self.0.join(folder);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let fault = |source| BaseError::Read { path: path.clone(), source };
        let entries = fs::read_dir(&path).map_err(fault)?.collect::<Result<Vec<_>, _>>().map_err(fault)?;
        let mut files: Vec<PathBuf> =
            entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        Ok(files)
    }
}

fn parse<T>(path: &Path, read: impl Fn(&str) -> Result<T, String>) -> Result<T, BaseError> {
    let text = fs::read_to_string(path).map_err(|source| BaseError::Read { path: path.to_owned(), source })?;
    read(&text).map_err(|cause| BaseError::Parse { path: path.to_owned(), cause })
}

impl Out {
    pub fn write(&self, file: &str, text: &str) -> Result<(), BaseError> {
        let path = self.0.join(file);
        let fault = |source| BaseError::Write { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(fault)?;
        }
        fs::write(&path, text).map_err(fault)
    }

    /// Writes a CSV file: the base's rows first, then those found.
    pub fn table<R: Serialize>(&self, file: &str, rows: impl IntoIterator<Item = R>) -> Result<(), BaseError> {
        let path = self.0.join(file);
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fault = |error: csv::Error| BaseError::Parse { path: path.clone(), cause: error.to_string() };
        for row in rows {
            writer.serialize(row).map_err(fault)?;
        }
        let text = writer.into_inner().map_err(|error| fault(error.into_error().into()))?;
        self.write(file, &String::from_utf8_lossy(&text))
    }

    /// Writes a FeatureCollection, one feature a line.
    pub fn features(&self, file: &str, features: &[String]) -> Result<(), BaseError> {
        self.write(file, &format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n")))
    }
}
