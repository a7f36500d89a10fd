//! The learning rate of the paper (section 5.3).

// ANCHOR: noam
/// Equation (3) times `factor`: rises linearly for `warmup` steps, then
/// falls with the root of the step.
///
/// `step` counts from one; step zero counts as one.
#[must_use]
pub fn noam_rate(
    step: usize,
    d_model: usize,
    warmup: usize,
    factor: f64,
) -> f64 {
    let (step, warmup) = (step.max(1) as f64, warmup.max(1) as f64);
    factor
        * (d_model as f64).powf(-0.5)
        * step.powf(-0.5).min(step * warmup.powf(-1.5))
}
// ANCHOR_END: noam

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peaks_are_those_of_the_reference() {
        for (d_model, warmup, peak) in [
            (512, 4_000, 6.988e-4),
            (512, 8_000, 4.941e-4),
            (256, 4_000, 9.882e-4),
        ] {
            let rate = |step| noam_rate(step, d_model, warmup, 1.0);
            assert!(
                (rate(warmup) - peak).abs() < 5e-8,
                "{} is not {peak}",
                rate(warmup)
            );
            assert!(
                rate(warmup - 1) < rate(warmup)
                    && rate(warmup + 1) < rate(warmup)
            );
        }
    }

    #[test]
    fn the_last_rate_of_the_copy_task() {
        assert!(
            (noam_rate(400, 512, 400, 0.5) - 1.105e-3).abs() < 5e-7
        );
    }

    #[test]
    fn warmup_is_linear_and_zero_is_harmless() {
        assert!(
            (noam_rate(7, 512, 4_000, 1.0)
                / noam_rate(1, 512, 4_000, 1.0)
                - 7.0)
                .abs()
                < 1e-9
        );
        assert!(noam_rate(0, 512, 0, 1.0).is_finite());
    }
}
