//! What the source of the program writes: statements, files and steps of the migrations, read from its text.

use std::path::Path;

/// A write as it stands in the source, and the sites that it is numbered as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub path: String,
    pub line: usize,
    /// A statement's text, or what names the site.
    pub statement: String,
    pub site: Site,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// One of this name.
    Named(String),
    /// Those of a file that is this.
    File(String),
    /// The text is put together at run time, or the operation is a bare one: what it is numbered as is not in the text.
    Composed,
}

/// Operations on files that are numbered only where the code beside them says so.
const BARE: [&str; 15] = [
    "fs::write(",
    "fs::rename(",
    "fs::remove_",
    "fs::create_dir",
    "fs::copy(",
    "fs::hard_link(",
    "fs::set_permissions(",
    "File::create",
    "File::options(",
    "OpenOptions::new(",
    ".sync_all(",
    ".sync_data(",
    ".set_len(",
    "DirBuilder",
    "memmap",
];

/// Every write in the Rust files below `crates/*/src` that are no tests.
pub fn of_workspace(root: &Path) -> Vec<Write> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("crates")).unwrap() {
        of_folder(root, &entry.unwrap().path().join("src"), &mut found);
    }
    found.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    found
}

fn of_folder(root: &Path, folder: &Path, found: &mut Vec<Write>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test = ["tests", "tests.rs", "testing", "testing.rs"].contains(&name.as_str());
        if path.is_dir() && !is_test {
            of_folder(root, &path, found);
        } else if name.ends_with(".rs") && !is_test {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(of_text(&path.strip_prefix(root).unwrap().display().to_string(), &text));
        }
    }
}

/// Every write in one file, up to its test module.
pub fn of_text(path: &str, text: &str) -> Vec<Write> {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (literals, code) = read(text);
    let write = |line, statement: String, site| Write { path: path.to_owned(), line, statement, site };
    let mut found = Vec::new();
    for (place, literal) in literals.iter().enumerate() {
        let (words, before) = (literal.text.split_whitespace().collect::<Vec<_>>().join(" "), literal.before.as_str());
        let named = |name: String| Site::Named(name);
        if is_statement(&words) {
            let is_fixed = !words.contains('{');
            let site = if is_fixed { named(store::testing::site_of(&words)) } else { Site::Composed };
            found.push(write(literal.line, words, site));
        } else if before.ends_with("update_rows(") {
            found.push(write(literal.line, format!("update_rows({words:?})"), Site::Composed));
        } else if before.ends_with("delete_rows(") {
            let keys = keys(&literals[place + 1..]);
            let site = format!("delete from {words} where {}", keys.join(", "));
            found.push(write(literal.line, format!("delete_rows({words:?})"), named(site)));
        } else if before.ends_with("What(") {
            found.push(write(literal.line, format!("What({words:?})"), Site::File(words)));
        } else if before.ends_with(".step(") {
            found.push(write(literal.line, format!("step({words:?})"), named(words)));
        } else if before.ends_with(".step(&format!(") {
            found.push(write(literal.line, format!("step({words:?})"), Site::Composed));
        } else if let Some(version) = before.strip_suffix(",name:").and_then(|before| before.rsplit("version:").next())
        {
            let step = format!("migrate {} {words}", version.replace('_', ""));
            found.push(write(literal.line, step.clone(), named(step)));
        }
    }
    for (number, line) in code.lines().enumerate() {
        for operation in BARE.iter().filter(|operation| line.contains(**operation)) {
            found.push(write(number + 1, format!("file operation {operation}"), Site::Composed));
        }
    }
    found
}

fn is_statement(words: &str) -> bool {
    const BEGIN: [&str; 10] = [
        "insert into ",
        "delete from ",
        "replace into ",
        "truncate ",
        "merge into ",
        "create table ",
        "create or replace ",
        "alter table ",
        "drop ",
        "create database ",
    ];
    let lower = words.to_ascii_lowercase();
    let changes = [") update ", ") delete from ", ") insert into "].iter().any(|verb| lower.contains(verb));
    BEGIN.iter().any(|begin| lower.starts_with(begin))
        || (lower.starts_with("update ") && lower.contains(" set "))
        || (lower.starts_with("with ") && changes)
}

/// The names of `&["owner", "key"]`, which comes next.
fn keys(literals: &[Literal]) -> Vec<String> {
    let end = literals.iter().skip(1).position(|one| one.before != ",").map_or(literals.len(), |place| place + 1);
    literals[..end].iter().map(|one| one.text.clone()).collect()
}

/// A literal text, with its line and the code since the one before it, without white space.
struct Literal {
    line: usize,
    text: String,
    before: String,
}

/// The literal texts, and the code without them and without comments, in the same lines.
fn read(text: &str) -> (Vec<Literal>, String) {
    let (mut literals, mut code, mut before) = (Vec::new(), String::new(), String::new());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") {
            3
        } else if let Some(escaped) = rest.strip_prefix("'\\") {
            2 + escaped.find('\'').map_or(0, |end| if end == 0 { 2 } else { end + 1 })
        } else if let Some((length, literal)) = literal(rest) {
            let before = std::mem::take(&mut before);
            literals.push(Literal { line, text: literal, before });
            length
        } else {
            code.push(next);
            if !next.is_whitespace() {
                before.push(next);
            }
            rest = &rest[next.len_utf8()..];
            continue;
        };
        code.extend(rest[..length].matches('\n'));
        rest = &rest[length..];
    }
    (literals, code)
}

/// The literal that `rest` begins with: its length there, and its text.
fn literal(rest: &str) -> Option<(usize, String)> {
    for (begin, end) in [("r#\"", "\"#"), ("r\"", "\"")] {
        if let Some(inner) = rest.strip_prefix(begin) {
            let length = inner.find(end)?;
            return Some((begin.len() + length + end.len(), inner[..length].to_owned()));
        }
    }
    let (mut text, mut escaped) = (String::new(), false);
    for (place, letter) in rest.strip_prefix('"')?.char_indices() {
        match letter {
            // A line that goes on: its white space is one space once the words are split.
            '\n' if escaped => text.push(' '),
            _ if escaped => text.push(letter),
            '\\' => {}
            '"' => return Some((place + 2, text)),
            _ => text.push(letter),
        }
        escaped = letter == '\\' && !escaped;
    }
    None
}
