//! What simulated people are called and say. Every such text begins with [`MARK`], so that nobody takes it for a real one and
//! the checks can tell it where it must not be.

use casework::case::Words;
use kernel::Chance;

/// Begins every personal value of a simulated person: "simulated".
pub const MARK: &str = "【模拟】";

/// A text under the mark.
pub(crate) fn words(text: &str) -> Words {
    Words::new(format!("{MARK}{text}")).expect("a short text that is not empty")
}

pub(crate) fn name(resident: u64) -> String {
    format!("{MARK}居民{resident:06}")
}

/// Not a number that rings anywhere.
pub(crate) fn phone(resident: u64) -> String {
    format!("{MARK}电话{resident:06}")
}

/// A report on a matter, from one of its keywords and the place.
pub(crate) fn report(matter: &str, keywords: &[String], address: &str, chance: &mut Chance) -> Words {
    const WAYS: [&str; 6] =
        ["请尽快处理", "已经好几天了", "影响出行", "老人小孩经过很危险", "之前反映过一次", "麻烦派人看看"];
    let keyword = chance.pick(keywords).map_or(matter, String::as_str);
    let way = chance.pick(&WAYS).copied().unwrap_or_default();
    words(&format!("{address}附近{keyword},{way}。"))
}
