//! A row as one line of JSON, exact for every value of either store.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value as Json;
use store::Value;
use store::copy::{Kind, Table};

/// Integers as numbers, text as text, bytes in base64, reals as the 16 hexadecimal digits of their bits.
pub(super) fn write(row: Vec<Value>) -> Vec<u8> {
    let cell = |value| match value {
        Value::Integer(value) => value.map(Json::from),
        Value::Real(value) => value.map(|value| Json::from(format!("{:016x}", value.to_bits()))),
        Value::Text(value) => value.map(|text| Json::from(text.into_owned())),
        Value::Bytes(value) => value.map(|bytes| Json::from(BASE64_STANDARD.encode(bytes))),
    };
    let cells: Vec<Json> = row.into_iter().map(|value| cell(value).unwrap_or(Json::Null)).collect();
    let mut line = serde_json::to_vec(&cells).expect("JSON values can always be written");
    line.push(b'\n');
    line
}

pub(super) fn read(line: &str, table: &Table) -> Result<Vec<Value>, String> {
    let cells: Vec<Json> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if cells.len() != table.columns.len() {
        return Err(format!("{} values for {} columns", cells.len(), table.columns.len()));
    }
    let columns = cells.into_iter().zip(&table.columns);
    columns.map(|(cell, (name, kind))| value(cell, *kind).ok_or_else(|| format!("the value of {name}"))).collect()
}

fn value(cell: Json, kind: Kind) -> Option<Value> {
    Some(match (kind, cell) {
        (Kind::Integer, Json::Null) => Value::Integer(None),
        (Kind::Real, Json::Null) => Value::Real(None),
        (Kind::Text, Json::Null) => Value::Text(None),
        (Kind::Bytes, Json::Null) => Value::Bytes(None),
        (Kind::Integer, Json::Number(number)) => Value::Integer(Some(number.as_i64()?)),
        (Kind::Real, Json::String(digits)) => Value::Real(Some(f64::from_bits(u64::from_str_radix(&digits, 16).ok()?))),
        (Kind::Text, Json::String(text)) => Value::Text(Some(text.into())),
        (Kind::Bytes, Json::String(text)) => Value::Bytes(Some(BASE64_STANDARD.decode(text).ok()?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_is_read_as_it_was_written(
            integer in any::<Option<i64>>(),
            bits in any::<Option<u64>>(),
            text in any::<Option<String>>(),
            bytes in any::<Option<Vec<u8>>>(),
        ) {
            let kinds = [Kind::Integer, Kind::Real, Kind::Text, Kind::Bytes];
            let columns = kinds.into_iter().map(|kind| (format!("{kind:?}"), kind)).collect();
            let table = Table { name: "t".into(), columns };
            let row = [
                Value::Integer(integer),
                Value::Real(bits.map(f64::from_bits)),
                Value::Text(text.map(Into::into)),
                Value::Bytes(bytes),
            ];
            let line = write(row.to_vec());
            let read = read(std::str::from_utf8(&line).unwrap(), &table).unwrap();
            // By their lines, because a number that is none differs from itself.
            prop_assert_eq!(write(read), line);
        }
    }

    #[test]
    fn a_line_of_another_shape_is_refused() {
        let table = Table { name: "t".into(), columns: vec![("a".into(), Kind::Integer)] };
        for line in ["", "[]", "[1,2]", "[\"1\"]", "[1.5]", "{}", "[9223372036854775808]"] {
            assert!(read(line, &table).is_err(), "{line}");
        }
    }
}
