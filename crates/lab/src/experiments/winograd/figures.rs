//! How often the networks are right, where the pronoun looks, and what patching brings.

use plot::{Bar, Bars, Caption, Colour, Drawn, HeatMap, HeatMaps, Key, both, decimal, isolate, stack};

use super::attention::Looks;
use super::diagram::{ENGLISH, GERMAN};
use super::program::{Place, attentions, decoder, encoder};
use super::summary::Spreads;
use super::{Kind, Results, diagram};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("kinds", kinds(results));
    report.figure("attention", attention(results));
    report.figure("positions", positions(results));
    report.figure("heads", heads(results));
    if let Some(shown) = diagram::shown(results) {
        report.figure("patching", shown.drawn);
        report.piece("places", places(&shown.listed));
    }
}

/// Two bars for each kind of sentence: by scores, and by what is written.
fn kinds(results: &Results) -> Drawn {
    let mut bars = Vec::new();
    for (kind, of) in &results.summary.asked {
        let Spreads { scored, right, .. } = of;
        let name = short(*kind);
        let bar = |name: &str, spread: &crate::Spread, what: &str, colour| Bar {
            name: name.to_owned(),
            value: 100.0 * spread.mean,
            hint: format!(
                "{}, {what}: {} % on average, from {} to {}",
                kind.shown(),
                decimal(100.0 * spread.mean, 1),
                decimal(100.0 * spread.least, 1),
                decimal(100.0 * spread.most, 1)
            ),
            colour,
        };
        bars.push(bar(name, scored, "by score", Colour::First));
        bars.push(bar("written", right, "as written", Colour::Second));
    }
    let title = "The right pronoun";
    let keys = vec![
        Key::filled("scores best", Colour::First, 0.85),
        Key::filled("is written", Colour::Second, 0.85),
    ];
    let bars =
        Bars { keys, at_least: 100.0, width: 520.0, ..Bars::new(title, "percent of the sentences", bars) };
    let of = |kind: Kind| results.summary.asked.get(&kind).map_or(f64::NAN, |of| 100.0 * of.scored.mean);
    let description = format!(
        "Means of {} networks. The right pronoun scores best in {:.1} % of sentences with unseen pairs, in {:.1} % without \
         the adjective, in {:.1} % with a third noun by the thing.",
        results.summary.networks,
        of(Kind::Unseen),
        of(Kind::Without),
        of(Kind::BesideThing)
    );
    both(&[&bars], &Caption { id: "winograd-kinds", title, description: &description })
}

/// What has room beside a bar.
fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::Seen => "pairs of training",
        Kind::Unseen => "unseen pairs",
        Kind::Without => "no adjective",
        Kind::ReasonFirst => "reason first",
        Kind::Says => "says somebody",
        Kind::BesideThing => "noun by thing",
        Kind::BesideContainer => "noun by container",
    }
}

/// The words of two sentences of the same length; both where they differ.
fn either([one, other]: [&Vec<String>; 2]) -> Vec<String> {
    let word = |(a, b): (&String, &String)| if a == b { a.clone() } else { format!("{a}/{b}") };
    one.iter().zip(other).map(word).collect()
}

/// Two maps for each way to look: with the one adjective, and with the other.
fn attention(results: &Results) -> Drawn {
    let [large, small] = &results.looks;
    let rows: Vec<String> = large
        .it
        .iter()
        .enumerate()
        .flat_map(|(layer, heads)| (1..=heads.len()).map(move |head| format!("{}.{head}", layer + 1)))
        .collect();
    let maps = |of: fn(&Looks) -> &Vec<Vec<Vec<f64>>>| -> [HeatMap; 2] {
        [(large, "large"), (small, "small")]
            .map(|(looks, name)| HeatMap { name: format!("… too {name}"), values: of(looks).concat() })
    };
    let all = [maps(|looks| &looks.it), maps(|looks| &looks.source), maps(|looks| &looks.own)];
    let words = |map: usize, german: bool| {
        let looks = if map == 0 { large } else { small };
        if german { &looks.german } else { &looks.english }
    };
    // One heading for both maps: "large/small" where the sentences differ.
    let [english, german] = [[&large.english, &small.english], [&large.german, &small.german]].map(either);
    let hint = |words: &[String], map: usize, row: usize, column: usize, weight: f64| {
        let adjective = ["large", "small"][map.min(1)];
        let word = words.get(column).map_or("", String::as_str);
        let head = rows.get(row).map_or("", String::as_str);
        format!("too {adjective}, layer and head {head}: „{}“ {weight:.2}", isolate(word))
    };
    let in_english = |map: usize, row: usize, column: usize, weight: f64| {
        hint(words(map, false), map, row, column, weight)
    };
    let in_german =
        |map: usize, row: usize, column: usize, weight: f64| hint(words(map, true), map, row, column, weight);
    let it = HeatMaps {
        title: "Where “it” looks in the encoder",
        maps: &all[0],
        rows: &rows,
        columns: &english,
        row_axis: "Layer.head",
        column_axis: "Word →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &in_english,
    };
    let source = HeatMaps { title: "Where “weil” looks in the English", maps: &all[1], ..it };
    let own = HeatMaps {
        title: "Where “weil” looks in the German",
        maps: &all[2],
        columns: &german,
        hint: &in_german,
        ..it
    };
    let attended = &results.summary.attended;
    let description = format!(
        "Weights of every layer and head in the sentence of the trophy, in the first network. On average of all networks and \
         sentences, of the heads of it the one that tells the nouns apart best has {:.2} on what is meant and {:.2} on the \
         other; one head of weil has {:.2} on the English adjective; and one has {:.2} on the German noun that is meant or \
         its article, and {:.2} on the other.",
        attended.it[0].mean,
        attended.it[1].mean,
        attended.adjective.mean,
        attended.own[0].mean,
        attended.own[1].mean
    );
    let title = "Where the pronoun looks";
    both(&[&it, &source, &own], &Caption { id: "winograd-attention", title, description: &description })
}

