//! What is asked of a model now and then while it is trained.

use anyhow::Result;

/// How good a model is on data that it is not trained on.
pub trait Examiner<M> {
    /// Evaluates the model, which has neither dropout nor gradients.
    ///
    /// # Errors
    ///
    /// If the data can't be read.
    fn examine(&mut self, model: &M) -> Result<Examined>;
}

/// What an [`Examiner`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examined {
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// Corpus BLEU of what the model writes, from 0 to 100.
    pub bleu: Option<f64>,
    /// Some of what it wrote.
    pub samples: Vec<Sample>,
}

/// Something that the model wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// What it was given to read.
    pub source: Option<String>,
    /// What it should have written.
    pub reference: Option<String>,
    /// What it wrote.
    pub output: String,
}
