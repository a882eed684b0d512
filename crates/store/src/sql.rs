//! A statement with its values.

use std::borrow::Cow;
use std::fmt::Write as _;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr, SqlStr, Sqlite};

/// A value of a statement; nothing is a typed null, as PostgreSQL wants it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Integer(Option<i64>),
    Real(Option<f64>),
    Text(Option<Cow<'static, str>>),
    Bytes(Option<Vec<u8>>),
}

/// What can stand for a placeholder.
pub trait Bind {
    fn value(self) -> Value;
}

macro_rules! bind {
    ($($from:ty => $to:ident |$x:ident| $convert:expr;)*) => {$(
        impl Bind for $from {
            fn value(self) -> Value { let $x = self; Value::$to(Some($convert)) }
        }
        impl Bind for Option<$from> {
            fn value(self) -> Value { Value::$to(self.map(|$x| $convert)) }
        }
    )*};
}

bind! {
    i64 => Integer |x| x;
    i32 => Integer |x| i64::from(x);
    u32 => Integer |x| i64::from(x);
    bool => Integer |x| i64::from(x);
    f64 => Real |x| x;
    String => Text |x| Cow::Owned(x);
    &String => Text |x| Cow::Owned(x.clone());
    &str => Text |x| Cow::Owned(x.to_owned());
    Vec<u8> => Bytes |x| x;
    &[u8] => Bytes |x| x.to_vec();
    [u8; 32] => Bytes |x| x.to_vec();
}

impl Bind for Value {
    fn value(self) -> Value {
        self
    }
}

/// A statement and its values, ready for either store.
#[derive(Clone, Debug)]
pub struct Sql {
    text: SqlStr,
    /// Of a statement over many rows: where in the text they stand, how many and how wide.
    rows: Option<Rows>,
    values: Vec<Value>,
    cached: bool,
    replanned: bool,
}

#[derive(Clone, Copy, Debug)]
struct Rows {
    place: usize,
    count: usize,
    columns: usize,
}

/// A statement written in the program: `sql("select … where id = $1").bind(id)`. It is prepared once a connection.
pub fn sql(text: &'static str) -> Sql {
    Sql { text: text.into_sql_str(), rows: None, values: Vec::new(), cached: true, replanned: false }
}

impl Sql {
    /// A statement put together at run time from fixed pieces (never from what a person typed) and placeholders.
    pub fn composed(text: String) -> Sql {
        Sql { text: AssertSqlSafe(text).into_sql_str(), rows: None, values: Vec::new(), cached: true, replanned: false }
    }

    /// Not kept prepared: for texts that hardly return.
    pub fn uncached(mut self) -> Sql {
        self.cached = false;
        self
    }

    /// Planned anew by PostgreSQL each time: for the end of a table that grows. A plan that is kept stays that of the small
    /// table it was made for, and reads all of the large one, until the server next counts the rows.
    pub fn replanned(mut self) -> Sql {
        self.replanned = true;
        self
    }

    pub fn bind(mut self, value: impl Bind) -> Sql {
        self.values.push(value.value());
        self
    }

    pub fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Sql {
        self.values.extend(values);
        self
    }

    /// `head` followed by one parenthesized tuple of placeholders a row, `tail` after them; no other placeholders. Rows come in
    /// few blocks of sizes that repeat, so that few statements are run and few texts have to be prepared.
    pub fn insert_rows(head: &str, columns: usize, rows: Vec<Vec<Value>>, tail: &str) -> Vec<Sql> {
        const SIZES: [usize; 17] = [256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 5, 4, 3, 2, 1];
        Sql::blocks(&SIZES, head, columns, rows, tail)
    }

