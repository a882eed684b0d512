//! What a bench says at its end.

use serde::Serialize;
use serde_json::{Map, Value};

/// The last line: figures, and the goal against them.
#[derive(Serialize)]
pub struct Report {
    pub bench: &'static str,
    pub store: &'static str,
    /// Sizes that show only that it runs: the ratios mean little.
    pub quick: bool,
    pub goal: f64,
    pub ratio: f64,
    /// Every goal of the bench is met.
    pub met: bool,
    #[serde(flatten)]
    pub figures: Map<String, Value>,
}

/// Which side of a goal is the good one.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    pub fn is_met_by(self, ratio: f64) -> bool {
        match self {
            Goal::AtLeast(least) => ratio >= least,
            Goal::AtMost(most) => ratio <= most,
        }
    }

    fn number(self) -> f64 {
        match self {
            Goal::AtLeast(number) | Goal::AtMost(number) => number,
        }
    }
}

impl Report {
    pub fn new(bench: &'static str, store: &'static str, quick: bool, goal: Goal, ratio: f64) -> Report {
        let met = goal.is_met_by(ratio);
        Report { bench, store, quick, goal: goal.number(), ratio: rounded(ratio), met, figures: Map::new() }
    }

    /// Another goal of the same bench, under a name of its own.
    pub fn and(mut self, name: &str, goal: Goal, ratio: f64) -> Report {
        let met = goal.is_met_by(ratio);
        self.met &= met;
        let figure = serde_json::json!({"goal": goal.number(), "ratio": rounded(ratio), "met": met});
        self.figures.insert(name.to_owned(), figure);
        self
    }

    pub fn with(mut self, name: &str, figure: impl Serialize) -> Report {
        let figure = serde_json::to_value(figure).expect("a figure is plain data");
        self.figures.insert(name.to_owned(), figure);
        self
    }
}

/// Four digits after the point are more than any of this can be measured to.
pub fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_met_when_all_its_goals_are() {
        let report = || Report::new("x", "sqlite", false, Goal::AtLeast(0.5), 0.6);
        assert!(report().met);
        assert!(!report().and("http", Goal::AtLeast(0.25), 0.2).met);
        assert!(!Report::new("x", "sqlite", false, Goal::AtMost(1.3), 1.31).and("more", Goal::AtMost(2.0), 1.0).met);
    }
}
