//! What a batch takes of memory while it is computed.
//!
//! Training keeps what each operation gave until the gradients have come back to it. The bytes of each kind were measured
//! on Flex, as the most that the program had resident, over models that have much of one kind and little of the others.

use std::path::PathBuf;

use crate::data::corpus::Split;
use crate::run::config::{ModelConfig, RunConfig, Task};
use crate::run::training::TrainingConfig;

/// Tokens of a batch by which a model is examined.
const EXAMINED: u128 = 4_096;
/// Tokens of a sentence that are reckoned with at most: `max_length` only says which ones are left out, and those that
/// are nearly as long are rare. What takes more of them finds out when they come.
pub(super) const SENTENCE: usize = 128;
/// Sequences that a model of the copy task writes side by side in the end.
const WRITTEN: u128 = 32;
/// Bytes for each weight that the encoder's queries give its keys meanwhile.
const WRITTEN_SCORE: u128 = 12;
/// Bytes of a token's id, of which there are three copies: as it was read, in a batch, and in its share.
const IDS: u128 = 3 * 8;

/// Bytes of text for each byte of a file that is packed.
const PACKED: u128 = 4;

/// Sequences that are computed side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// How many.
    rows: u128,
    /// Tokens that the encoder reads of each.
    source: u128,
    /// Tokens that the decoder reads of each.
    target: u128,
}

/// Bytes that are kept for each number of a kind.
#[derive(Clone, Copy)]
struct Kept {
    /// Of the vectors of width `d_model` that go through a sub-layer.
    state: u128,
    /// Of those inside a feed-forward network.
    hidden: u128,
    /// Of the weights that a query gives a key.
    score: u128,
    /// Of the scores of the vocabulary.
    logit: u128,
}

/// With gradients. What is dropped is kept beside the number that says so; the fused operations need a byte for that, and
/// keep less of what they computed.
fn training(dropout: f64, fused: bool) -> Kept {
    let drops = |bytes: u128| if dropout > 0.0 { bytes } else { 0 };
    if fused {
        Kept { state: 20 + drops(2), hidden: 8 + drops(5), score: 10 + drops(2), logit: 8 }
    } else {
        Kept { state: 28 + drops(8), hidden: 8 + drops(8), score: 18 + drops(8), logit: 18 }
    }
}

/// Without gradients, but with the attention that is handed out.
const EXAMINING: Kept = Kept { state: 1, hidden: 1, score: 6, logit: 12 };

/// The bytes of the largest batch of a run, be it trained on or examined, by fused operations or by those of the book.
#[must_use]
pub(super) fn of_run(config: &RunConfig, training: &TrainingConfig, fused: bool) -> u128 {
    of_data(config, training, tokens(&config.task), fused)
}

/// Tokens that there are to learn from at most, if that can be told without reading them: each is a byte or more.
fn tokens(task: &Task) -> Option<u128> {
    let (Task::Translate(task) | Task::Lm(task)) = task else { return None };
    let corpus = task.open_there().ok()?;
    let bytes = |path: &PathBuf| {
        let size = u128::from(path.metadata().ok()?.len());
        Some(if path.extension().is_some_and(|extension| extension == "gz") { size * PACKED } else { size })
    };
    let wider = corpus.paths(Split::Train).ok()?.iter().filter_map(bytes).max()?;
    // Those that begin and end a line.
    Some(wider + 2 * corpus.info().counts.train as u128)
}

/// The same where so many tokens are known to be in the data.
fn of_data(config: &RunConfig, training: &TrainingConfig, tokens: Option<u128>, fused: bool) -> u128 {
    let (batch, parts) = (training.batch_size as u128, training.accumulate as u128);
    let budget = |most: u128| tokens.map_or(most, |tokens| tokens.min(most));
    let (trained, examined, written) = match config.task.trained() {
        Task::Copy(task) => {
            let [source, target] = [task.length, task.length - 1].map(|n| n as u128);
            let shape = |rows: u128| Shape { rows, source, target };
            (shape(batch.div_ceil(parts)), shape(batch), of_writing(&config.model, source))
        }
        Task::Translate(task) => {
            let length = task.length.min(SENTENCE) as u128;
            let shape = |most: u128| Shape { source: length, target: length, ..rows(budget(most), length) };
            (shape(batch), shape(EXAMINED), 0)
        }
        Task::Lm(task) => {
            let length = budget(task.length as u128).max(1);
            let shape = |most: u128| Shape { target: length, ..rows(budget(most), length + 1) };
            (shape(batch), shape(EXAMINED), 0)
        }
        Task::Imported { .. } | Task::Average { .. } => return 0,
    };
    let dropout = match &config.model {
        ModelConfig::Transformer(config) => config.dropout,
        ModelConfig::Language(config) => config.dropout,
    };
    let ids = IDS * trained.rows * (trained.source + trained.target) * parts;
    let (trained, examined) = (
        of_shape(&config.model, trained, self::training(dropout, fused)),
        of_shape(&config.model, examined, EXAMINING),
    );
    ids + trained.max(examined).max(written)
}

/// As many rows as a budget of tokens has room for, but at least one, which is no longer than all that there is.
fn rows(budget: u128, length: u128) -> Shape {
    Shape { rows: (budget / length).max(1), source: 0, target: 0 }
}

