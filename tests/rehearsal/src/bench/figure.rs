//! One figure: what was measured, beside what, and whether it keeps within its budget.

use serde_json::{Value, json};

/// What a figure counts.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Milliseconds,
    /// Of processor time, for one person.
    Microseconds,
    Megabytes,
    Calls,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "ms",
            Unit::Microseconds => "us",
            Unit::Megabytes => "MB",
            Unit::Calls => "calls",
        }
    }

    fn written(self, amount: f64) -> String {
        let decimals = match self {
            Unit::Calls => 0,
            Unit::Milliseconds if amount >= 100.0 => 0,
            _ => 2,
        };
        format!("{amount:.decimals$} {}", self.name())
    }
}

/// The most that a figure may be.
#[derive(Clone, Copy)]
pub(super) enum Budget {
    /// It is only told.
    None,
    /// So many times what stands beside it.
    Times(f64),
    /// So much, on whichever machine.
    AtMost(f64),
    /// One of the two is enough.
    Either { at_most: f64, times: f64 },
}

pub(super) struct Figure {
    pub(super) name: String,
    pub(super) measured: f64,
    pub(super) unit: Unit,
    /// What is measured in the same run for comparison.
    pub(super) beside: Option<(&'static str, f64)>,
    pub(super) budget: Budget,
}

impl Figure {
    /// How often what stands beside it fits into it.
    fn ratio(&self) -> Option<f64> {
        self.beside.map(|(_, beside)| self.measured / beside)
    }

    /// Whether it keeps within its budget, where it has one.
    pub(super) fn is_within(&self) -> Option<bool> {
        let keeps = |times: f64| self.ratio().is_some_and(|ratio| ratio <= times);
        match self.budget {
            Budget::None => None,
            Budget::Times(times) => Some(keeps(times)),
            Budget::AtMost(most) => Some(self.measured <= most),
            Budget::Either { at_most, times } => Some(self.measured <= at_most || keeps(times)),
        }
    }

    fn budget(&self) -> String {
        match self.budget {
            Budget::None => String::new(),
            Budget::Times(times) => format!("{times} x"),
            Budget::AtMost(most) => self.unit.written(most),
            Budget::Either { at_most, times } => format!("{} or {times} x", self.unit.written(at_most)),
        }
    }

    /// As a line of a table.
    pub(super) fn cells(&self) -> Vec<String> {
        let beside = |(name, amount)| format!("{name}: {}", self.unit.written(amount));
        vec![
            self.name.clone(),
            self.unit.written(self.measured),
            self.beside.map(beside).unwrap_or_default(),
            self.ratio().map(|ratio| format!("{ratio:.2} x")).unwrap_or_default(),
            self.budget(),
            verdict(self.is_within()).to_owned(),
        ]
    }

    /// For other programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "figure": self.name, "measured": self.measured, "unit": self.unit.name(),
            "beside": self.beside.map(|(name, amount)| json!({"name": name, "measured": amount})),
            "ratio": self.ratio(), "budget": self.budget(), "verdict": verdict(self.is_within()),
        })
    }
}

fn verdict(is_within: Option<bool>) -> &'static str {
    match is_within {
        None => "",
        Some(true) => "ok",
        Some(false) => "over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept_up_to_its_edge() {
        let is_within = |measured, beside: Option<f64>, budget| {
            let figure = Figure {
                name: String::new(),
                measured,
                unit: Unit::Milliseconds,
                beside: beside.map(|amount| ("", amount)),
                budget,
            };
            figure.is_within()
        };
        assert_eq!(is_within(8.0, Some(2.0), Budget::Times(4.0)), Some(true));
        assert_eq!(is_within(8.1, Some(2.0), Budget::Times(4.0)), Some(false));
        assert_eq!(
            is_within(8.0, Some(0.0), Budget::Times(4.0)),
            Some(false),
            "nothing was measured"
        );
        assert_eq!(is_within(9.0, None, Budget::AtMost(9.0)), Some(true));
        assert_eq!(is_within(9.1, None, Budget::AtMost(9.0)), Some(false));
        let either = Budget::Either {
            at_most: 2.5,
            times: 10.0,
        };
        assert_eq!(is_within(2.5, Some(0.1), either), Some(true));
        assert_eq!(is_within(3.0, Some(0.3), either), Some(true));
        assert_eq!(is_within(3.1, Some(0.3), either), Some(false));
        assert_eq!(is_within(3.1, Some(0.3), Budget::None), None);
    }
}
