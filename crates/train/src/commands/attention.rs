//! `train attention`: draws what a translation, or a copy, looks at, layer by layer and head by head.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor};
use serde::Serialize;

use super::attention_map::{AttentionLayer, attention_map};
use crate::data::dataset::Vocabularies;
use crate::data::lines::{check_ids, format_ids, ids_tensor, parse_ids};
use crate::data::text::normalise;
use crate::data::vocabulary::{EOS, Vocabulary};
use crate::files::write_atomically;
use crate::run::config::{RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::vocabularies;
use crate::tasks::decoding::{DecodePlan, decode};
use crate::tasks::translate::sources;
use crate::words::counted;

/// Tokens of a text at most: a map with more can't be read, and has a place for every pair of them.
const MOST: usize = 128;

/// One kind of attention of one layer, as JSON.
#[derive(Serialize)]
struct Layer<'a> {
    name: &'a str,
    queries: &'a [String],
    keys: &'a [String],
    /// `[head][query][key]`
    weights: &'a [Vec<Vec<f32>>],
}

/// Writes an SVG for every layer and kind of attention, and all numbers as `attention.json`, into `out`, or else into
/// the folder `attention` of the run.
///
/// The target is what the model itself writes, unless one is given.
///
/// # Errors
///
/// If the run holds no model that translates or copies, a text is empty or too long, or the folder can't be written.
pub(crate) fn run(
    folder: &RunFolder,
    text: &str,
    target: Option<&str>,
    out: Option<&Path>,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let config = folder.config()?;
    let model = folder.model(&config, device)?;
    let tokens = Tokens::open(folder, &config)?;
    let text = &*normalise(text);
    ensure!(!text.is_empty(), "--text is empty, so there is nothing to attend to");
    let src = tokens.source(text, &config)?;
    check(&src, "--text")?;
    let written = match target {
        Some(target) => {
            let written = tokens.target(target, &config)?;
            check(&written, "--target")?;
            written
        }
        None => {
            let found = decode(&DecodePlan::greedy(), &config, &model, std::slice::from_ref(&src), device);
            found.into_iter().next().map(|hypothesis| hypothesis.ids).unwrap_or_default()
        }
    };
    // The query at a position is what was written before; it decides what comes next.
    let given = [&[config.bos], &written[..written.len().saturating_sub(1)]].concat();
    let seen = {
        let pad = config.model.pad();
        let src = ids_tensor(std::slice::from_ref(&src), pad, device);
        model.forward(src, ids_tensor(std::slice::from_ref(&given), pad, device))
    };
    let (read, before) = tokens.names(&src, &given);
    let mut layers = Vec::new();
    let mut add = |name: String, weights: &Tensor<4>, queries: &[String], keys: &[String]| {
        layers.push(AttentionLayer {
            title: name,
            heads: values(weights),
            queries: queries.to_vec(),
            keys: keys.to_vec(),
        });
    };
    for (n, weights) in seen.encoder.weights.iter().enumerate() {
        add(format!("Encoder, layer {}", n + 1), weights, &read, &read);
    }
    for (n, layer) in seen.decoder.weights.iter().enumerate() {
        add(format!("Decoder, layer {}, to itself", n + 1), &layer.self_attn, &before, &before);
        add(format!("Decoder, layer {}, to the source", n + 1), &layer.cross_attn, &before, &read);
    }
    let out = out.map_or_else(|| folder.path().join("attention"), Path::to_owned);
    fs::create_dir_all(&out).with_context(|| format!("cannot create the folder {}", out.display()))?;
    for layer in &layers {
        let name = layer.title.to_lowercase().replace(", ", "-").replace(' ', "-");
        let path = out.join(format!("{name}.svg"));
        write_atomically(&path, attention_map(layer, &format!("attention-{name}")).as_bytes())?;
    }
    let described: Vec<Layer<'_>> = layers
        .iter()
        .map(|layer| Layer {
            name: &layer.title,
            queries: &layer.queries,
            keys: &layer.keys,
            weights: &layer.heads,
        })
        .collect();
    let all = serde_json::json!({
        "source": text, "output": tokens.written(&written)?, "layers": described,
    });
    write_atomically(&out.join("attention.json"), serde_json::to_string(&all)?.as_bytes())?;
    writeln!(output, "{}", tokens.written(&written)?)?;
    writeln!(output, "wrote {} and attention.json to {}", counted(layers.len(), "map"), out.display())?;
    Ok(())
}

/// How a text becomes tokens, and what these are called.
enum Tokens {
    /// Pieces of words.
    Pieces(Box<Vocabularies>),
    /// The symbols of the copy task, written as numbers.
    Symbols,
}

impl Tokens {
    fn open(folder: &RunFolder, config: &RunConfig) -> Result<Self> {
        let copies = match &config.task {
            Task::Average { task, .. } => matches!(**task, Task::Copy(_)),
            task => matches!(task, Task::Copy(_)),
        };
        Ok(if copies { Self::Symbols } else { Self::Pieces(Box::new(vocabularies::open(folder, config)?)) })
    }

    fn source(&self, text: &str, config: &RunConfig) -> Result<Vec<usize>> {
        match self {
            Self::Pieces(words) => {
                let place = |_| "--text can't be used".to_owned();
                Ok(sources(&words.source, vec![text.to_owned()], config, place)?.swap_remove(0))
            }
            Self::Symbols => symbols(text, "--text", config.transformer()?.src_vocab),
        }
    }

    fn target(&self, text: &str, config: &RunConfig) -> Result<Vec<usize>> {
        match self {
            Self::Pieces(words) => Ok([&words.target.encode(&normalise(text))?[..], &[EOS]].concat()),
            Self::Symbols => symbols(text, "--target", config.transformer()?.tgt_vocab),
        }
    }

    /// The names of what is read, and of what has been written.
    fn names(&self, read: &[usize], before: &[usize]) -> (Vec<String>, Vec<String>) {
        let numbers = |ids: &[usize]| ids.iter().map(usize::to_string).collect();
        match self {
            Self::Pieces(words) => (pieces(&words.source, read), pieces(&words.target, before)),
            Self::Symbols => (numbers(read), numbers(before)),
        }
    }

    fn written(&self, ids: &[usize]) -> Result<String> {
        match self {
            Self::Pieces(words) => words.target.decode(ids),
            Self::Symbols => Ok(format_ids(ids)),
        }
    }
}

fn symbols(text: &str, flag: &str, vocab: usize) -> Result<Vec<usize>> {
    let ids = parse_ids(text)?;
    check_ids(&ids, flag, vocab)?;
    Ok(ids)
}

fn check(ids: &[usize], flag: &str) -> Result<()> {
    ensure!(
        ids.len() <= MOST,
        "{flag} has {} tokens, but a map shows at most {MOST}; give a shorter text",
        ids.len()
    );
    Ok(())
}

fn pieces(vocabulary: &Vocabulary, ids: &[usize]) -> Vec<String> {
    ids.iter().map(|&id| vocabulary.piece(id)).collect()
}

/// `[1, heads, query, key]` as `[head][query][key]`.
fn values(weights: &Tensor<4>) -> Vec<Vec<Vec<f32>>> {
    let [_, _, queries, keys] = weights.dims();
    let all: Vec<f32> = weights.clone().into_data().iter::<f32>().collect();
    all.chunks(queries * keys).map(|head| head.chunks(keys).map(<[f32]>::to_vec).collect()).collect()
}
