//! `cargo xtask bench decode`: writing with the cache, greedily and by beam search, beside PyTorch and CTranslate2.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;

use super::baseline::{Baseline, can_import, lines};
use super::floors::{DECODE, Decode};
use super::spread::{Spread, verdict_heading};

/// The kinds of numbers that are computed with: as `train` does by itself, and with `--int8`.
const TYPES: [&str; 2] = ["float32", "int8"];

pub(super) fn run(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    let has_ctranslate2 = baseline.is_processor() && can_import(&baseline.python, "ctranslate2, numpy");
    println!("\nTokens a second; rounds: {}", baseline.rounds);
    println!(
        "{:<6}  {:>5}  {:<24}  {:>7}  {:>7} {:>7}  {}",
        "search",
        "batch",
        "program",
        "median",
        "least",
        "most",
        verdict_heading("ratio")
    );
    for setting in DECODE {
        for row in rows(&setting, &measure(baseline, &setting, has_ctranslate2)?) {
            println!("{row}");
        }
    }
    println!(
        "\nA ratio is train's tokens a second over those of the program in this row, with numbers of the same kind. The model is random: \
         N3 d256\nff1024 h4, vocabulary 8,000. Sources have 24 tokens, and every sentence gets 60: nothing ends early, and no \
         hypothesis is longer\nthan another, so that the length penalty (0.6) decides nothing. PyTorch computes all positions \
         anew at each token, without\na cache, and has no beam. CTranslate2 is shown at its best setting (translators x \
         threads of each) of: one core, all cores\nfor one translator, a translator for each core."
    );
    if !baseline.is_processor() {
        println!("CTranslate2 is compared on a processor alone.");
    } else if !has_ctranslate2 {
        println!("{} has no CTranslate2: `pip install ctranslate2 numpy`.", baseline.python);
    }
    Ok(())
}

/// Tokens per second, round by round.
#[derive(Debug, Default)]
struct Measured {
    train: Vec<f64>,
    /// With numbers of eight bits; empty where a device has no such.
    train_int8: Vec<f64>,
    /// Empty where PyTorch has no such search.
    torch: Vec<f64>,
    /// By type and setting; empty where CTranslate2 is missing.
    ctranslate2: BTreeMap<(String, String), Vec<f64>>,
}

/// A line of `bench/ctranslate2_baseline.py`.
#[derive(Debug, Deserialize)]
struct Line {
    r#type: String,
    setting: String,
    tokens_per_s: f64,
}

