//! `train decode`: lets a trained model write.

use std::io::Write;

use anyhow::Result;
use burn::tensor::Device;
use model::decoding::Hypothesis;
use serde::{Deserialize, Serialize};

use crate::data::lines::{answer_stdin, check_ids, format_ids, parse_ids, parse_json};
use crate::run::folder::RunFolder;
use crate::tasks::decoding::{DecodePlan, check_score, decode};

/// A line of input.
#[derive(Deserialize)]
struct Request {
    src: Vec<usize>,
}

/// A line of output.
#[derive(Serialize)]
struct Answer<'a> {
    /// What was written after BOS.
    ids: &'a [usize],
    /// Its log-probability in nats, as `train score` computes it.
    score: f64,
    /// What beam search ranks by: the score over the length penalty.
    ranking: f64,
}

/// Decodes one source or a stream of them: those that have come, whatever is still to come.
///
/// # Errors
///
/// If the run folder or the input is damaged.
pub(crate) fn run(
    plan: &DecodePlan,
    folder: &RunFolder,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    plan.validate()?;
    let config = folder.config()?;
    let vocab = config.transformer()?.src_vocab;
    let check = |ids: &[usize]| check_ids(ids, "src", vocab);
    let ids = |text: &str| {
        let ids = parse_ids(text)?;
        check(&ids)?;
        Ok(ids)
    };
    let given = plan.src.as_deref().map(ids).transpose()?;
    let model = folder.model(&config, device)?;
    let mut answer = |sources: &[Vec<usize>]| {
        for found in decode(plan, &config, &model, sources, device) {
            check_score(&found)?;
            write(&found, plan.json, config.bos, output)?;
        }
        Ok(output.flush()?)
    };
    match given {
        Some(ids) => answer(&[ids]),
        None if plan.json => {
            let source = |request: Request| request.src;
            answer_stdin(|line| parse_json(line, |request: &Request| check(&request.src)).map(source), answer)
        }
        None => answer_stdin(ids, answer),
    }
}

fn write(found: &Hypothesis, json: bool, bos: usize, output: &mut impl Write) -> Result<()> {
    let Hypothesis { ids, log_prob, score } = found;
    if json {
        let answer = Answer { ids, score: *log_prob, ranking: *score };
        writeln!(output, "{}", serde_json::to_string(&answer)?)?;
    } else {
        writeln!(output, "{}", format_ids(&[&[bos], &ids[..]].concat()))?;
    }
    Ok(())
}
