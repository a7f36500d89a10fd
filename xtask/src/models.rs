//! `cargo xtask models`: trains the small models that the book shows at work, and writes down what they do.
//!
//! Everything comes from `train` itself: the weights in `models/`, and below `docs/src/figures` the curves, the attention
//! maps, the bars of surprisal, and the samples.

mod beams;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use indicatif::HumanCount;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::process::{build_train, cargo_train};
use crate::{helps, paths, show};

/// All weights together may have so many bytes.
const LIMIT: u64 = 10_000_000;
/// What a run folder needs to be used, and the sums of that.
const KEPT: [&str; 4] = ["config.json", WEIGHTS, "tokenizer.json", "SHA256SUMS"];
const WEIGHTS: &str = "model.safetensors";
/// How long training took.
const TIMINGS: &str = "timings.jsonl";
/// Below `docs/src/figures`: sizes, times and measures of both models. README has the same table.
const TABLE: &str = "models.md";
/// Below `docs/src/figures`: how good the translator is with greedy decoding and with a beam.
const DECODED: &str = "decoding.md";

/// The translator, and what `train` calls its task.
const DING: (&str, &str) = ("ding", "translate");
/// The language model, and what `train` calls its task.
const AUSTEN: (&str, &str) = ("austen", "lm");

/// Sentences of the test split that are shown with their translations: the first of so many words, each of which occurs
/// so often among what was trained on.
const SHOWN: usize = 10;
const WORDS: std::ops::RangeInclusive<usize> = 3..=7;
const OCCURRENCES: usize = 10;
/// The sentence whose attention is drawn.
const SENTENCE: &str = "Wir müssen die Stadt verteidigen.";
/// Hypotheses that beam search keeps; so many as `train translate-text` does unless told otherwise.
const BEAM: &str = "4";
/// A beam of one is greedy decoding.
const GREEDY: &str = "1";
/// How the language model is made to write: what comes first, and how much it dares.
const PROMPTS: [&str; 3] = ["It is a truth", "She was", "Mr. Knightley"];
const WRITING: [&str; 4] = ["--tokens", "60", "--temperature", "0.5"];
/// The sentence whose words are weighed.
const WEIGHED: &str = "She was very glad to see her sister walking in the umbrella.";

/// Trains the models, unless only what they do is to be shown anew, and writes their figures.
pub(crate) fn run(figures_only: bool) -> Result<()> {
    build_train(None)?;
    for model in [DING, AUSTEN] {
        if !figures_only {
            train_one(model)?;
        }
    }
    let total: u64 = [DING, AUSTEN].iter().map(|(name, _)| weights(name)).sum::<Result<u64>>()?;
    ensure!(
        total <= LIMIT,
        "the weights in models/ have {total} bytes, but {LIMIT} at most are to be committed"
    );
    draw()?;
    println!("models/ has {:.1} MB of weights; docs/src/figures shows what they do", total as f64 / 1e6);
    Ok(())
}

fn models() -> PathBuf {
    paths::root().join("models")
}

/// Where a model is trained.
fn run_folder(name: &str) -> PathBuf {
    paths::root().join("target/models").join(name)
}

fn weights(name: &str) -> Result<u64> {
    let path = models().join(name).join(WEIGHTS);
    let metadata = fs::metadata(&path);
    Ok(metadata.with_context(|| format!("no {}: run `cargo xtask models`", paths::shown(&path)))?.len())
}

fn train_one((name, task): (&str, &str)) -> Result<()> {
    let (settings, run) = (models().join(name).join("settings.toml"), run_folder(name));
    let arguments =
        [task.as_ref(), "--config".as_ref(), settings.as_os_str(), "--out".as_ref(), run.as_os_str()];
    train(&[&arguments[..], &["--force".as_ref()]].concat(), None)?;
    // Numbers of 16 bits are enough to use a model, and take half the room. The path goes into `config.json`.
    let stored = run.with_file_name(format!("{name}-stored"));
    let (of, out) = (format!("target/models/{name}"), stored.to_string_lossy());
    call(&["average", &of, "--last", "1", "--half", "--out", &out, "--force"], None)?;
    let copy = |from: &Path, file: &str| {
        let (from, to) = (from.join(file), models().join(name).join(file));
        fs::copy(&from, &to)
            .map(|_| ())
            .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
    };
    KEPT.into_iter().try_for_each(|file| copy(&stored, file))?;
    copy(&run, TIMINGS)
}

