//! `train import`: makes a run folder from weights of The Annotated Transformer.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use model::annotated::{is_transposed, name_of, unbiased_gain};
use model::{NormOrder, TransformerConfig, Tying};
use serde::Deserialize;
use serde_json::json;

use crate::cli::using::ImportArgs;
use crate::device::processor;
use crate::run::config::{ModelConfig, RunConfig, Task, Versions};
use crate::run::folder::RunFolder;
use crate::run::memory::Need;
use crate::run::weights::{
    Parameter, Precision, Weights, fill, parameters, read_pytorch, read_safetensors, refuse,
};

/// Buffers of positional encodings, which are computed here and not stored.
const POSITIONS: [&str; 2] = ["src_embed.1.pe", "tgt_embed.1.pe"];

/// The names of the three matrices that may be one, source embedding first.
const TABLES: [&str; 3] = ["src_embed.0.lut.weight", "tgt_embed.0.lut.weight", "generator.proj.weight"];

/// What a file of weights doesn't say about its model. Other keys are passed over.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Spec {
    n_layers: usize,
    d_model: usize,
    d_ff: usize,
    n_heads: usize,
    src_vocab: usize,
    tgt_vocab: usize,
    norm: NormOrder,
    eps: f64,
    pad: usize,
    bos: usize,
    #[serde(default)]
    eos: Option<usize>,
    #[serde(default)]
    dropout: f64,
    #[serde(default = "no_tying")]
    tying: Tying,
    #[serde(default = "with_bias")]
    generator_bias: bool,
}

fn no_tying() -> Tying {
    Tying::None
}

fn with_bias() -> bool {
    true
}

/// Makes the run folder, and says so.
///
/// # Errors
///
/// If a file is missing or damaged, or a tensor is missing, unexpected or of another shape.
pub(crate) fn run(plan: &ImportArgs, output: &mut impl Write) -> Result<()> {
    let folder = import(plan)?;
    let path = folder.path().display();
    if plan.json {
        let told = json!({ "run": path.to_string(), "config": folder.config()? });
        writeln!(output, "{told}")?;
    } else {
        writeln!(output, "imported {} into {path}", plan.weights.display())?;
    }
    Ok(())
}

fn import(plan: &ImportArgs) -> Result<RunFolder> {
    let config = RunConfig {
        task: Task::Imported {
            weights: plan.weights.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            unbiased_norm: plan.unbiased_norm,
        },
        ..read_spec(&plan.config)?
    };
    let sizes = config.transformer()?;
    let described = || format!("{}", plan.config.display());
    config.validate().with_context(described)?;
    Need::to_import(&config.model).check().with_context(described)?;
    let model = sizes.init(&processor()).with_context(described)?;
    let what = plan.weights.display().to_string();
    let theirs = untie(read(&plan.weights)?, sizes.tying, &what)?;
    let mut ours = translate(theirs, &parameters(&model), &what)?;
    if plan.unbiased_norm {
        adapt_gains(&mut ours, unbiased_gain(sizes.d_model));
    }
    let model = fill(model, ours, &what)?;
    let save = |folder: &RunFolder| folder.save_model(&model, 0, Precision::Single);
    RunFolder::create_whole(&plan.out, &config, plan.force, save)
}

fn read_spec(path: &Path) -> Result<RunConfig> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let context = || format!("{} is no description of a model", path.display());
    let spec: Spec = serde_json::from_str(&text).with_context(context)?;
    let model = TransformerConfig {
        src_vocab: spec.src_vocab,
        tgt_vocab: spec.tgt_vocab,
        n_layers: spec.n_layers,
        d_model: spec.d_model,
        d_ff: spec.d_ff,
        n_heads: spec.n_heads,
        dropout: spec.dropout,
        norm: spec.norm,
        eps: spec.eps,
        tying: spec.tying,
        generator_bias: spec.generator_bias,
        pad: spec.pad,
    };
    Ok(RunConfig {
        task: Task::Imported { weights: String::new(), unbiased_norm: false },
        model: ModelConfig::Transformer(model),
        bos: spec.bos,
        eos: spec.eos,
        training: None,
        device: None,
        versions: Versions::current(),
    })
}

/// Reads the file, all but its positions.
fn read(path: &Path) -> Result<Weights> {
    let weights = match path.extension().and_then(|extension| extension.to_str()) {
        Some("pt" | "pth" | "bin") => read_pytorch(path)?,
        Some("safetensors") => read_safetensors(path)?,
        _ => bail!("{}: expected a .pt or .safetensors file", path.display()),
    };
    Ok(unwrap(weights).into_iter().filter(|(name, _)| !POSITIONS.contains(&name.as_str())).collect())
}

