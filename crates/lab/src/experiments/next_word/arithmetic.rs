//! Arithmetic as it is printed: with rounded numbers, it must come to the rounded result.

use plot::decimal;

/// Single precision has no more.
const MOST: usize = 8;

/// What is done with the numbers of a line.
type Compute = Box<dyn Fn(&[f64]) -> f64>;

/// A line of arithmetic: numbers, what is done with them, and what a tensor says comes out.
pub(super) struct Line {
    pub(super) operands: Vec<f64>,
    pub(super) result: f64,
    pub(super) compute: Compute,
}

impl Line {
    /// Whether the operands, rounded to some decimals, come to the result, rounded to others.
    pub(super) fn holds(&self, operands: usize, result: usize) -> bool {
        let rounded: Vec<f64> = self.operands.iter().map(|&value| rounded(value, operands)).collect();
        decimal((self.compute)(&rounded), result) == decimal(self.result, result)
    }
}

/// A number as it is printed.
pub(super) fn rounded(value: f64, decimals: usize) -> f64 {
    format!("{value:.decimals$}").parse().unwrap_or(f64::NAN)
}

/// The fewest decimals of the operands with which all lines hold; if none is enough, the most there are.
pub(super) fn enough(lines: &[Line], result: usize) -> usize {
    let all = |&operands: &usize| lines.iter().all(|line| line.holds(operands, result));
    (result..=MOST).find(all).unwrap_or(MOST)
}

/// Lines that don't hold.
pub(super) fn broken(lines: &[Line], operands: usize, result: usize) -> usize {
    lines.iter().filter(|line| !line.holds(operands, result)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(a: f64, b: f64) -> Line {
        Line { operands: vec![a, b], result: a * b, compute: Box::new(|n| n[0] * n[1]) }
    }

    #[test]
    fn a_line_holds_if_what_is_printed_comes_to_what_is_printed() {
        // 1.46 · 9.46 = 13.81, but 1.5 · 9.5 = 14.25.
        let line = product(1.46, 9.46);
        assert!(!line.holds(1, 1) && line.holds(2, 1) && line.holds(2, 2));
        assert_eq!(enough(&[line], 1), 2);
        assert_eq!(enough(&[product(1.0, 1.0), product(1.46, 9.46)], 1), 2);
    }

    #[test]
    fn a_line_that_never_holds_is_broken() {
        let wrong = Line { result: 3.0, ..product(1.0, 1.0) };
        assert_eq!(broken(&[wrong, product(2.0, 2.0)], MOST, 0), 1);
    }
}
