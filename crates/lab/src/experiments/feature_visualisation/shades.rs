//! Pictures as texts: a digit for each pixel, so that `results.json` holds them and can still be read.

/// Rows of digits from 0 (black) to f (white).
pub(super) type Shades = Vec<String>;

/// A picture of so many columns, of which these values are black and white.
pub(super) fn shades(values: &[f32], columns: usize, (black, white): (f64, f64)) -> Shades {
    let digit = |value: &f32| {
        let share = ((f64::from(*value) - black) / (white - black)).clamp(0.0, 1.0);
        char::from_digit((15.0 * share).round() as u32, 16).unwrap_or('0')
    };
    values.chunks(columns.max(1)).map(|row| row.iter().map(digit).collect()).collect()
}

/// The shades from 0 to 1; what is no digit is no number.
pub(super) fn read(shades: &Shades) -> Vec<Vec<f64>> {
    let share = |c: char| c.to_digit(16).map_or(f64::NAN, |digit| f64::from(digit) / 15.0);
    shades.iter().map(|row| row.chars().map(share).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_are_read_as_they_were_written() {
        let written = shades(&[-2.0, 0.0, 2.0, 9.0, f32::NAN, -0.4], 3, (-2.0, 2.0));
        assert_eq!(written, ["08f", "f06"]);
        assert_eq!(read(&written)[0], [0.0, 8.0 / 15.0, 1.0]);
        assert!(read(&vec!["x".into()])[0][0].is_nan());
    }
}
