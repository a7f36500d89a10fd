//! Times what is done with text, as `bench/text_baseline.py` does it in Python: see `cargo xtask bench text`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::bench_line::{line, rate};
use crate::cli::bench::{BenchArgs, Work};
use crate::data::corpus::{Corpus, Kind, Split};
use crate::data::dataset::{Writer, encode_text, learn_text};
use crate::data::vocabulary::Vocabulary;
use crate::tasks::bleu::corpus_bleu;
use crate::words::counted;

/// Tokens that a language model sees at once, into which a text is cut.
const WINDOW: usize = 256;

/// Times the work and prints one JSON line, with what came of it: of all rounds, the same.
///
/// # Errors
///
/// If a file that the work needs isn't given, or can't be read.
pub(super) fn bench(args: &BenchArgs, output: &mut impl Write) -> Result<()> {
    let (name, key, lines, work) = match args.what {
        Work::Bleu => bleu(args)?,
        Work::Encode => encode(args)?,
        _ => learn(args)?,
    };
    let mut seconds = Vec::new();
    let mut found = 0.0;
    for _ in 0..args.iters + args.warm_up {
        let started = Instant::now();
        found = work()?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    let mut line = line(name, &seconds, args.warm_up);
    line["impl"] = "train".into();
    line["lines"] = lines.into();
    line["lines_per_s"] = rate(lines, &line);
    line[key] = found.into();
    Ok(writeln!(output, "{line}")?)
}

/// The work's name, what it finds, how many lines it reads, and itself.
type Timed<'a> = (&'static str, &'static str, usize, Box<dyn Fn() -> Result<f64> + 'a>);

/// Learning: as many lines as there are, though of a large corpus a sample does.
fn learn(args: &BenchArgs) -> Result<Timed<'_>> {
    let corpus = corpus(args)?;
    let lines = corpus.info().counts.train;
    let work = move || {
        let vocabulary = learn_text(&corpus, args.vocab)?;
        if let Some(path) = &args.texts.tokenizer {
            fs::write(path, vocabulary.text()?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(vocabulary.size() as f64)
    };
    Ok(("learn", "pieces", lines, Box::new(work)))
}

/// Encoding, to a file.
fn encode(args: &BenchArgs) -> Result<Timed<'_>> {
    let corpus = corpus(args)?;
    let vocabulary = Vocabulary::open(given(&args.texts.tokenizer, "--tokenizer")?)?;
    let lines = corpus.info().counts.train;
    let work = move || {
        let folder = tempfile::tempdir()?;
        let mut writer = Writer::create(&folder.path().join("ids"))?;
        let encoded = encode_text(&corpus, Split::Train, &vocabulary, WINDOW, &mut writer)?;
        writer.finish()?;
        Ok(encoded.target_tokens as f64)
    };
    Ok(("encode", "tokens", lines, Box::new(work)))
}

/// BLEU of what was read before.
fn bleu(args: &BenchArgs) -> Result<Timed<'_>> {
    let read = |path: &Option<PathBuf>, option| -> Result<Vec<String>> {
        let path = given(path, option)?;
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    let hypotheses = read(&args.texts.hypotheses, "--hypotheses")?;
    let references = read(&args.texts.references, "--references")?;
    ensure!(
        hypotheses.len() == references.len(),
        "expected as many lines in --references as in --hypotheses, found {} and {}",
        counted(references.len(), "line"),
        hypotheses.len()
    );
    let lines = references.len();
    let work = move || Ok(corpus_bleu(&hypotheses, &references).score);
    Ok(("bleu", "score", lines, Box::new(work)))
}

fn corpus(args: &BenchArgs) -> Result<Corpus> {
    let corpus = Corpus::open(given(&args.texts.corpus, "--corpus")?)?;
    ensure!(
        corpus.info().kind == Kind::Text,
        "expected a corpus of text in --corpus, found one of pairs in {}",
        corpus.folder().display()
    );
    Ok(corpus)
}

fn given<'a>(path: &'a Option<PathBuf>, option: &str) -> Result<&'a Path> {
    path.as_deref().with_context(|| format!("this work needs {option}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::cli::bench::Texts;
    use crate::cli::{Command, parse};

    /// What `train bench` with these words prints.
    fn printed(words: &str, texts: Texts) -> Result<Value> {
        let words = format!("train bench {words} --iters 1 --warm-up 1");
        let Ok(cli) = parse(words.split(' ').map(Into::into)) else { panic!("{words}") };
        let Command::Bench(args) = cli.command else { panic!("{words}") };
        let mut output = Vec::new();
        bench(&BenchArgs { texts, ..args }, &mut output)?;
        Ok(serde_json::from_slice(&output)?)
    }

    #[test]
    fn a_vocabulary_is_learnt_and_used() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = crate::data::corpus::built_in_folder().unwrap().join("austen");
        let texts =
            Texts { corpus: Some(corpus), tokenizer: Some(folder.path().join("t.json")), ..Texts::default() };
        let learnt = printed("learn --vocab 300", texts.clone()).unwrap();
        assert!(learnt["lines_per_s"].as_f64().unwrap() > 0.0 && learnt["pieces"] == 300.0, "{learnt}");
        let encoded = printed("encode", texts).unwrap();
        assert_eq!(encoded["lines"], learnt["lines"]);
        assert!(encoded["tokens"].as_f64() > encoded["lines"].as_f64(), "{encoded}");
    }

    #[test]
    fn bleu_is_that_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            Some(path)
        };
        let hypotheses = write("h", "the dog sleeps under the table\nit is late\n");
        let references = write("r", "the dog sleeps under the table\nit was late\n");
        let texts = Texts { hypotheses, references, ..Texts::default() };
        let found = printed("bleu", texts.clone()).unwrap();
        let score = found["score"].as_f64().unwrap();
        assert!(found["lines"] == 2 && (50.0..100.0).contains(&score), "{found}");
        let shorter = Texts { hypotheses: write("s", "the dog\n"), ..texts };
        let error = printed("bleu", shorter).unwrap_err().to_string();
        assert!(error.ends_with("found 2 lines and 1"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (words, option) in [("learn", "--corpus"), ("encode", "--corpus"), ("bleu", "--hypotheses")] {
            let error = printed(words, Texts::default()).unwrap_err().to_string();
            assert_eq!(error, format!("this work needs {option}"), "{words}");
        }
    }
}
