//! What the models write, with the functions that `train translate-text` and `train generate` call.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Int, Tensor};
use model::decoding::{EXTRA_LENGTH, Sampling, greedy, sample};
use train::run::reader::Reader;
use train::run::translator::Translator;

use super::{ROOM, Written};

/// Translations, each with the likeliest token every time.
pub(super) fn translated(translator: &Translator, sentences: &[String]) -> Result<Vec<Written>> {
    sentences.iter().map(|text| translation(translator, text)).collect()
}

fn translation(translator: &Translator, text: &str) -> Result<Written> {
    let ids = translator.source(text)?;
    let (bos, eos) = (translator.bos(), translator.eos());
    let limit = [ids.len() + EXTRA_LENGTH];
    let found = greedy(&translator.model, translator.tensor(std::slice::from_ref(&ids)), bos, eos, &limit);
    let output = found.into_iter().next().context("nothing was translated")?.ids;
    ensure!(
        ids.len() <= ROOM.source,
        "{text:?} has {} tokens, and there is room for {}",
        ids.len(),
        ROOM.source
    );
    ensure!(output.len() <= ROOM.target, "the translation of {text:?} is longer than {}", ROOM.target);
    let target = read(bos, &output);
    let logits =
        translator.model.forward(translator.tensor(std::slice::from_ref(&ids)), translator.tensor(&[target]));
    let gaps = gaps(logits.logits, &output, 0)?;
    Ok(Written { text: text.to_owned(), written: translator.text(&output)?, ids, output, gaps })
}

/// What a model has read of what it wrote when it writes the last token.
pub(super) fn read(bos: usize, output: &[usize]) -> Vec<usize> {
    let before = &output[..output.len().saturating_sub(1)];
    [&[bos], before].concat()
}

/// Continuations, each with the likeliest token every time.
pub(super) fn continued(reader: &Reader, prompts: &[String], tokens: usize) -> Result<Vec<Written>> {
    prompts.iter().map(|text| continuation(reader, text, tokens)).collect()
}

fn continuation(reader: &Reader, text: &str, tokens: usize) -> Result<Written> {
    let ids = reader.ids(text)?;
    let sampling = Sampling { temperature: 0.0, top_k: None, top_p: None, eos: None, seed: 1 };
    let device = reader.tensor(&ids).device();
    let found = sample(&reader.model, std::slice::from_ref(&ids), &sampling, tokens, &device)?;
    let output = found.into_iter().next().context("nothing was written")?;
    let room = ROOM.text;
    ensure!(ids.len() + tokens <= room, "{text:?} has {} tokens, and there is room for {room}", ids.len());
    let all: Vec<usize> = [&ids[..], &output[..output.len() - 1]].concat();
    let logits: Tensor<3> = reader.model.forward(reader.tensor(&all)).output;
    let gaps = gaps(logits, &output, ids.len() - 1)?;
    // A paragraph ends with EOS, and what is written goes on with the next.
    let lines = output.split(|&id| id == reader.eos()).map(|line| reader.text(line));
    let written = lines.collect::<Result<Vec<String>>>()?.join("\n");
    Ok(Written { text: text.to_owned(), ids, output, written, gaps })
}

/// How much larger the best logit is than the second, from position `first` on. The best must be what was written.
fn gaps(logits: Tensor<3>, output: &[usize], first: usize) -> Result<Vec<f64>> {
    let (best, places): (Tensor<3>, Tensor<3, Int>) = logits.topk_with_indices(2, 2);
    let best: Vec<f64> = best.try_into_data()?.iter::<f64>().collect();
    let places: Vec<i64> = places.try_into_data()?.iter::<i64>().collect();
    let pairs = best.chunks(2).zip(places.chunks(2)).skip(first);
    let gap = |(&written, (best, places)): (&usize, (&[f64], &[i64]))| {
        let ([best, second], [place, other]) = (best, places) else { return Ok(0.0) };
        let id = written as i64;
        ensure!(
            id == *place || id == *other,
            "step by step, another token is the likeliest than all at once"
        );
        Ok(if id == *place { best - second } else { second - best })
    };
    output.iter().zip(pairs).map(gap).collect()
}
