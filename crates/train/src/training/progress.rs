//! How training tells whoever watches how it is getting on.

use super::examiner::Sample;

/// Whoever watches. Training waits for it, so it should take microseconds.
pub trait Progress {
    /// A step was taken.
    fn step(&mut self, step: &Step);
    /// The model was evaluated.
    fn evaluation(&mut self, evaluation: &Evaluation);
    /// Something happened, such as "saved checkpoint 500".
    fn note(&mut self, text: &str);
}

/// Nobody watches.
impl Progress for () {
    fn step(&mut self, _: &Step) {}
    fn evaluation(&mut self, _: &Evaluation) {}
    fn note(&mut self, _: &str) {}
}

/// Numbers of one step, as shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Steps taken since training began, from one.
    pub step: usize,
    /// What was minimised, per token.
    pub loss: f64,
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// Learning rate.
    pub lr: f64,
    /// Norm of all gradients together, before clipping.
    pub gradient_norm: f64,
    /// Gradient noise scale, if it is known.
    pub noise_scale: Option<f64>,
    /// Target tokens a second.
    pub tokens_per_s: f64,
    /// Share of the batch that is padding, from 0 to 1.
    pub padding: f64,
    /// Share of the whole run that is done, from 0 to 1.
    pub done: f64,
}

/// How good the model is on data that it is not trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Steps taken before it.
    pub step: usize,
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// BLEU, from 0 to 100, if outputs were compared with references.
    pub bleu: Option<f64>,
    /// Some of what the model wrote.
    pub samples: Vec<Sample>,
}
