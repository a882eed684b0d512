//! Reading one line's cells.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Limit;

use crate::choice::{Choice, of_word};
use crate::fault::{Fault, Faults, codes};
use crate::name::{Name, Period};
use crate::read::{Row, Table};

/// Periods seen of each code, with their lines.
pub(super) type Versions = HashMap<String, Vec<(Period, u64)>>;

/// One line of a table, and where its faults go.
pub(super) struct Line<'a> {
    file: &'static str,
    pub line: u64,
    faults: &'a mut Faults,
}

impl<'a> Line<'a> {
    pub fn of<R>(table: &Table<R>, row: &Row<R>, faults: &'a mut Faults) -> Line<'a> {
        Line { file: table.file, line: row.line, faults }
    }

    pub fn fault(&mut self, field: &str, code: &'static str, values: &[(&'static str, &dyn ToString)]) {
        let fault = Fault::new(self.file, self.line, field, code);
        self.faults.add(values.iter().fold(fault, |fault, (name, value)| fault.with(name, value.to_string())));
    }

    /// The cell's text, which may not be empty.
    pub fn filled(&mut self, field: &str, cell: &str) -> String {
        if cell.trim().is_empty() {
            self.fault(field, codes::VALUE_EMPTY, &[]);
        }
        cell.trim().to_owned()
    }

    pub fn name(&mut self, zh: &str, en: &str) -> Name {
        self.filled("name_zh", zh);
        self.filled("name_en", en);
        Name::new(zh, en)
    }

    pub fn choice<C: Choice>(&mut self, field: &str, cell: &str) -> Option<C> {
        let found = of_word(cell.trim());
        if found.is_none() {
            let allowed = C::all().iter().map(|choice| choice.word()).collect::<Vec<_>>().join(", ");
            self.fault(field, codes::VALUE_NOT_ALLOWED, &[("value", &cell), ("allowed", &allowed)]);
        }
        found
    }

    pub fn yes(&mut self, field: &str, cell: &str) -> bool {
        match cell.trim() {
            "yes" => true,
            "no" => false,
            other => {
                self.fault(field, codes::VALUE_NOT_ALLOWED, &[("value", &other), ("allowed", &"yes, no")]);
                false
            }
        }
    }

    /// A number from `least` to `most`.
    pub fn number(&mut self, field: &str, cell: &str, least: f64, most: f64) -> Option<f64> {
        let Ok(number) = cell.trim().parse::<f64>() else {
            self.fault(field, codes::VALUE_NOT_A_NUMBER, &[("value", &cell)]);
            return None;
        };
        if !(least..=most).contains(&number) {
            self.fault(field, codes::VALUE_OUT_OF_RANGE, &[("value", &number), ("least", &least), ("most", &most)]);
            return None;
        }
        Some(number)
    }

    pub fn date(&mut self, field: &str, cell: &str) -> Option<Date> {
        if cell.trim().is_empty() {
            return None;
        }
        let date = cell.trim().parse().ok().filter(|_| cell.trim().len() == "YYYY-MM-DD".len());
        if date.is_none() {
            self.fault(field, codes::VALUE_NOT_A_DATE, &[("value", &cell)]);
        }
        date
    }

    pub fn period(&mut self, from: &str, until: &str, zone: &TimeZone) -> Period {
        let (from, until) = (self.date("valid_from", from), self.date("valid_until", until));
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            self.fault("valid_until", codes::PERIOD_EMPTY, &[("from", &from), ("until", &until)]);
        }
        Period::of_days(from, until, zone)
    }

    /// Minutes after midnight of `HH:MM`.
    pub fn time(&mut self, field: &str, cell: &str) -> Option<u16> {
        let minutes = cell.trim().split_once(':').and_then(|(hour, minute)| {
            let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let (hour, minute) = (two_digits(hour).then_some(hour)?, two_digits(minute).then_some(minute)?);
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        });
        if minutes.is_none() {
            self.fault(field, codes::VALUE_NOT_A_TIME, &[("value", &cell)]);
        }
        minutes
    }

    pub fn limit(&mut self, amount: &str, unit: &str) -> Option<Limit> {
        match Limit::from_columns(amount, unit) {
            Ok(limit) => Some(limit),
            Err(error) => {
                let field = if matches!(error, kernel::LimitError::Unit(_)) { "unit" } else { "amount" };
                let value = format!("{amount} {unit}");
                self.fault(field, codes::VALUE_NOT_A_LIMIT, &[("value", &value), ("cause", &error)]);
                None
            }
        }
    }

    /// The cell's text, if any; a fault when it is not `known`.
    pub fn reference(&mut self, field: &str, cell: &str, known: bool, code: &'static str) -> Option<String> {
        let cell = cell.trim();
        if cell.is_empty() {
            return None;
        }
        if !known {
            self.fault(field, code, &[("value", &cell)]);
        }
        Some(cell.to_owned())
    }

    /// Registers the line's key; a fault when it is empty or another line has it.
    pub fn unique(&mut self, field: &str, key: &str, seen: &mut HashMap<String, u64>) -> bool {
        let key = self.filled(field, key);
        if key.is_empty() {
            return false;
        }
        if let Some(first) = seen.get(&key) {
            self.fault(field, codes::DUPLICATE, &[("value", &key), ("first", first)]);
            return false;
        }
        seen.insert(key, self.line);
        true
    }

    /// Registers a version of a code; a fault when its period overlaps that of another line.
    pub fn version(&mut self, code: &str, period: Period, seen: &mut Versions) -> bool {
        self.version_of("code", code, period, seen)
    }

    pub fn version_of(&mut self, field: &str, code: &str, period: Period, seen: &mut Versions) -> bool {
        let code = self.filled(field, code);
        let versions = seen.entry(code.clone()).or_default();
        let clash = versions.iter().find(|(other, _)| other.overlaps(&period)).copied();
        versions.push((period, self.line));
        let Some((other, first)) = clash else { return true };
        let reason = if other == period { codes::DUPLICATE } else { codes::VERSIONS_OVERLAP };
        self.fault(field, reason, &[("value", &code), ("first", &first)]);
        false
    }
}
