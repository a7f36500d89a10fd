//! `train decode`: lets a trained model write.

use std::io::{BufRead, Write};

use anyhow::Result;
use burn::tensor::Device;
use model::decoding::Hypothesis;
use serde::{Deserialize, Serialize};

use crate::data::lines::{check_ids, format_ids, parse_ids, read_ids, read_json};
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use crate::tasks::decoding::{DecodePlan, decode};

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

/// Decodes one source or a stream of them.
///
/// # Errors
///
/// If the run folder or the input is damaged.
pub(crate) fn run(
    plan: &DecodePlan,
    folder: &RunFolder,
    device: &Device,
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<()> {
    plan.validate()?;
    let config = folder.config()?;
    let sources = sources(plan, &config, input)?;
    let model = folder.model(&config, device)?;
    for hypothesis in decode(plan, &config, &model, &sources, device) {
        let Hypothesis { ids, log_prob, score } = &hypothesis;
        if plan.json {
            let answer = Answer { ids, score: *log_prob, ranking: *score };
            writeln!(output, "{}", serde_json::to_string(&answer)?)?;
        } else {
            writeln!(output, "{}", format_ids(&[&[config.bos], &ids[..]].concat()))?;
        }
    }
    Ok(())
}

fn sources(plan: &DecodePlan, config: &RunConfig, input: impl BufRead) -> Result<Vec<Vec<usize>>> {
    let vocab = config.transformer()?.src_vocab;
    let check = |ids: &[usize]| check_ids(ids, "src", vocab);
    match &plan.src {
        Some(text) => {
            let ids = parse_ids(text)?;
            check(&ids)?;
            Ok(vec![ids])
        }
        None if plan.json => {
            let requests = read_json(input, |request: &Request| check(&request.src))?;
            Ok(requests.into_iter().map(|request| request.src).collect())
        }
        None => read_ids(input, check),
    }
}
