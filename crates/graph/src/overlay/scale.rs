//! What the numbers of an overlay mean.

use super::error::OverlayError;

/// So much of the scale is taken for a matter of rounding: 0.1 added up ten times is not 1.
const ROUNDING: f64 = 1e-6;

/// What the numbers of an overlay mean: a title, from where to where they go, and what its ends stand for.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Scale {
    title: String,
    limit: f64,
    signed: bool,
    ends: Option<(String, String)>,
}

impl Scale {
    /// From 0 to 1. The title is what a reader needs in order to understand a number: `Share of the loss that it explains`.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), limit: 1.0, signed: false, ends: None }
    }

    /// From -1 to 1. What is negative has another colour, and broken lines.
    pub fn signed(title: impl Into<String>) -> Self {
        Self { signed: true, ..Self::new(title) }
    }

    /// To another end than 1, and from the negative of it if the scale is signed. What has this weight is as wide and as strongly
    /// tinted as can be.
    pub fn up_to(mut self, limit: f64) -> Self {
        self.limit = limit;
        self
    }

    /// What the lower and the upper end mean: `.ends("changes nothing", "brings all of it")`.
    pub fn ends(mut self, low: impl Into<String>, high: impl Into<String>) -> Self {
        self.ends = Some((low.into(), high.into()));
        self
    }

    /// What a number means.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The lower and the upper end.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (if self.signed { -self.limit } else { 0.0 }, self.limit)
    }

    pub(crate) fn check(&self) -> Result<(), OverlayError> {
        if self.title.trim().is_empty() {
            return Err(OverlayError::NoTitle);
        }
        if !(self.limit.is_finite() && self.limit > 0.0) {
            return Err(OverlayError::Limit { title: self.title.clone(), limit: self.limit.to_string() });
        }
        Ok(())
    }

    /// A weight that is a number on the scale.
    pub(super) fn weight(&self, value: f64, place: impl Fn() -> String) -> Result<f64, OverlayError> {
        let (low, high) = self.range();
        let room = self.limit * ROUNDING;
        match value {
            _ if value.is_nan() => Err(OverlayError::NotANumber { place: place() }),
            _ if value < low - room || value > high + room => {
                Err(OverlayError::Range { place: place(), value, title: self.title.clone(), low, high })
            }
            // No negative zero.
            _ => Ok(value.clamp(low, high) + 0.0),
        }
    }

    /// How far a weight is from zero, as a share of what is possible.
    pub(crate) fn share(&self, weight: f64) -> f64 {
        weight.abs() / self.limit
    }

    /// The numbers that the legend shows.
    pub(crate) fn points(&self) -> Vec<f64> {
        let (low, high) = self.range();
        (0..5).map(|n| low + (high - low) * f64::from(n) / 4.0).collect()
    }

    /// A weight as it is written: with three digits or so, and with its sign if there are two.
    pub(crate) fn told(&self, weight: f64) -> String {
        let decimals = (2.0 - self.limit.log10().floor()).clamp(0.0, 9.0) as usize;
        let size = format!("{:.decimals$}", weight.abs());
        match size.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
            _ if weight == 0.0 => "0".to_owned(),
            false if weight < 0.0 => format!("−{size}"),
            false if self.signed => format!("+{size}"),
            _ => size,
        }
    }

    /// The same without what goes without saying: `0.5`.
    pub(crate) fn told_short(&self, weight: f64) -> String {
        let told = self.told(weight);
        match told.contains('.') {
            true => told.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => told,
        }
    }

    /// What its ends mean, in words.
    pub(crate) fn words(&self) -> Option<String> {
        let (low, high) = self.range();
        let (first, second) = self.ends.as_ref()?;
        Some(format!("{}: {first}; {}: {second}", self.told_short(low), self.told_short(high)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_need_to_be() {
        let share = Scale::new("share");
        assert_eq!([0.0, 0.001, 0.5, 1.0].map(|w| share.told(w)), ["0", "0.00", "0.50", "1.00"]);
        assert_eq!(
            share.points().iter().map(|&w| share.told_short(w)).collect::<Vec<_>>().join(" "),
            "0 0.25 0.5 0.75 1"
        );
        let signed = Scale::signed("change").up_to(17.0);
        assert_eq!([-17.0, -0.01, 8.5].map(|w| signed.told(w)), ["−17.0", "0.0", "+8.5"]);
        assert_eq!(Scale::new("t").up_to(1300.0).told(999.6), "1000");
    }

    #[test]
    fn what_is_on_the_scale_is_a_weight() {
        let at = || "x".to_owned();
        let share = Scale::new("share");
        assert_eq!(share.weight(1.0 + 1e-9, at), Ok(1.0));
        assert_eq!(share.weight(-1e-9, at), Ok(0.0));
        assert!(matches!(share.weight(1.01, at), Err(OverlayError::Range { .. })));
        assert!(matches!(share.weight(f64::INFINITY, at), Err(OverlayError::Range { .. })));
        assert!(matches!(share.weight(f64::NAN, at), Err(OverlayError::NotANumber { .. })));
        assert_eq!(Scale::signed("change").up_to(3.0).weight(-3.0, at), Ok(-3.0));
    }
}
