//! Addresses of a log's resources in C2SP `tlog-tiles`: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`.

use super::tree::{FULL, Place};

/// What an address names. `width` is the number of hashes or entries asked for, 256 for a full tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Checkpoint,
    Tile { place: Place, width: u32 },
    Entries { number: u64, width: u32 },
}

impl Resource {
    /// Reads an address below the log's prefix; none when it is not exactly one the standard allows.
    pub fn parse(path: &str) -> Option<Resource> {
        if path == "checkpoint" {
            return Some(Resource::Checkpoint);
        }
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => {
                (number, decimal(width).filter(|width| (1..u64::from(FULL)).contains(width))? as u32)
            }
            None => (rest, FULL),
        };
        let number = parse_number(number)?;
        if kind == "entries" {
            return Some(Resource::Entries { number, width });
        }
        let level = decimal(kind).filter(|level| *level <= 63)? as u8;
        Some(Resource::Tile { place: Place { level, number }, width })
    }

    /// The media type the standard wants it served with.
    pub fn content_type(&self) -> &'static str {
        match self {
            Resource::Checkpoint => "text/plain; charset=utf-8",
            Resource::Tile { .. } | Resource::Entries { .. } => "application/octet-stream",
        }
    }

    /// Whether what is served there never changes.
    pub fn is_immutable(&self) -> bool {
        !matches!(self, Resource::Checkpoint)
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (number, width) = match *self {
            Resource::Checkpoint => return f.write_str("checkpoint"),
            Resource::Tile { place, width } => {
                write!(f, "tile/{}/", place.level)?;
                (place.number, width)
            }
            Resource::Entries { number, width } => {
                f.write_str("tile/entries/")?;
                (number, width)
            }
        };
        let digits = format!("{number:03}");
        let padded = format!("{digits:0>width$}", width = digits.len().next_multiple_of(3));
        let groups = padded.len() / 3;
        for group in 0..groups {
            let x = if group + 1 < groups { "x" } else { "" };
            let slash = if group + 1 < groups { "/" } else { "" };
            write!(f, "{x}{}{slash}", &padded[group * 3..group * 3 + 3])?;
        }
        if width < FULL { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

/// `x001/x234/067` is 1,234,067: three digits a step, all but the last marked, and no empty step in front.
fn parse_number(path: &str) -> Option<u64> {
    let mut number = 0u64;
    let steps: Vec<&str> = path.split('/').collect();
    for (at, step) in steps.iter().enumerate() {
        let digits = if at + 1 < steps.len() { step.strip_prefix('x')? } else { step };
        if digits.len() != 3
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
            || (at == 0 && steps.len() > 1 && digits == "000")
        {
            return None;
        }
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(number)
}

fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_addresses_are_read_and_written() {
        let tile = |level, number, width| Resource::Tile { place: Place { level, number }, width };
        for (path, resource) in [
            ("checkpoint", Resource::Checkpoint),
            ("tile/0/x001/x234/067", tile(0, 1_234_067, 256)),
            ("tile/2/000.p/1", tile(2, 0, 1)),
            ("tile/63/999.p/255", tile(63, 999, 255)),
            ("tile/entries/x001/000", Resource::Entries { number: 1000, width: 256 }),
            ("tile/entries/273.p/112", Resource::Entries { number: 273, width: 112 }),
        ] {
            assert_eq!(Resource::parse(path), Some(resource), "{path}");
            assert_eq!(resource.to_string(), path);
        }
    }

    #[test]
    fn anything_else_is_not_an_address() {
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/1",
            "tile/0/0001",
            "tile/00/001",
            "tile/64/001",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/-1/001",
            "tile/0/+01",
            "tile/entries/001/",
            "../checkpoint",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Resource::parse(path), None, "{path}");
        }
    }
}
