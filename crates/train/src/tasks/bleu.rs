//! BLEU, the score in which the quality of machine translation is usually reported.
//!
//! Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation", define it up to the way
//! text is cut into words, and scores of different cuts cannot be compared (Post 2018, "A Call for Clarity in Reporting
//! BLEU Scores"). This is the BLEU of Post's sacreBLEU with its default settings, which [`SIGNATURE`] names.

use std::collections::HashMap;
use std::fmt;
use std::iter::zip;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// What is measured, as sacreBLEU writes it: to be reported with every score. The version is that of the sacreBLEU
/// that made the figures which the tests here compare with.
pub(crate) const SIGNATURE: &str = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0";

/// The longest n-grams that count.
const ORDER: usize = 4;

/// How well hypotheses match their references. Displayed as sacreBLEU displays it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Bleu {
    /// The geometric mean of the precisions times the brevity penalty: from 0 to 100, where higher is better.
    pub(crate) score: f64,
    /// The share of the hypotheses' 1- to 4-grams that their references have too, in percent, after smoothing.
    pub(crate) precisions: [f64; ORDER],
    /// The factor for hypotheses shorter than their references: from 0 to 1, where 1 is no penalty.
    pub(crate) brevity_penalty: f64,
    /// Words and punctuation marks in all hypotheses.
    pub(crate) hypothesis_length: usize,
    /// Words and punctuation marks in all references.
    pub(crate) reference_length: usize,
}

impl fmt::Display for Bleu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precisions = self.precisions.map(|precision| format!("{precision:.1}")).join("/");
        let ratio = match self.reference_length {
            0 => 0.0,
            length => self.hypothesis_length as f64 / length as f64,
        };
        write!(
            formatter,
            "BLEU = {:.2} {precisions} (BP = {:.3} ratio = {ratio:.3} hyp_len = {} ref_len = {})",
            self.score, self.brevity_penalty, self.hypothesis_length, self.reference_length
        )
    }
}

/// BLEU of a corpus: `hypotheses[i]` is a translation, not cut into words yet, and `references[i]` the one translation
/// that it is compared with.
///
/// There must be as many of the one as of the other; what the longer list has in excess is ignored. A corpus without a
/// single matching word scores 0, and so does an empty one or one without any hypothesis of four words.
#[must_use]
pub(crate) fn corpus_bleu(hypotheses: &[impl AsRef<str>], references: &[impl AsRef<str>]) -> Bleu {
    let mut counts = Counts::default();
    zip(hypotheses, references)
        .for_each(|(hypothesis, reference)| counts.add(hypothesis.as_ref(), reference.as_ref()));
    counts.bleu()
}

/// What BLEU is computed from: sums over the sentence pairs of a corpus.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    hypothesis_length: usize,
    reference_length: usize,
    /// The hypotheses' n-grams, for n from 1 to 4.
    total: [usize; ORDER],
    /// Those of them that the reference of the same sentence has too.
    matching: [usize; ORDER],
}

impl Counts {
    /// Counts a translation, not cut into words yet, and the one that it is compared with.
    pub(crate) fn add(&mut self, hypothesis: &str, reference: &str) {
        let (hypothesis, reference) = (tokenize(hypothesis), tokenize(reference));
        self.add_words(&words(&hypothesis), &words(&reference));
    }

    fn add_words(&mut self, hypothesis: &[&str], reference: &[&str]) {
        self.hypothesis_length += hypothesis.len();
        self.reference_length += reference.len();
        for n in 1..=ORDER {
            let mut unmatched: HashMap<&[&str], usize> = HashMap::new();
            for ngram in reference.windows(n) {
                *unmatched.entry(ngram).or_default() += 1;
            }
            for ngram in hypothesis.windows(n) {
                self.total[n - 1] += 1;
                // Every occurrence in the reference matches once, so that repeating a good word gains nothing.
                if let Some(left) = unmatched.get_mut(ngram).filter(|left| **left > 0) {
                    *left -= 1;
                    self.matching[n - 1] += 1;
                }
            }
        }
    }

    /// The score of all that was counted.
    #[must_use]
    pub(crate) fn bleu(&self) -> Bleu {
        let precisions = self.precisions();
        let brevity_penalty = self.brevity_penalty();
        // A precision of 0 has the logarithm -inf, and makes the score 0.
        let mean = (precisions.iter().map(|precision| precision.ln()).sum::<f64>() / ORDER as f64).exp();
        Bleu {
            score: (brevity_penalty * mean).min(100.0), // exp(ln(100)) is a little more than 100
            precisions,
            brevity_penalty,
            hypothesis_length: self.hypothesis_length,
            reference_length: self.reference_length,
        }
    }

