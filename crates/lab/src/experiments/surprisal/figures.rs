//! How much more the word that doesn't fit surprises, frame by frame, and one sentence word by word.

use plot::{Bar, Bars, Caption, Colour, Drawn, Panel, Row, both, isolate};

use super::tables::order;
use super::{Measured, Results, Word};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("frames", frames(results));
    report.figure("example", example(results));
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
