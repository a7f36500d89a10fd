//! What is left over when many are cut into batches, and what that does to a mean of means.

use serde::{Deserialize, Serialize};

use crate::contract::random::Random;
use crate::contract::spread::Spread;

/// How often the tutorial tells its running loss: after so many batches, and it divides by as many.
pub(super) const TOLD_EVERY: usize = 2_000;
/// What `for i in range(4)` looks at, whatever the size of a batch is.
pub(super) const ROWS: usize = 4;
/// Orders of the images that are tried.
const ORDERS: usize = 1_000;

/// So many images in batches of one size: how many batches, and how many images in the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cut {
    pub(super) images: usize,
    pub(super) batch: usize,
    pub(super) batches: usize,
    /// Batches but the last.
    pub(super) others: usize,
    /// Images of the last batch; as many as in the others, if nothing is left over.
    pub(super) last: usize,
    /// What a program that tells its loss every so many batches tells in one epoch: so often something.
    pub(super) told: usize,
    /// Images that a loop over the first rows of every batch scores.
    pub(super) scored: usize,
}

impl Cut {
    pub(super) fn new(images: usize, batch: usize) -> Self {
        let batches = images.div_ceil(batch);
        let others = batches.saturating_sub(1);
        let last = images - others * batch;
        let scored = others * batch.min(ROWS) + last.min(ROWS);
        Self { images, batch, batches, others, last, told: batches / TOLD_EVERY, scored }
    }

    /// How much more an image of the last batch weighs in a mean of means than it should.
    pub(super) fn overweight(self) -> f64 {
        self.images as f64 / (self.batches * self.last) as f64
    }

    /// What the last batch weighs in a mean of means, less what it should weigh.
    pub(super) fn excess(self) -> f64 {
        1.0 / self.batches as f64 - self.last as f64 / self.images as f64
    }
}

/// What becomes of the losses of a test, depending on who divides what by what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scoring {
    /// The sum over all images by their number: what one wants to know.
    pub(super) loss: f64,
    /// The mean over the last batch, and over all images of the others.
    pub(super) last: f64,
    pub(super) others: f64,
    /// The mean of the batches' means.
    pub(super) of_means: f64,
    /// By how much it is off, and by how much it must be by the formula.
    pub(super) bias: f64,
    pub(super) predicted: f64,
    /// The same part of the loss.
    pub(super) part: f64,
    /// The sum of the means, divided by the number of images, and by that of the batches between two lines of the
    /// tutorial.
    pub(super) by_images: f64,
    pub(super) by_told: f64,
    /// Images that are classified right, and the share.
    pub(super) right: usize,
    pub(super) accuracy: f64,
    /// The same among the first rows of every batch: right ones, their share of those that were scored, and of all.
    pub(super) scored_right: usize,
    pub(super) scored_accuracy: f64,
    pub(super) scored_of_all: f64,
    /// By how much the share among so many images is off by chance: a standard deviation. And that among all.
    pub(super) scored_chance: f64,
    pub(super) chance: f64,
    /// By how much the mean of means is off if the images come in other orders.
    pub(super) orders: Spread,
    /// If the easiest, and if the hardest come last.
    pub(super) worst: [f64; 2],
}

// ANCHOR: bias
/// By how much the mean of the batches' means misses the mean of all,
/// if only the last batch has another size: from the mean of the last
/// one and that of all images in the others.
fn predicted_bias(cut: Cut, last: f64, others: f64) -> f64 {
    (last - others) * cut.excess()
}

/// The mean of the batches' means.
fn mean_of_means(losses: &[f64], batch: usize) -> f64 {
    let means: Vec<f64> = losses.chunks(batch).map(mean).collect();
    mean(&means)
}
// ANCHOR_END: bias

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Scoring {
    /// Of the losses of all images, in their order, and whether each is classified right.
    pub(super) fn new(losses: &[f64], right: &[bool], batch: usize, random: &mut Random) -> Self {
        let cut = Cut::new(losses.len(), batch);
        let (others, last) = losses.split_at(cut.others * batch);
        let [loss, last, others] = [losses, last, others].map(mean);
        let of_means = mean_of_means(losses, batch);
        let sum_of_means = of_means * cut.batches as f64;
        let count = |right: &[bool]| right.iter().filter(|&&right| right).count();
        let scored_right = right.chunks(batch).map(|rows| count(&rows[..rows.len().min(ROWS)])).sum();
        let share = |right: usize, of: usize| right as f64 / of as f64;
        let accuracy = share(count(right), losses.len());
        let chance = |of: usize| (accuracy * (1.0 - accuracy) / of as f64).sqrt();
        Self {
            loss,
            last,
            others,
            of_means,
            bias: of_means - loss,
            predicted: predicted_bias(cut, last, others),
            part: (of_means - loss) / loss,
            by_images: sum_of_means / losses.len() as f64,
            by_told: sum_of_means / TOLD_EVERY as f64,
            right: count(right),
            accuracy,
            scored_right,
            scored_accuracy: share(scored_right, cut.scored),
            scored_of_all: share(scored_right, losses.len()),
            scored_chance: chance(cut.scored),
            chance: chance(losses.len()),
            orders: Spread::of((0..ORDERS).map(|_| other_order(losses, cut, random))),
            worst: worst(losses, cut),
        }
    }

    /// With as many digits as are worth being kept, but for what is held against a formula.
    pub(super) fn shortened(self) -> Self {
        let digits = |value: f64| format!("{value:.6e}").parse().unwrap_or(value);
        let Spread { count, mean, deviation, least, median, most } = self.orders;
        let [mean, deviation, least, median, most] = [mean, deviation, least, median, most].map(digits);
        let orders = Spread { count, mean, deviation, least, median, most };
        Self { orders, worst: self.worst.map(digits), ..self }
    }

    /// How far the formula is from what came out.
    pub(super) fn off(&self) -> f64 {
        (self.bias - self.predicted).abs()
    }
}