/// Runs `train` with these arguments and this input; its output comes back, its progress is shown.
fn train(arguments: &[&std::ffi::OsStr], input: Option<&str>) -> Result<String> {
    let mut command = cargo_train("run", None);
    command.arg("--").args(arguments);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start cargo")?;
    if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(text.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let shown: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    ensure!(output.status.success(), "`train {}` ended with {}", shown.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// The same with arguments that are text.
fn call(arguments: &[&str], input: Option<&str>) -> Result<String> {
    train(&arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>(), input)
}

fn draw() -> Result<()> {
    let step = show::step("Drawing what the models do");
    for (name, _) in [DING, AUSTEN] {
        let run = run_folder(name);
        if run.join("metrics.jsonl").is_file() {
            let out = paths::figures().join(format!("{name}-curves.svg"));
            call(&["plot", &run.to_string_lossy(), "--out", &out.to_string_lossy()], None)?;
        }
    }
    draw_attention()?;
    let plot = paths::figures().join("surprisal.svg");
    call(&["surprisal", "models/austen", "--text", WEIGHED, "--plot", &plot.to_string_lossy()], None)?;
    let (ding, austen) = (evaluated(DING.0, BEAM)?, evaluated(AUSTEN.0, BEAM)?);
    write("ding-samples.md", &translations(&ding)?)?;
    write("austen-samples.md", &continuations(&austen)?)?;
    write("beams.md", &beams::table()?)?;
    write(DECODED, &decoded(&evaluated(DING.0, GREEDY)?, &ding)?)?;
    for program in helps::PROGRAMS {
        write(&helps::file(program), &helps::text(program)?)?;
    }
    write(TABLE, &table([(DING.0, &ding), (AUSTEN.0, &austen)])?)?;
    step.done("");
    Ok(())
}

fn write(name: &str, text: &str) -> Result<()> {
    let path = paths::figures().join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The maps of the first layer of the encoder, and of the last of the decoder to the source.
fn draw_attention() -> Result<()> {
    let folder = paths::root().join("target/models/attention");
    call(&["attention", "models/ding", "--text", SENTENCE, "--out", &folder.to_string_lossy()], None)?;
    let layers = fs::read_dir(&folder)?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with("-to-the-source.svg"))
        .count();
    let last = format!("decoder-layer-{layers}-to-the-source.svg");
    for (map, figure) in [("encoder-layer-1.svg", "attention-encoder.svg"), (&last, "attention-source.svg")] {
        let from = folder.join(map);
        fs::copy(&from, paths::figures().join(figure)).with_context(|| format!("no {}", from.display()))?;
    }
    Ok(())
}

/// What `train eval --json` prints.
#[derive(Deserialize)]
struct Evaluated {
    nll: f64,
    perplexity: f64,
    bits_per_byte: f64,
    bleu: Option<f64>,
    bleu_detail: Option<String>,
}

fn evaluated(name: &str, beam: &str) -> Result<Evaluated> {
    asked(&["eval", &format!("models/{name}"), "--split", "test", "--beam", beam, "--json"])
}

/// Reads the JSON that a command of `train` prints.
fn asked<T: DeserializeOwned>(arguments: &[&str]) -> Result<T> {
    let line = call(arguments, None)?;
    serde_json::from_str(&line)
        .with_context(|| format!("expected what `train {}` prints, found {line}", arguments.join(" ")))
}

/// What both models are, how long their training took, and how good they are on their test splits.
fn table(models: [(&str, &Evaluated); 2]) -> Result<String> {
    #[derive(Deserialize)]
    struct Info {
        total: usize,
    }
    #[derive(Deserialize)]
    struct Timing {
        step: u64,
        minutes: f64,
    }
    let mut text = "| Model | parameters | steps | minutes | NLL | bits a byte | BLEU |\n".to_owned();
    text.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
    for (name, Evaluated { nll, bits_per_byte, bleu, .. }) in models {
        let folder = format!("models/{name}");
        let Info { total } = asked(&["info", &folder, "--json"])?;
        let path = paths::root().join(&folder).join(TIMINGS);
        let timings = fs::read_to_string(&path).with_context(|| format!("no {}", paths::shown(&path)))?;
        let last = timings.lines().last().with_context(|| format!("{} is empty", paths::shown(&path)))?;
        let Timing { step, minutes } = serde_json::from_str(last)?;
        let bleu = bleu.map_or_else(String::new, |bleu| format!("{bleu:.1}"));
        writeln!(
            text,
            "| `{folder}` | {:.2} M | {} | {minutes:.1} | {nll:.2} | {bits_per_byte:.2} | {bleu} |",
            total as f64 / 1e6,
            HumanCount(step)
        )?;
    }
    Ok(text)
}

/// BLEU with both ways of decoding, and how long all sentences are together, if the references are 1.
fn decoded(greedy: &Evaluated, beam: &Evaluated) -> Result<String> {
    let mut text = "| Decoding | BLEU | length |\n|---|---:|---:|\n".to_owned();
    for (name, Evaluated { bleu, bleu_detail, .. }) in
        [("greedy".to_owned(), greedy), (format!("a beam of {BEAM}"), beam)]
    {
        let bleu = bleu.context("expected BLEU of a translator")?;
        let detail = bleu_detail.as_deref().unwrap_or_default();
        let ratio =
            detail.split_once("ratio = ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
        let ratio = ratio.with_context(|| format!("expected a ratio of lengths, found {detail:?}"))?;
        writeln!(text, "| {name} | {bleu:.1} | {ratio:.2} |")?;
    }
    Ok(text)
}

/// A table of sentences that were never trained on, and how good the model is on all of them.
fn translations(evaluated: &Evaluated) -> Result<String> {
    let data = paths::root().join("crates/train/data/ding");
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in read_lines(&data.join("train.de.gz"))? {
        words(&line).for_each(|word| *seen.entry(word).or_default() += 1);
    }
    let is_known = |word: String| seen.get(&word).is_some_and(|&count| count >= OCCURRENCES);
    let pairs: Vec<(String, String)> = read_lines(&data.join("test.de.gz"))?
        .into_iter()
        .zip(read_lines(&data.join("test.en.gz"))?)
        .filter(|(german, _)| WORDS.contains(&words(german).count()) && words(german).all(is_known))
        .take(SHOWN)
        .collect();
    let input: String = pairs.iter().map(|(german, _)| format!("{german}\n")).collect();
    let outputs = call(&["translate-text", "models/ding", "--beam", BEAM], Some(&input))?;
    let mut text = "| German | What the model writes | The dictionary |\n|---|---|---|\n".to_owned();
    for ((german, english), output) in pairs.iter().zip(outputs.lines()) {
        writeln!(text, "| {} | {} | {} |", cell(german), cell(output), cell(english))?;
    }
    let Evaluated { nll, perplexity, bleu, .. } = evaluated;
    let bleu = bleu.context("expected BLEU of a translator")?;
    writeln!(
        text,
        "\nOn the whole test split: BLEU {bleu:.1}, negative log-likelihood {nll:.2} nats a token, perplexity \
         {perplexity:.1}."
    )?;
    Ok(text)
}

fn continuations(evaluated: &Evaluated) -> Result<String> {
    let mut text = String::new();
    for prompt in PROMPTS {
        let written =
            call(&[&["generate", "models/austen", "--prompt", prompt], &WRITING[..]].concat(), None)?;
        writeln!(text, "> {}\n", cell(written.trim()))?;
    }
    let Evaluated { perplexity, bits_per_byte, .. } = evaluated;
    writeln!(
        text,
        "On paragraphs that it was not trained on it needs {bits_per_byte:.2} bits a byte, which is a perplexity of \
         {perplexity:.1} a token."
    )?;
    Ok(text)
}

/// The words of a line, in small letters.
fn words(line: &str) -> impl Iterator<Item = String> {
    let words = line.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// Text that Markdown shows as it is, on one line.
fn cell(text: &str) -> String {
    let mut shown = String::new();
    for character in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if "\\`*_{}[]<>|#~$".contains(character) {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}

fn read_lines(path: &Path) -> Result<Vec<String>> {
    let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(file))?;
    Ok(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_no_punctuation() {
        assert_eq!(words("Wie geht's, Öse?").collect::<Vec<_>>(), ["wie", "geht", "s", "öse"]);
    }

    #[test]
    fn text_is_shown_as_it_is() {
        assert_eq!(cell("a*b |c|\n d"), "a\\*b \\|c\\| d");
    }

    /// README has the figures of the models that are there.
    #[test]
    fn the_table_in_readme_is_the_one_that_was_written() {
        let table = fs::read_to_string(paths::figures().join(TABLE)).unwrap();
        let readme = fs::read_to_string(paths::root().join("README.md")).unwrap();
        assert!(table.lines().count() == 4 && readme.contains(&table), "put this into README.md:\n{table}");
    }

    /// What is committed keeps to the limit, and each model has what `train` needs.
    #[test]
    fn the_models_are_there_and_small() {
        let sizes = [DING, AUSTEN].map(|(name, _)| weights(name).unwrap());
        assert!(sizes.iter().sum::<u64>() <= LIMIT, "{sizes:?}");
        for (name, _) in [DING, AUSTEN] {
            for file in KEPT {
                assert!(models().join(name).join(file).is_file(), "models/{name}/{file}");
            }
        }
    }
}
