//! A figure that was measured several times.

use console::{StyledObject, style};

/// Where some measurements of the same thing lie.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub(super) fn of(measured: &[f64]) -> Self {
        let mut sorted = measured.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { median: sorted[sorted.len() / 2], least: sorted[0], most: sorted[sorted.len() - 1] }
    }

    /// Of how many times the one is the other, each time that both were measured.
    pub(super) fn of_ratios(over: &[f64], under: &[f64]) -> Self {
        let ratios: Vec<f64> = over.iter().zip(under).map(|(over, under)| over / under).collect();
        Self::of(&ratios)
    }

    /// Median, least and most of a ratio, then its floor; red if the median is below it.
    pub(super) fn verdict(&self, floor: Option<f64>) -> String {
        let Self { median, least, most } = self;
        let shown = verdict(*median, floor);
        let floor = floor.map_or("-".to_owned(), |floor| format!("{floor:.1}"));
        format!("{shown:>6}  {least:>5.2} {most:>5.2}  {floor:>5}")
    }
}

/// What heads the columns of [`Spread::verdict`].
pub(super) fn verdict_heading(name: &str) -> String {
    format!("{name:>6}  {:>5} {:>5}  {:>5}", "least", "most", "floor")
}

/// The ratio, red where it is below a floor.
pub(super) fn verdict(ratio: f64, floor: Option<f64>) -> StyledObject<String> {
    let shown = style(format!("{ratio:.2}"));
    match floor {
        Some(floor) if ratio >= floor => shown.green(),
        Some(_) => shown.red(),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_middle_and_both_ends() {
        assert_eq!(Spread::of(&[3.0, 1.0, 9.0]), Spread { median: 3.0, least: 1.0, most: 9.0 });
        assert_eq!(Spread::of(&[2.0]), Spread { median: 2.0, least: 2.0, most: 2.0 });
        let ratios = Spread::of_ratios(&[2.0, 3.0, 8.0], &[1.0, 2.0, 2.0]);
        assert_eq!(ratios, Spread { median: 2.0, least: 1.5, most: 4.0 });
    }

    #[test]
    fn a_verdict_stands_below_its_heading_and_is_red_below_the_floor() {
        let spread = Spread { median: 1.25, least: 1.0, most: 10.5 };
        let plain = |floor| console::strip_ansi_codes(&spread.verdict(floor)).into_owned();
        assert_eq!(plain(Some(1.5)).split_whitespace().collect::<Vec<_>>(), ["1.25", "1.00", "10.50", "1.5"]);
        assert!(plain(None).ends_with("    -"), "no floor is no verdict");
        assert_eq!(plain(Some(1.5)).len(), verdict_heading("ratio").len());
        let red = |ratio, floor| {
            let shown = verdict(ratio, floor).force_styling(true).to_string();
            (shown.contains("\u{1b}[31m"), shown.contains("\u{1b}[32m"))
        };
        assert_eq!(red(0.99, Some(1.0)), (true, false));
        assert_eq!(red(1.0, Some(1.0)), (false, true));
        assert_eq!(red(0.5, None), (false, false));
    }
}
