//! What a browser says of itself, roughly: enough to know one's own session again, too little to tell people apart.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

/// Names of a browser and a system, without versions; none that is not in the lists here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Device {
    pub browser: Option<&'static str>,
    pub os: Option<&'static str>,
}

/// No more of the header is looked at.
const LONGEST: usize = 512;

/// What stands in the header, and whose it is. Those that name others beside themselves come first.
const BROWSERS: &[(&str, &str)] = &[
    ("MicroMessenger/", "WeChat"),
    ("DingTalk/", "DingTalk"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("UCBrowser/", "UC Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows NT", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

impl Device {
    fn of(agent: &str) -> Device {
        let agent = agent.get(..LONGEST).unwrap_or(agent);
        let find = |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|one| one.1);
        Device { browser: find(BROWSERS), os: find(SYSTEMS) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Device, Infallible> {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(agent.map(Device::of).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_the_names_people_know() {
        let check = |agent: &str, browser: Option<&str>, os: Option<&str>| {
            let device = Device::of(agent);
            assert_eq!((device.browser, device.os), (browser, os), "{agent}");
        };
        let mozilla = "Mozilla/5.0 ";
        let of = |rest: &str| format!("{mozilla}{rest}");
        check(
            &of("(Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            Some("Firefox"),
            Some("Windows"),
        );
        check(
            &of("(Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"),
            Some("Edge"),
            Some("Windows"),
        );
        check(
            &of("(iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 MicroMessenger/8.0 Safari/604.1"),
            Some("WeChat"),
            Some("iOS"),
        );
        check(
            &of("(Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"),
            Some("Chrome"),
            Some("Android"),
        );
        check(&of("(X11; Linux x86_64) AppleWebKit/605.1 Version/18.0 Safari/605.1"), Some("Safari"), Some("Linux"));
        check("something else 1.0", None, None);
        check("", None, None);
        check(&"值".repeat(1_000), None, None);
    }
}
