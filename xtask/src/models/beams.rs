//! Where greedy decoding and beam search part: a sentence, token by token, with what each token cost.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{BEAM, cell, train};
use crate::paths;

/// A sentence for which a beam finds what greedy decoding misses.
const FORK: &str = "Du kannst auf mich zählen.";
const MODEL: &str = "models/ding";
/// The token that ends a sentence.
const EOS: &str = "<eos>";
/// What begins a piece that begins a word.
const BLANK: char = '▁';

/// A token that was written, and the logarithm of its probability.
type Token = (String, f64);

/// Both sentences side by side, in Markdown.
pub(super) fn table() -> Result<String> {
    let vocabulary = Vocabulary::read()?;
    let source = vocabulary.source()?;
    let (greedy, beam) = (vocabulary.written(&source, "1")?, vocabulary.written(&source, BEAM)?);
    ensure!(
        greedy != beam,
        "expected a sentence that greedy decoding and a beam of {BEAM} translate differently"
    );
    Ok(side_by_side(&greedy, &beam))
}

fn side_by_side(greedy: &[Token], beam: &[Token]) -> String {
    let mut text = format!("`{FORK}`\n\n");
    text.push_str(
        "| | Greedy decoding | probability | logarithm | Beam search | probability | logarithm |\n",
    );
    text.push_str("|---:|---|---:|---:|---|---:|---:|\n");
    let cells = |written: &[Token], place: usize| match written.get(place) {
        Some((token, log)) => format!("{} | {:.3} | {log:.3}", cell(token), log.exp()),
        None => " | | ".to_owned(),
    };
    for place in 0..greedy.len().max(beam.len()) {
        let _ = writeln!(text, "| {} | {} | {} |", place + 1, cells(greedy, place), cells(beam, place));
    }
    let sums = [greedy, beam].map(|written| {
        let sum: f64 = written.iter().map(|(_, log)| log).sum();
        format!("{:.3} | {sum:.3}", sum.exp())
    });
    let _ = writeln!(text, "| | together | {} | together | {} |", sums[0], sums[1]);
    text
}

/// The pieces of the translator.
struct Vocabulary {
    ids: HashMap<String, usize>,
    pieces: HashMap<usize, String>,
}

impl Vocabulary {
    fn read() -> Result<Self> {
        #[derive(Deserialize)]
        struct Tokenizer {
            model: Model,
        }
        #[derive(Deserialize)]
        struct Model {
            vocab: HashMap<String, usize>,
        }
        let path = paths::root().join(MODEL).join("tokenizer.json");
        let text = fs::read_to_string(&path).with_context(|| format!("no {}", paths::shown(&path)))?;
        let Tokenizer { model: Model { vocab } } = serde_json::from_str(&text)?;
        let pieces = vocab.iter().map(|(piece, &id)| (id, piece.clone())).collect();
        Ok(Self { ids: vocab, pieces })
    }

    /// The sentence as ids: `train attention` says how it is cut.
    fn source(&self) -> Result<Vec<usize>> {
        #[derive(Deserialize)]
        struct Maps {
            layers: Vec<Layer>,
        }
        #[derive(Deserialize)]
        struct Layer {
            keys: Vec<String>,
        }
        let folder = paths::root().join("target/models/fork");
        let out = folder.to_string_lossy();
        super::call(&["attention", MODEL, "--text", FORK, "--out", &out], None)?;
        let Maps { layers } = serde_json::from_str(&fs::read_to_string(folder.join("attention.json"))?)?;
        let pieces = &layers.first().context("expected maps of attention, found none")?.keys;
        self.ids(FORK, pieces)
    }

    /// Ids of the pieces of a text, the last of which ends it.
    fn ids(&self, text: &str, pieces: &[String]) -> Result<Vec<usize>> {
        let mut rest = text;
        let mut ids = Vec::new();
        for piece in pieces {
            let begins = rest == text || rest.starts_with(' ');
            let name = if begins && piece != EOS { format!("{BLANK}{piece}") } else { piece.clone() };
            ids.push(*self.ids.get(&name).with_context(|| format!("there is no piece {name:?}"))?);
            rest = rest.trim_start().strip_prefix(&**piece).unwrap_or(rest);
        }
        Ok(ids)
    }

    fn written(&self, source: &[usize], beam: &str) -> Result<Vec<Token>> {
        #[derive(Deserialize)]
        struct Decoded {
            ids: Vec<usize>,
        }
        #[derive(Deserialize)]
        struct Scored {
            log_probs: Vec<f64>,
        }
        let request = json!({ "src": source });
        let Decoded { ids } = answer(&["decode", MODEL, "--json", "--beam", beam], &request)?;
        let bos = self.ids.get("<bos>").copied().context("there is no piece <bos>")?;
        let target = [&[bos][..], &ids].concat();
        let request = json!({ "src": source, "tgt": target });
        let Scored { log_probs } = answer(&["score", MODEL, "--json"], &request)?;
        let piece = |id| self.pieces.get(id).map_or("", |piece| piece.trim_start_matches(BLANK)).to_owned();
        Ok(ids.iter().map(piece).zip(log_probs).collect())
    }
}

/// What a command that reads lines of JSON answers to one.
fn answer<T: DeserializeOwned>(arguments: &[&str], request: &serde_json::Value) -> Result<T> {
    let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
    let line = train(&arguments, Some(&format!("{request}\n")))?;
    serde_json::from_str(&line).with_context(|| format!("expected an answer to {request}, found {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_pieces_that_it_is_cut_into() {
        let ids = ["▁a", "▁b", "b", "c", EOS].iter().zip(5..).map(|(piece, id)| ((*piece).to_owned(), id));
        let vocabulary = Vocabulary { ids: ids.collect(), pieces: HashMap::new() };
        let pieces = ["a", "b", "b", "c", EOS].map(str::to_owned);
        assert_eq!(vocabulary.ids("a bbc", &pieces).unwrap(), [5, 6, 7, 8, 9]);
        assert!(vocabulary.ids("z", &["z".to_owned()]).is_err());
    }

    #[test]
    fn the_shorter_sentence_ends_with_empty_cells() {
        let long = vec![("a".to_owned(), -0.5), (EOS.to_owned(), -0.25)];
        let text = side_by_side(&long, &[(EOS.to_owned(), -1.0)]);
        let rows: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(rows[0], "| 1 | a | 0.607 | -0.500 | \\<eos\\> | 0.368 | -1.000 |");
        assert_eq!(rows[1], "| 2 | \\<eos\\> | 0.779 | -0.250 |  | |  |");
        assert_eq!(rows[2], "| | together | 0.472 | -0.750 | together | 0.368 | -1.000 |");
    }
}