fn measure(baseline: &Baseline, setting: &Decode, has_ctranslate2: bool) -> Result<Measured> {
    let [batch, beam, iters] = [setting.batch, setting.beam, baseline.iters].map(|number| number.to_string());
    let mut measured = Measured::default();
    for _ in 0..baseline.rounds {
        let work = ["decode", "--batch", &batch];
        let searched = [&work[..], &["--beam", &beam]].concat();
        measured.train.push(baseline.train(&searched)?.tokens_per_s);
        if baseline.device == "flex" {
            let rounded = baseline.train(&[&searched[..], &["--int8"]].concat())?;
            measured.train_int8.push(rounded.tokens_per_s);
        }
        if setting.torch.is_some() {
            measured.torch.push(baseline.torch(&work)?.tokens_per_s);
        }
        if has_ctranslate2 {
            let mut command = baseline.script("ctranslate2_baseline.py");
            command.args(["--batch", &batch, "--beam", &beam, "--iters", &iters, "--types"]).args(TYPES);
            for Line { r#type, setting, tokens_per_s } in lines::<Line>(&mut command)? {
                measured.ctranslate2.entry((r#type, setting)).or_default().push(tokens_per_s);
            }
        }
    }
    Ok(measured)
}

/// A row for each program; `-` where it is missing.
fn rows(setting: &Decode, measured: &Measured) -> Vec<String> {
    let search = if setting.beam == 1 { "greedy".to_owned() } else { format!("beam {}", setting.beam) };
    let row = |program: &str, tokens: &[f64], compared: Option<(&[f64], Option<f64>)>| {
        let heading = format!("{search:<6}  {:>5}  {program:<24}", setting.batch);
        if tokens.is_empty() {
            return format!("{heading}  {:>7}", "-");
        }
        let Spread { median, least, most } = Spread::of(tokens);
        let ratio = compared.filter(|(ours, _)| !ours.is_empty());
        let ratio = ratio.map(|(ours, floor)| Spread::of_ratios(ours, tokens).verdict(floor));
        let row =
            format!("{heading}  {median:>7.0}  {least:>7.0} {most:>7.0}  {}", ratio.unwrap_or_default());
        row.trim_end().to_owned()
    };
    let mut rows = vec![row("train", &measured.train, None)];
    if setting.torch.is_some() {
        rows.push(row("PyTorch without a cache", &measured.torch, Some((&measured.train, setting.torch))));
    }
    let ours = [(&measured.train, setting.ctranslate2), (&measured.train_int8, setting.ctranslate2_int8)];
    for (kind, (ours, floor)) in TYPES.into_iter().zip(ours) {
        if kind != TYPES[0] {
            rows.push(row(&format!("train {kind}"), ours, None));
        }
        let (best, tokens) = best(measured, kind).unwrap_or(("", &[]));
        rows.push(row(format!("CTranslate2 {kind} {best}").trim_end(), tokens, Some((ours, Some(floor)))));
    }
    rows
}

/// The setting with which CTranslate2 is fastest, and its tokens per second.
fn best<'a>(measured: &'a Measured, kind: &str) -> Option<(&'a str, &'a [f64])> {
    let of_kind = measured.ctranslate2.iter().filter(|((found, _), _)| found == kind);
    let settings = of_kind.map(|((_, setting), tokens)| (setting.as_str(), tokens.as_slice()));
    settings.max_by(|a, b| Spread::of(a.1).median.total_cmp(&Spread::of(b.1).median))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        let mut measured =
            Measured { train: vec![900.0, 1_000.0], torch: vec![200.0, 100.0], ..Measured::default() };
        measured.train_int8 = vec![1_600.0, 3_000.0];
        for (kind, setting, tokens) in [
            ("float32", "1x1", [500.0, 600.0]),
            ("float32", "1x2", [1_000.0, 800.0]),
            ("int8", "1x1", [2_000.0, 4_000.0]),
        ] {
            measured.ctranslate2.insert((kind.to_owned(), setting.to_owned()), tokens.to_vec());
        }
        measured
    }

    fn plain(rows: Vec<String>) -> Vec<String> {
        rows.iter().map(|row| console::strip_ansi_codes(row).into_owned()).collect()
    }

    #[test]
    fn each_program_has_a_row_and_ctranslate2_its_best() {
        let setting =
            Decode { beam: 1, batch: 32, torch: Some(5.0), ctranslate2: 1.0, ctranslate2_int8: 0.7 };
        let rows = plain(rows(&setting, &measured()));
        let words: Vec<String> =
            rows.iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            words,
            [
                "greedy 32 train 1000 900 1000",
                "greedy 32 PyTorch without a cache 200 100 200 10.00 4.50 10.00 5.0",
                "greedy 32 CTranslate2 float32 1x2 1000 800 1000 1.25 0.90 1.25 1.0",
                "greedy 32 train int8 3000 1600 3000",
                "greedy 32 CTranslate2 int8 1x1 4000 2000 4000 0.80 0.75 0.80 0.7",
            ]
        );
        assert!(rows.iter().all(|row| row.chars().count() <= 110), "{rows:?}");
    }

    #[test]
    fn what_is_missing_is_a_dash() {
        let setting = Decode { beam: 4, batch: 1, torch: None, ctranslate2: 1.0, ctranslate2_int8: 0.7 };
        let without = Measured { train: vec![9.0], ..Measured::default() };
        let rows = plain(rows(&setting, &without));
        assert_eq!(rows.len(), 4, "PyTorch has no beam: {rows:?}");
        assert!(
            rows[1].starts_with("beam 4      1  CTranslate2 float32") && rows[1].ends_with("  -"),
            "{rows:?}"
        );
    }

    #[test]
    fn the_best_setting_is_that_of_the_best_median() {
        let mut measured = measured();
        let of = |measured: &Measured, kind| best(measured, kind).map(|(setting, _)| setting.to_owned());
        assert_eq!(of(&measured, "float32").as_deref(), Some("1x2"));
        measured.ctranslate2.insert(("float32".to_owned(), "2x1".to_owned()), vec![900.0, 1_200.0, 1_300.0]);
        assert_eq!(of(&measured, "float32").as_deref(), Some("2x1"));
        assert_eq!(of(&measured, "int4"), None);
    }
}