/// The bytes of the keys and values that a sequence of so many tokens leaves behind when it is written token by token.
#[must_use]
pub(super) fn of_cache(model: &ModelConfig, length: u128) -> u128 {
    let (sizes, attentions) = match model {
        ModelConfig::Transformer(config) => (config.sizes(), 2),
        ModelConfig::Language(config) => (config.sizes(), 1),
    };
    let numbers = 2 * attentions * sizes.n_layers as u128 * sizes.d_model as u128 * length;
    numbers * size_of::<f32>() as u128
}

/// The bytes of what a model of the copy task writes in the end: the encoder reads sequences of so many tokens, and the
/// decoder remembers them.
fn of_writing(model: &ModelConfig, length: u128) -> u128 {
    let heads = match model {
        ModelConfig::Transformer(config) => config.n_heads,
        ModelConfig::Language(config) => config.n_heads,
    } as u128;
    WRITTEN * (heads * length * length * WRITTEN_SCORE + of_cache(model, length))
}

fn of_shape(model: &ModelConfig, shape: Shape, kept: Kept) -> u128 {
    let Shape { rows, source, target } = shape;
    let (sizes, vocab, reads) = match model {
        ModelConfig::Transformer(config) => (config.sizes(), config.tgt_vocab, true),
        ModelConfig::Language(config) => (config.sizes(), config.vocab, false),
    };
    let [layers, width, hidden, heads, vocab] =
        [sizes.n_layers, sizes.d_model, sizes.d_ff, sizes.n_heads, vocab].map(|n| n as u128);
    // An encoder's layer has two sub-layers, and a decoder's three where it reads from an encoder.
    let (read, sublayers, keys) = if reads { (source, 3, target + source) } else { (0, 2, target) };
    let states = (2 * read + sublayers * target) * width;
    let inside = (read + target) * hidden;
    let scores = (read * read + target * keys) * heads;
    let of_layers = layers * (states * kept.state + inside * kept.hidden + scores * kept.score);
    rows * (of_layers + target * vocab * kept.logit)
}

#[cfg(test)]
mod tests {
    use model::{LanguageModelConfig, TransformerConfig};

    use super::*;
    use crate::data::copy::CopyTask;
    use crate::run::config::{CorpusTask, Versions};
    use crate::run::training::tests::training;

    fn run(task: Task, model: ModelConfig) -> RunConfig {
        RunConfig {
            task,
            model,
            bos: 1,
            eos: None,
            training: None,
            device: None,
            versions: Versions::current(),
        }
    }

    fn corpus(length: usize) -> CorpusTask {
        let folder = Some("none".into());
        let corpus = "none".to_owned();
        CorpusTask { corpus, folder, beside: None, content: None, source: None, target: None, length }
    }

    /// One layer, so that what is counted can be counted by hand.
    fn of_one_layer() -> TransformerConfig {
        TransformerConfig {
            n_layers: 1,
            d_model: 6,
            d_ff: 10,
            n_heads: 2,
            dropout: 0.0,
            ..TransformerConfig::tiny(7)
        }
    }

    #[test]
    fn what_is_kept_of_a_batch_is_counted_by_its_kind() {
        let copy =
            run(Task::Copy(CopyTask { vocab: 7, length: 5 }), ModelConfig::Transformer(of_one_layer()));
        let of = |batch_size, fused| {
            of_run(&copy, &TrainingConfig { batch_size, accumulate: 3, ..training() }, fused)
        };
        // Forty sequences at a time: five tokens are read and four are written of each.
        let states = 40 * (2 * 5 + 3 * 4) * 6;
        let inside = 40 * (5 + 4) * 10;
        let scores = 40 * (5 * 5 + 4 * 4 + 4 * 5) * 2;
        let logits = 40 * 4 * 7;
        let ids = 24 * 120 * 9;
        let expected = 28 * states + 8 * inside + 18 * scores + 18 * logits + ids;
        assert_eq!(of(120, false), expected);
        let fused = 20 * states + 8 * inside + 10 * scores + 8 * logits + ids;
        assert_eq!(of(120, true), fused);
        // Two of them are less than what is written in the end: 32, with what two heads of a layer look at and remember.
        let written = 32 * (2 * 5 * 5 * 12 + 2 * 2 * 6 * 5 * 4);
        assert_eq!(of(6, true), written + 24 * 6 * 9);
    }

    #[test]
    fn a_batch_of_a_corpus_is_no_larger_than_the_corpus() {
        let model = ModelConfig::Language(LanguageModelConfig::tiny(300));
        let lm = run(Task::Lm(corpus(31)), model);
        let of =
            |batch_size, tokens| of_data(&lm, &TrainingConfig { batch_size, ..training() }, tokens, true);
        assert!(of(1 << 22, None) > 100 * of(1 << 13, None));
        assert_eq!(of(1 << 22, Some(1 << 13)), of(1 << 13, None));
        assert_eq!(of(1 << 13, Some(1 << 22)), of(1 << 13, None));
        // A window is not cut, however small a batch is to be; but all that there is may be shorter.
        assert_eq!(of(1, None), of(32, None));
        assert!(of(1, Some(7)) < of(1, None));
    }

    #[test]
    fn the_length_that_sentences_may_have_is_not_taken_for_theirs() {
        let of = |length| {
            let translate = run(Task::Translate(corpus(length)), ModelConfig::Transformer(of_one_layer()));
            of_run(&translate, &TrainingConfig { batch_size: 4_096, ..training() }, true)
        };
        assert!(of(16) < of(128));
        assert_eq!(of(128), of(60_000));
    }
}
