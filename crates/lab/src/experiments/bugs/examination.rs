//! What a model can do: with the true tokens before each (teacher forcing), and when it writes by itself.

use burn::tensor::{Device, Int, Tensor};
use model::label_smoothing::label_smoothing;
use serde::{Deserialize, Serialize};
use train::data::batch::Batch;
use train::data::lines::ids_tensor;
use train::training::trainable::shifted;

use super::copies::{LONGEST, PAD, symbols};
use super::forward::Patient;

/// How well a model does. Shares are of symbols; what ends a sequence doesn't count, and neither does padding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Examined {
    /// Negative log-likelihood per token in nats, with teacher forcing.
    pub(super) nll: f64,
    /// The share that is likeliest where it should be, with teacher forcing.
    pub(super) forced: f64,
    /// The share that is right where the model writes by itself, always going on with the likeliest.
    pub(super) written: f64,
    /// The share of what it writes that is in the source, wherever it stands.
    pub(super) somewhere: f64,
    /// The share of sequences that are written without a mistake.
    pub(super) whole: f64,
    /// `forced` and `written` for the first symbol, the second and so on.
    pub(super) forced_places: Vec<f64>,
    pub(super) written_places: Vec<f64>,
}

/// Examines a model on the device that it is on.
pub(super) fn examined(patient: Patient<'_>, test: &Batch, device: &Device) -> Examined {
    let src = ids_tensor(&test.src, PAD, device);
    let (given, next) = shifted(ids_tensor(&test.tgt, PAD, device));
    let logits = patient.forward(src.clone(), given);
    let likeliest = rows(logits.clone().argmax(2).squeeze_dim::<2>(2));
    let nll = label_smoothing(logits, next, PAD, 0.0).mean_nll().into_scalar::<f64>();
    let begin = test.tgt.first().and_then(|row| row.first()).copied().unwrap_or(PAD);
    let written = written(patient, src, begin, device);
    let truth: Vec<&[usize]> = test.tgt.iter().map(|row| symbols(row)).collect();
    let (forced_places, written_places) = (places(&truth, &likeliest), places(&truth, &written));
    let whole = truth.iter().zip(&written).filter(|(truth, written)| written.starts_with(truth)).count();
    Examined {
        nll: digits(nll),
        forced: share(&forced_places),
        written: share(&written_places),
        somewhere: digits(somewhere(&truth, &written)),
        whole: digits(whole as f64 / truth.len() as f64),
        forced_places: forced_places.iter().map(Right::share).collect(),
        written_places: written_places.iter().map(Right::share).collect(),
    }
}

// ANCHOR: written
/// Writes as many symbols as the longest source has. What was written
/// goes through the whole decoder again for each symbol, so that
/// nothing is different from training but what stands there.
pub(super) fn written(
    patient: Patient<'_>,
    src: Tensor<2, Int>,
    begin: usize,
    device: &Device,
) -> Vec<Vec<usize>> {
    let mut sequences = vec![vec![begin]; src.dims()[0]];
    for _ in 2..src.dims()[1] {
        let given = ids_tensor(&sequences, PAD, device);
        // [sequences, so far, vocab]
        let logits = patient.forward(src.clone(), given);
        let likeliest = logits.argmax(2).squeeze_dim::<2>(2);
        let next = rows(likeliest);
        for (sequence, next) in sequences.iter_mut().zip(&next) {
            sequence.extend(next.last());
        }
    }
    sequences.into_iter().map(|row| row[1..].to_vec()).collect()
}
// ANCHOR_END: written

fn rows(ids: Tensor<2, Int>) -> Vec<Vec<usize>> {
    let width = ids.dims()[1];
    let ids: Vec<usize> = ids.into_data().iter::<i64>().map(|id| id as usize).collect();
    ids.chunks(width).map(<[usize]>::to_vec).collect()
}

/// How many are right, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Right {
    right: usize,
    of: usize,
}

impl Right {
    fn share(&self) -> f64 {
        digits(self.right as f64 / self.of as f64)
    }
}

/// For each place, how often its symbol is right.
fn places(truth: &[&[usize]], found: &[Vec<usize>]) -> Vec<Right> {
    let mut places = vec![Right::default(); LONGEST];
    for (truth, found) in truth.iter().zip(found) {
        for ((place, truth), found) in places.iter_mut().zip(*truth).zip(found) {
            place.of += 1;
            place.right += usize::from(truth == found);
        }
    }
    places
}

fn share(places: &[Right]) -> f64 {
    let sum = |of: fn(&Right) -> usize| places.iter().map(of).sum::<usize>();
    Right { right: sum(|place| place.right), of: sum(|place| place.of) }.share()
}

/// The share of symbols that can be found in the truth if order doesn't count. One that is there twice is found twice.
fn somewhere(truth: &[&[usize]], written: &[Vec<usize>]) -> f64 {
    let found = |(truth, written): (&&[usize], &Vec<usize>)| {
        let mut rest = truth.to_vec();
        written.iter().take(truth.len()).for_each(|symbol| {
            if let Some(at) = rest.iter().position(|other| other == symbol) {
                rest.swap_remove(at);
            }
        });
        truth.len() - rest.len()
    };
    let all: usize = truth.iter().map(|row| row.len()).sum();
    truth.iter().zip(written).map(found).sum::<usize>() as f64 / all as f64
}

/// As many digits as are worth being kept.
pub(super) fn digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_order_are_told_apart() {
        let truth: [&[usize]; 2] = [&[5, 6, 6], &[7, 8]];
        let written = vec![vec![5, 6, 9, 6], vec![8, 7, 7, 7]];
        let places = places(&truth, &written);
        let right: Vec<(usize, usize)> = places.iter().map(|place| (place.right, place.of)).collect();
        assert_eq!(right[..4], [(1, 2), (1, 2), (0, 1), (0, 0)]);
        assert_eq!(share(&places), 0.4);
        assert_eq!(somewhere(&truth, &written), 0.8, "the fourth symbol of the first is one too many");
    }
}
