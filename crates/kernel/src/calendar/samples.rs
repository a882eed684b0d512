//! Calendars for tests. The holidays are those of the State Council's notices for 2024, 2025 and 2026, as the
//! holiday-cn project lists them (MIT licence; each list names its notice):
//! <https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm>,
//! <https://www.gov.cn/zhengce/zhengceku/202411/content_6986383.htm>,
//! <https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm>.

use std::sync::LazyLock;

use super::{Calendar, CalendarPlan, Opening};
use crate::Date;

const OFF: &str = "2024-01-01 2024-02-10/17 2024-04-04/06 2024-05-01/05 2024-06-10 2024-09-15/17 2024-10-01/07
    2025-01-01 2025-01-28/31 2025-02-01/04 2025-04-04/06 2025-05-01/05 2025-05-31 2025-06-01/02 2025-10-01/08
    2026-01-01/03 2026-02-15/23 2026-04-04/06 2026-05-01/05 2026-06-19/21 2026-09-25/27 2026-10-01/07";

const MAKE_UP: &str = "2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
    2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
    2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10";

/// Working time 8:30–12:00 and 14:00–17:30, lists of 2024 to 2026.
pub(crate) fn shanghai() -> Calendar {
    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::build(shanghai_plan()).unwrap());
    CALENDAR.clone()
}

pub(crate) fn shanghai_plan() -> CalendarPlan {
    let day = hours("08:30-12:00 14:00-17:30");
    let mut plan = CalendarPlan::new("Asia/Shanghai", week(&day), day);
    plan.days_off = dates(OFF).collect();
    plan.make_up_days = dates(MAKE_UP).collect();
    plan.published = (2024..=2026).collect();
    plan.years = (2023, 2028);
    plan
}

/// 8:30–17:00 in New York's time; of 2015's holidays the ones that the tests meet: New Year's Day, the third Monday of
/// January and of February, Memorial Day (legal holidays of the United States, 5 U.S.C. 6103), and of 2016 the first.
pub(crate) fn boston() -> Calendar {
    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
        let mut plan = CalendarPlan::new("America/New_York", week(&hours("08:30-17:00")), Vec::new());
        plan.days_off = dates("2015-01-01 2015-01-19 2015-02-16 2015-05-25 2016-01-01").collect();
        plan.published = [2015].into();
        plan.years = (2014, 2017);
        Calendar::build(plan).unwrap()
    });
    CALENDAR.clone()
}

pub(crate) fn hours(text: &str) -> Vec<Opening> {
    text.split_whitespace().map(|span| span.parse().unwrap()).collect()
}

fn week(day: &[Opening]) -> [Vec<Opening>; 7] {
    std::array::from_fn(|weekday| if weekday < 5 { day.to_vec() } else { Vec::new() })
}

/// Dates and, as `2024-02-10/17`, runs of dates within a month.
fn dates(text: &str) -> impl Iterator<Item = Date> + '_ {
    text.split_whitespace().flat_map(|run| {
        let first: Date = run[..10].parse().unwrap();
        let days = run.get(11..).map_or(1, |last| last.parse::<i8>().unwrap() - first.day() + 1);
        first.series(jiff::Span::new().days(1)).take(days as usize)
    })
}