    /// As [`Sql::insert_rows`], where a row may stand there more than once: the last fills a block up, so that there is one for
    /// 256 rows.
    pub(crate) fn filled_rows(head: &str, columns: usize, mut rows: Vec<Vec<Value>>, tail: &str) -> Vec<Sql> {
        const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];
        let rest = rows.len() % SIZES[0];
        if let (1.., Some(last)) = (rest, rows.last().cloned()) {
            rows.resize(rows.len() - rest + rest.next_power_of_two(), last);
        }
        Sql::blocks(&SIZES, head, columns, rows, tail)
    }

    fn blocks(sizes: &[usize], head: &str, columns: usize, rows: Vec<Vec<Value>>, tail: &str) -> Vec<Sql> {
        let mut statements = Vec::new();
        let text = AssertSqlSafe(format!("{head} {tail}")).into_sql_str();
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let count = sizes.iter().copied().find(|size| *size <= rows.len()).unwrap_or(1);
            let mut values = Vec::with_capacity(count * columns);
            values.extend(rows.by_ref().take(count).flatten());
            let rows = Some(Rows { place: head.len(), count, columns });
            statements.push(Sql { text: text.clone(), rows, values, cached: true, replanned: false });
        }
        statements
    }

    /// The statement without the placeholders of its rows.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// With numbered placeholders, or with nameless ones: SQLite looks a name up along a list, which is slow where there are
    /// thousands.
    fn whole(&self, numbered: bool) -> SqlStr {
        let Some(Rows { place, count, columns }) = self.rows else { return self.text.clone() };
        let (head, tail) = self.text().split_at(place);
        let mut text = String::with_capacity(head.len() + tail.len() + count * columns * 7);
        text.push_str(head);
        let mut next = 0;
        for row in 0..count {
            text.push_str(if row == 0 { " (" } else { ", (" });
            for column in 0..columns {
                next += 1;
                text.push_str(if column == 0 { "" } else { ", " });
                match numbered {
                    true => write!(text, "${next}").expect("text can always be added to"),
                    false => text.push('?'),
                }
            }
            text.push(')');
        }
        text.push_str(tail);
        AssertSqlSafe(text).into_sql_str()
    }

    pub(crate) fn for_sqlite(self) -> Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
        let mut query = sqlx::query::<Sqlite>(self.whole(false)).persistent(self.cached);
        for value in self.values {
            query = match value {
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value.map(Cow::into_owned)),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }

    pub(crate) fn for_postgres(self) -> Query<'static, Postgres, PgArguments> {
        let mut query = sqlx::query::<Postgres>(self.whole(true)).persistent(self.cached && !self.replanned);
        for value in self.values {
            query = match value {
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value.map(Cow::into_owned)),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_blocks_that_repeat() {
        let rows = |count: i64| (0..count).map(|n| vec![n.value(), "x".value()]).collect();
        let sizes = |statements: &[Sql]| statements.iter().map(|s| s.values.len() / 2).collect::<Vec<_>>();
        let statements = Sql::insert_rows("insert into t (a, b) values", 2, rows(21), "on conflict do nothing");
        assert_eq!(sizes(&statements), [16, 5]);
        assert!(
            statements[1].whole(true).as_str().starts_with("insert into t (a, b) values ($1, $2), ($3, $4), ($5, $6)")
        );
        let one = Sql::insert_rows("insert into t (a, b) values", 2, rows(1), "on conflict do nothing");
        assert_eq!(one[0].whole(false).as_str(), "insert into t (a, b) values (?, ?) on conflict do nothing");
        assert_eq!(one[0].whole(true).as_str(), "insert into t (a, b) values ($1, $2) on conflict do nothing");
        assert_eq!(statements[1].values[0], 16.value());

        let filled = |count| sizes(&Sql::filled_rows("delete", 2, rows(count), ""));
        assert_eq!((filled(0), filled(1), filled(5), filled(300)), (vec![], vec![1], vec![8], vec![256, 64]));
        let five = Sql::filled_rows("delete", 2, rows(5), "");
        assert_eq!(five[0].values[14], 4.value(), "filled up with the last row");
    }
}
