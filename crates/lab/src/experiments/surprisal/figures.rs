//! How much more the word that doesn't fit surprises, frame by frame, and one sentence word by word.

use plot::{Bar, Bars, Caption, Colour, Drawn, Panel, Row, both, decimal, isolate};

use super::small::Small;
use super::tables::order;
use super::{Measured, Results, Word};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("frames", frames(results));
    report.figure("example", example(results));
    if let Some(small) = &results.small {
        report.figure("seeds", seeds(results, small));
    }
}

/// A bar for each frame: to the right, if it came out as expected.
fn frames(results: &Results) -> Drawn {
    let bar = |n: usize| {
        let frame: &Measured = &results.frames[n];
        let difference = frame.difference();
        Bar {
            name: format!("{} / {}", frame.fitting, frame.unfitting),
            value: difference,
            hint: isolate(&format!(
                "{} … {}: {:.1} bits, {}: {:.1} bits",
                frame.context, frame.fitting, frame.bits[0], frame.unfitting, frame.bits[1]
            )),
            colour: if difference > 0.0 { Colour::First } else { Colour::Second },
        }
    };
    let bars = order(&results.frames).into_iter().map(bar).collect();
    let title = "The word that doesn't fit, against the one that does";
    let bars = Bars { width: 520.0, ..Bars::new(title, "bits that it surprises more", bars) };
    let description = format!(
        "In {} of {} frames the word that doesn't fit surprises more; {:.1} bits on average.",
        results.summary.expected, results.summary.frames, results.summary.difference.mean
    );
    both(&[&bars], &Caption { id: "surprisal-frames", title, description: &description })
}

/// How many frames come out as expected: with every small model, with the book's, and by frequency alone.
fn seeds(results: &Results, small: &Small) -> Drawn {
    let Results { run, summary, .. } = results;
    let of = summary.frames;
    let bar = |name: String, value: f64, said: &str, colour: Colour| {
        let hint = isolate(&format!("{name}: {value} of {of} frames{said}"));
        Bar { name, value, hint, colour }
    };
    let with = |perplexity: f64| format!(", perplexity {}", decimal(perplexity, 1));
    let mut bars: Vec<Bar> = small
        .runs
        .iter()
        .map(|run| {
            let (name, value) = (format!("small, seed {}", run.seed), run.expected as f64);
            bar(name, value, &with(run.perplexity), Colour::First)
        })
        .collect();
    bars.push(bar(run.clone(), summary.expected as f64, &with(small.book), Colour::Second));
    bars.push(bar("frequency alone".to_owned(), summary.by_frequency, "", Colour::Third));
    let title = "The same frames, asked of models of other seeds";
    let label = format!("frames of {of} in which the word that doesn't fit surprises more");
    let bars = Bars { width: 620.0, at_least: of as f64, decimals: 0, ..Bars::new(title, label, bars) };
    let Small { expected, .. } = small;
    let description = format!(
        "Of {of} frames, small models get {} on average ({} to {}), {run} gets {}, and counting words {}.",
        decimal(expected.mean, 1),
        expected.least,
        expected.most,
        summary.expected,
        summary.by_frequency
    );
    both(&[&bars], &Caption { id: "surprisal-seeds", title, description: &description })
}

/// The first frame, word by word, with either end.
fn example(results: &Results) -> Drawn {
    let bars = |words: &Vec<Word>| {
        let last = words.len().saturating_sub(1);
        let bar = |(n, word): (usize, &Word)| Bar {
            name: word.word.clone(),
            value: word.bits.max(0.0),
            hint: format!("„{}“: {:.2} bits", isolate(&word.word), word.bits),
            colour: if n == last { Colour::Second } else { Colour::First },
        };
        let title = format!("… {}", words.last().map_or("", |word| word.word.as_str()));
        let most = results.example.iter().flatten().map(|word| word.bits).fold(0.0, f64::max);
        let bars = words.iter().enumerate().map(bar).collect();
        Bars { width: 310.0, at_least: most, ..Bars::new(title, "surprisal in bits", bars) }
    };
    let ends = results.example.each_ref().map(bars);
    let row = Row { panels: ends.iter().map(|bars| bars as &dyn Panel).collect() };
    let last = results.example.each_ref().map(|words| words.last());
    let description = match last {
        [Some(first), Some(second)] => format!(
            "„{}“ has {:.1} bits, „{}“ {:.1}.",
            isolate(&first.word),
            first.bits,
            isolate(&second.word),
            second.bits
        ),
        _ => String::new(),
    };
    both(
        &[&row],
        &Caption { id: "surprisal-example", title: "One sentence, two ends", description: &description },
    )
}