    /// In percent. Where nothing matches, half a match is assumed, a quarter for the second such n, and so on ("exp",
    /// the smoothing of mteval-v13a.pl), unless nothing matches at all or there are no n-grams of that length.
    fn precisions(&self) -> [f64; ORDER] {
        let mut precisions = [0.0; ORDER];
        if self.matching[0] == 0 {
            return precisions;
        }
        let mut assumed = 1.0;
        for (precision, (&total, &matching)) in zip(&mut precisions, zip(&self.total, &self.matching)) {
            if total > 0 && matching == 0 {
                assumed /= 2.0;
                *precision = 100.0 * assumed / total as f64;
            } else if total > 0 {
                *precision = 100.0 * matching as f64 / total as f64;
            }
        }
        precisions
    }

    fn brevity_penalty(&self) -> f64 {
        if self.hypothesis_length >= self.reference_length {
            return 1.0;
        }
        // Without any hypothesis, this is exp(-inf) = 0.
        (1.0 - self.reference_length as f64 / self.hypothesis_length as f64).exp()
    }
}

/// Where the tokenizer "13a" puts spaces, one rule after the other. Digits and letters are those of ASCII.
static RULES: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    let rule = |pattern, replacement| (Regex::new(pattern).expect("a constant expression"), replacement);
    [
        // Around the punctuation of ASCII, except the apostrophe, the comma, the hyphen and the full stop.
        rule(r"([{-~\[-` -&(-+:-@/])", " ${1} "),
        // Around a full stop or comma that no digit precedes,
        rule(r"([^0-9])([.,])", "${1} ${2} "),
        // or that no digit follows.
        rule(r"([.,])([^0-9])", " ${1} ${2}"),
        // Around a hyphen after a digit.
        rule(r"([0-9])(-)", "${1} ${2} "),
    ]
});

/// A line of text with spaces between its words, and between them and most punctuation marks: the tokenizer of
/// mteval-v13a.pl, as sacreBLEU has it.
fn tokenize(line: &str) -> String {
    let mut text = line.trim_end_matches(is_space).replace("<skipped>", "");
    text = text.replace("-\n", "").replace('\n', " ");
    // In this order, as there: "&amp;lt;" becomes "<".
    for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        text = text.replace(entity, character);
    }
    text = format!(" {text} "); // so that the rules find something beside the first and the last character
    for (regex, replacement) in RULES.iter() {
        text = regex.replace_all(&text, *replacement).into_owned();
    }
    text
}

fn words(tokenized: &str) -> Vec<&str> {
    tokenized.split(is_space).filter(|word| !word.is_empty()).collect()
}

/// Whether Python's `str.split` splits here. Unlike Unicode's `White_Space`, it does so at the four information
/// separators of ASCII as well.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A corpus, and what sacreBLEU says of it.
    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        hypotheses: Vec<String>,
        references: Vec<String>,
        score: f64,
        precisions: [f64; ORDER],
        bp: f64,
        sys_len: usize,
        ref_len: usize,
        text: String,
    }

    #[test]
    fn equals_sacrebleu() {
        let cases = include_str!("../../tests/sacrebleu/expected.json");
        let cases: Vec<Case> = serde_json::from_str(cases).expect("what make.py wrote");
        assert!(cases.len() > 20, "only {} cases", cases.len());
        for case in cases {
            let bleu = corpus_bleu(&case.hypotheses, &case.references);
            let lengths = (bleu.hypothesis_length, bleu.reference_length);
            assert_eq!(lengths, (case.sys_len, case.ref_len), "lengths of {}", case.name);
            for (found, expected) in zip(bleu.precisions, case.precisions) {
                assert!((found - expected).abs() < 1e-9, "precisions of {}: {bleu}", case.name);
            }
            assert!(
                (bleu.brevity_penalty - case.bp).abs() < 1e-9,
                "brevity penalty of {}: {bleu}",
                case.name
            );
            assert!((bleu.score - case.score).abs() < 1e-9, "score of {}: {bleu}", case.name);
            assert_eq!(bleu.to_string(), case.text, "text of {}", case.name);
        }
    }

    #[test]
    fn an_empty_corpus_scores_0() {
        let none: [&str; 0] = [];
        let bleu = corpus_bleu(&none, &none);
        assert_eq!(
            bleu.to_string(),
            "BLEU = 0.00 0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)"
        );
    }

    #[test]
    fn a_perfect_corpus_scores_exactly_100() {
        let line = ["The cat sat on the mat."];
        assert_eq!(corpus_bleu(&line, &line).score, 100.0);
    }
}