fn names(places: Vec<Place>) -> Vec<String> {
    places.into_iter().map(|place| place.name).collect()
}

fn brings(place: &str, part: &str, value: f64) -> String {
    format!("{place}, {part}: {} of the way", decimal(value, 2))
}

/// What a vector between two sub-layers brings, at each position: the encoder above, the decoder below. The first row is the
/// top, as in pictures of the model.
fn positions(results: &Results) -> String {
    let layers = results.network.layers;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let upwards = |names: Vec<String>, values: &[Vec<f64>]| {
        let (mut names, mut values) = (names, values.to_vec());
        names.reverse();
        values.reverse();
        (names, [HeatMap { name: String::new(), values }])
    };
    let patched = &results.summary.patched;
    let (read, read_map) = upwards(names(encoder(layers)), &patched.encoder);
    let (written, written_map) = upwards(names(decoder(layers)), &patched.decoder);
    let (english, german) = (words(&ENGLISH), words(&GERMAN));
    let encoder_hint =
        |_: usize, row: usize, column: usize, value: f64| brings(&read[row], ENGLISH[column], value);
    let decoder_hint =
        |_: usize, row: usize, column: usize, value: f64| brings(&written[row], GERMAN[column], value);
    let panel = HeatMaps {
        title: "Encoder",
        maps: &read_map,
        rows: &read,
        columns: &english,
        row_axis: "↑ Layer",
        column_axis: "Word →",
        value: "Brings",
        range: (0.0, 1.0),
        hint: &encoder_hint,
    };
    let below = HeatMaps {
        title: "Decoder",
        maps: &written_map,
        rows: &written,
        columns: &german,
        hint: &decoder_hint,
        ..panel
    };
    let most = |rows: &[Vec<f64>], words: &[&str]| {
        let row = rows.last().cloned().unwrap_or_default();
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or_else(String::new, |(n, value)| format!("{:.2} at „{}“", value, words[n]))
    };
    let description = format!(
        "How much of the way from one pronoun to the other one vector brings that is taken from the run with the other \
         adjective. At first it is all at the adjective; at the encoder's end it is {} at most; at the decoder's end all is \
         at the last word.",
        most(&patched.encoder, &ENGLISH)
    );
    let title = "What one position brings";
    stack(&[&panel, &below], &Caption { id: "winograd-positions", title, description: &description })
}

/// What each head brings, in every network: which head does what differs from one to the other.
fn heads(results: &Results) -> String {
    let rows = names(attentions(results.network.layers));
    let columns: Vec<String> = (1..=results.network.heads).map(|head| head.to_string()).collect();
    let map =
        |run: &super::Run| HeatMap { name: format!("Seed {}", run.seed), values: run.patched.heads.clone() };
    let maps: Vec<HeatMap> = results.runs.iter().map(map).collect();
    let hint = |map: usize, row: usize, column: usize, value: f64| {
        format!("{}, {}", maps[map].name, brings(&rows[row], &format!("head {}", columns[column]), value))
    };
    let title = "What one head brings";
    let panel = HeatMaps {
        title,
        maps: &maps,
        rows: &rows,
        columns: &columns,
        row_axis: "Attention",
        column_axis: "Head →",
        value: "Brings",
        range: (0.0, 1.0),
        hint: &hint,
    };
    let head = results.summary.strongest.head;
    let description = format!(
        "A map for each of {} networks, a row for each attention. The one head that brings the most brings {:.2} of the way \
         on average, from {:.2} to {:.2}.",
        results.summary.networks, head.mean, head.least, head.most
    );
    stack(&[&panel], &Caption { id: "winograd-heads", title, description: &description })
}

/// What brings the most in the picture, as a table.
fn places(listed: &[(String, f64)]) -> String {
    let rows = listed.iter().map(|(name, brings)| format!("| {name} | {} |\n", decimal(*brings, 2)));
    format!("| Place | brings |\n|---|---:|\n{}", rows.collect::<String>())
}