/// The bias if these images are in the last batch.
fn bias_with_last(losses: &[f64], cut: Cut, last: impl Iterator<Item = f64>) -> f64 {
    let all: f64 = losses.iter().sum();
    let last: f64 = last.sum();
    let others = (all - last) / (cut.images - cut.last) as f64;
    predicted_bias(cut, last / cut.last as f64, others)
}

/// The bias in a random order: all that counts of it is who comes last.
fn other_order(losses: &[f64], cut: Cut, random: &mut Random) -> f64 {
    let mut chosen = std::collections::BTreeSet::new();
    while chosen.len() < cut.last {
        chosen.insert(random.below(losses.len()));
    }
    bias_with_last(losses, cut, chosen.into_iter().map(|n| losses[n]))
}

fn worst(losses: &[f64], cut: Cut) -> [f64; 2] {
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let easiest = bias_with_last(losses, cut, sorted.iter().copied().take(cut.last));
    [easiest, bias_with_last(losses, cut, sorted.iter().copied().rev().take(cut.last))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_story() {
        let (train, test) = (Cut::new(50_000, 64), Cut::new(10_000, 64));
        assert_eq!((50_000 % 64, 10_000 % 64), (16, 16));
        assert_eq!((train.last, train.batches, train.told), (16, 782, 0));
        assert_eq!((test.last, test.batches, test.others, test.scored), (16, 157, 156, 628));
        assert!((test.overweight() - 3.98).abs() < 0.005, "{}", test.overweight());
        assert!((test.excess() - (1.0 / 157.0 - 16.0 / 10_000.0)).abs() < 1e-18);
        let small = Cut::new(50_000, 4);
        assert_eq!((small.batches, small.last, small.told), (12_500, 4, 6));
        assert_eq!(small.excess(), 0.0);
    }

    /// The formula holds to the last digits, whatever the losses and the sizes are.
    #[test]
    fn the_bias_is_exactly_that_of_the_formula() {
        let mut random = Random::new(7, 0);
        for (images, batch) in [(101, 7), (97, 13), (10_000, 64), (11, 3), (12, 4)] {
            let losses: Vec<f64> = (0..images).map(|_| 3.0 * random.uniform().powi(3)).collect();
            let right: Vec<bool> = losses.iter().map(|loss| *loss < 1.0).collect();
            let found = Scoring::new(&losses, &right, batch, &mut random);
            assert!(found.off() < 1e-14, "{images} in batches of {batch}: {}", found.off());
            let cut = Cut::new(images, batch);
            let is_even = images % batch == 0;
            assert_eq!(found.bias.abs() < 1e-14, is_even, "{images} {batch}: {}", found.bias);
            let [easiest, hardest] = found.worst;
            let slack = 1e-15;
            assert!(easiest <= found.orders.least + slack && found.orders.most <= hardest + slack);
            assert!((found.by_images * images as f64 - found.of_means * cut.batches as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn a_pencil_gives_the_same() {
        // Batches of three: means 2, 5 and 9; of all seven, 30 / 7.
        let losses = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0];
        let right = [true, false, true, true, true, false, false];
        let found = Scoring::new(&losses, &right, 3, &mut Random::new(1, 0));
        assert!((found.of_means - 16.0 / 3.0).abs() < 1e-12 && (found.loss - 30.0 / 7.0).abs() < 1e-12);
        assert!((found.predicted - (9.0 - 3.5) * (1.0 / 3.0 - 1.0 / 7.0)).abs() < 1e-12);
        assert!((found.by_images - 16.0 / 7.0).abs() < 1e-12 && (found.by_told - 0.008).abs() < 1e-12);
        assert_eq!((found.right, found.scored_right), (4, 4));
    }

    #[test]
    fn a_loop_over_four_rows_misses_the_others() {
        let right: Vec<bool> = (0..23).map(|n| n % 7 < 4).collect();
        let losses = vec![1.0; 23];
        let found = Scoring::new(&losses, &right, 7, &mut Random::new(1, 0));
        assert_eq!(Cut::new(23, 7).scored, 3 * 4 + 2);
        // The first rows are all right, and the others all wrong.
        assert_eq!((found.scored_accuracy, found.right, found.scored_right), (1.0, 14, 14));
        assert!((found.accuracy - 14.0 / 23.0).abs() < 1e-12);
    }
}
