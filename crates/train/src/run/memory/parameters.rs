//! How many numbers a model has to learn, by its sizes alone: nothing is made.

use model::{LanguageModelConfig, NormOrder, Sizes, TransformerConfig, Tying};

use crate::run::config::ModelConfig;

/// The parameters of a model whose sizes have been checked.
#[must_use]
pub(crate) fn parameters(model: &ModelConfig) -> u128 {
    match model {
        ModelConfig::Transformer(config) => of_transformer(config),
        ModelConfig::Language(config) => of_language_model(config),
    }
}

fn of_transformer(config: &TransformerConfig) -> u128 {
    let sizes = config.sizes();
    let [width, source, target] = [config.d_model, config.src_vocab, config.tgt_vocab].map(|n| n as u128);
    let tables = match config.tying {
        Tying::All => target * width,
        Tying::Decoder => (source + target) * width,
        Tying::None => (source + 2 * target) * width,
    };
    let bias = if config.generator_bias { target } else { 0 };
    let decoder_layer = 2 * attention(&sizes) + feed_forward(&sizes) + 3 * norm(&sizes);
    tables + bias + stack(&sizes, layer(&sizes)) + stack(&sizes, decoder_layer)
}

fn of_language_model(config: &LanguageModelConfig) -> u128 {
    let sizes = config.sizes();
    let table = config.vocab as u128 * config.d_model as u128;
    let tables = if config.tied { table } else { 2 * table };
    tables + stack(&sizes, layer(&sizes))
}

/// N layers, and in pre-norm a norm on top.
fn stack(sizes: &Sizes, layer: u128) -> u128 {
    let on_top = if sizes.norm == NormOrder::Pre { norm(sizes) } else { 0 };
    sizes.n_layers as u128 * layer + on_top
}

fn layer(sizes: &Sizes) -> u128 {
    attention(sizes) + feed_forward(sizes) + 2 * norm(sizes)
}

/// Query, key, value and output.
fn attention(sizes: &Sizes) -> u128 {
    4 * linear(sizes.d_model, sizes.d_model)
}

fn feed_forward(sizes: &Sizes) -> u128 {
    linear(sizes.d_model, sizes.d_ff) + linear(sizes.d_ff, sizes.d_model)
}

/// A matrix and a bias.
fn linear(d_in: usize, d_out: usize) -> u128 {
    d_in as u128 * d_out as u128 + d_out as u128
}

/// Gain and bias.
fn norm(sizes: &Sizes) -> u128 {
    2 * sizes.d_model as u128
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::device::processor;
    use crate::run::weights;

    #[test]
    fn the_module_has_as_many_as_its_sizes_say() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for round in 0..48 {
            let n_heads = random.random_range(1..4);
            let d_model = n_heads * random.random_range(1..9);
            let (n_layers, d_ff) = (random.random_range(1..5), random.random_range(1..40));
            let [src_vocab, own_vocab] = [(); 2].map(|()| random.random_range(3..50));
            let norm = if random.random_bool(0.5) { NormOrder::Pre } else { NormOrder::Post };
            let tying = [Tying::None, Tying::Decoder, Tying::All][round % 3];
            let tgt_vocab = if tying == Tying::All { src_vocab } else { own_vocab };
            let tiny = TransformerConfig::tiny(3);
            let generator_bias = random.random_bool(0.5);
            let config = TransformerConfig {
                src_vocab,
                tgt_vocab,
                n_layers,
                d_model,
                d_ff,
                n_heads,
                norm,
                tying,
                generator_bias,
                ..tiny
            };
            let count = |parameters: Vec<weights::Parameter>| -> u128 {
                parameters.iter().map(|parameter| parameter.count() as u128).sum()
            };
            let module = count(weights::parameters(&config.init(&processor()).unwrap()));
            assert_eq!(of_transformer(&config), module, "{config:?}");
            let tiny = LanguageModelConfig::tiny(src_vocab);
            let tied = random.random_bool(0.5);
            let config = LanguageModelConfig { n_layers, d_model, d_ff, n_heads, norm, tied, ..tiny };
            let module = count(weights::parameters(&config.init(&processor()).unwrap()));
            assert_eq!(of_language_model(&config), module, "{config:?}");
        }
    }

    #[test]
    fn the_largest_model_that_is_allowed_is_counted_without_overflow() {
        let (layers, widest, vocab) =
            (model::sizes::MOST_LAYERS, model::sizes::WIDEST, model::sizes::MOST_TOKENS);
        let config = TransformerConfig {
            n_layers: layers,
            d_model: widest,
            d_ff: widest,
            n_heads: widest,
            tying: Tying::None,
            ..TransformerConfig::base(vocab)
        };
        config.validate().unwrap();
        // Sixteen matrices in the layers of both sides, and three tables.
        let matrices = 16 * layers as u128 + 3;
        let square = (widest as u128).pow(2);
        let found = of_transformer(&config);
        assert!(found > matrices * square && found < (matrices + 1) * square, "{found}");
    }
}