/// Removes the prefix that PyTorch's data-parallel wrapper puts before all names.
fn unwrap(weights: Weights) -> Weights {
    const PREFIX: &str = "module.";
    if weights.keys().all(|name| name.starts_with(PREFIX)) {
        weights.into_iter().map(|(name, array)| (name[PREFIX.len()..].to_owned(), array)).collect()
    } else {
        weights
    }
}

/// Drops the copies of matrices that are one parameter here; if they are in the file, they must be equal.
fn untie(mut weights: Weights, tying: Tying, what: &str) -> Result<Weights> {
    let [source, target, generator] = TABLES;
    let copies: &[&str] = match tying {
        Tying::None => &[],
        Tying::Decoder => &[generator],
        Tying::All => &[source, generator],
    };
    for &copy in copies {
        if let Some(array) = weights.remove(copy) {
            let original = weights.entry(target.to_owned()).or_insert_with(|| array.clone());
            if *original != array {
                bail!(
                    "{what} does not fit the configured model: {copy} differs from {target}, but they are to be tied"
                );
            }
        }
    }
    Ok(weights)
}

/// Their names and layout become ours.
fn translate(mut theirs: Weights, parameters: &[Parameter], what: &str) -> Result<Weights> {
    let mut ours = Weights::new();
    let mut problems = Vec::new();
    for Parameter { path, shape } in parameters {
        let name = name_of(path).unwrap_or_else(|| path.clone());
        let mut expected = shape.clone();
        if is_transposed(path) {
            expected.reverse();
        }
        match theirs.remove(&name) {
            None => problems.push(format!("missing {name}")),
            Some(array) if array.shape != expected => {
                problems.push(format!("{name} has shape {:?} instead of {expected:?}", array.shape));
            }
            Some(array) => {
                let array = if is_transposed(path) { array.transposed() } else { array };
                ours.insert(path.clone(), array);
            }
        }
    }
    problems.extend(theirs.keys().map(|name| format!("unexpected {name}")));
    refuse(&problems, what)?;
    Ok(ours)
}

fn adapt_gains(weights: &mut Weights, factor: f64) {
    for (path, array) in weights {
        if path.ends_with(".norm.gamma") {
            array.values.iter_mut().for_each(|gain| *gain = (f64::from(*gain) * factor) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::weights::Array;

    fn matrix(value: f32) -> Array {
        Array { shape: vec![1, 1], values: vec![value] }
    }

    fn weights(entries: &[(&str, f32)]) -> Weights {
        entries.iter().map(|&(name, value)| (name.to_owned(), matrix(value))).collect()
    }

    #[test]
    fn the_prefix_of_a_wrapped_model_is_removed() {
        let wrapped = weights(&[("module.encoder.norm.a_2", 1.0), ("module.generator.proj.bias", 2.0)]);
        let bare = weights(&[("encoder.norm.a_2", 1.0), ("generator.proj.bias", 2.0)]);
        assert_eq!(unwrap(wrapped), bare);
        assert_eq!(unwrap(bare.clone()), bare);
    }

    #[test]
    fn tied_matrices_may_be_there_or_not() {
        let one = weights(&[(TABLES[1], 7.0)]);
        assert_eq!(untie(one.clone(), Tying::All, "").unwrap(), one);
        let all = weights(&[(TABLES[0], 7.0), (TABLES[1], 7.0), (TABLES[2], 7.0)]);
        assert_eq!(untie(all.clone(), Tying::All, "").unwrap(), one);
        assert_eq!(untie(all.clone(), Tying::None, "").unwrap(), all);
        assert_eq!(untie(all, Tying::Decoder, "").unwrap(), weights(&[(TABLES[0], 7.0), (TABLES[1], 7.0)]));
        assert_eq!(untie(weights(&[(TABLES[0], 7.0)]), Tying::All, "").unwrap(), one);
    }

    #[test]
    fn tied_matrices_that_differ_are_refused() {
        let message =
            untie(weights(&[(TABLES[1], 7.0), (TABLES[2], 8.0)]), Tying::Decoder, "x.pt").unwrap_err();
        let message = message.to_string();
        assert!(message.contains("generator.proj.weight differs from tgt_embed.0.lut.weight"), "{message}");
    }

    #[test]
    fn only_gains_are_adapted() {
        let mut weights =
            weights(&[("encoder.norm.gamma", 4.0), ("encoder.norm.beta", 4.0), ("generator.bias", 4.0)]);
        adapt_gains(&mut weights, 0.5);
        let values: Vec<f32> = weights.values().map(|array| array.values[0]).collect();
        assert_eq!(values, [4.0, 2.0, 4.0]);
    }
}
