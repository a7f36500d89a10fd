//! Pictures that units like, beside those that there are.

use plot::{Caption, Chart, Colour, Mark, Panel, Picture, PictureRow, Pictures, Series, decimal, stack};

use super::diagram;
use super::results::{Asked, Best, Results};
use super::shades::{Shades, read};
use super::ways::{BOTH, WAYS};
use crate::contract::report::Report;

/// Sprites that are shown: the first of the first seed.
const SPRITES: usize = 5;
/// Side of a pixel of a kernel.
const KERNEL: f64 = 7.0;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("ascent", ascent(results));
    report.figure("ways", ways(results));
    report.figure("sprites", sprites(results));
    report.figure("cosines", cosines(results));
    report.figure("kernels", kernels(results));
    if let Some(svg) = diagram::drawn() {
        report.figure("network", svg);
    }
    if let Some(asked) = &results.asked {
        report.figure("unit", unit(asked, results));
    }
}

fn picture(shades: &Shades, hint: impl Into<String>) -> Picture {
    Picture { shades: read(shades), hint: hint.into() }
}

fn of_data(best: &Best) -> Picture {
    picture(&best.picture, format!("{}, score {}", best.class, decimal(best.score, 1)))
}

fn texts<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// From noise to the end, beside the pictures of the data with the largest scores.
fn ascent(results: &Results) -> String {
    let (animals, climb) = (&results.animals, &results.climb);
    let steps = [0, climb.middle, climb.steps].map(|step| format!("step {step}"));
    let row = |(class, name): (usize, &String)| {
        let mut pictures = vec![picture(&animals.noise, format!("{name}, {}", steps[0]))];
        pictures.push(picture(&animals.middle[class], format!("{name}, {}", steps[1])));
        let end = animals.ways.get(WAYS[BOTH].name).and_then(|way| way.get(class));
        pictures.extend(end.map(|end| picture(end, format!("{name}, {}", steps[2]))));
        pictures.extend(animals.best.get(class).into_iter().flatten().map(of_data));
        PictureRow { name: name.clone(), pictures, ..PictureRow::default() }
    };
    let rows = animals.names.iter().enumerate().map(row).collect();
    let [begin, middle, end] = steps;
    let columns = vec![begin, middle, end, "data".into(), "data".into()];
    let title = "From noise to what a class likes";
    let description = format!(
        "A row for each of {} classes: the noise that its picture begins as, the picture after {} and after {} steps with jitter \
         and total variation, and the test pictures with the largest scores.",
        animals.names.len(),
        climb.middle,
        climb.steps
    );
    let pictures = Pictures::new(title, columns, rows);
    stack(&[&pictures], &Caption { id: "feature-visualisation-ascent", title, description: &description })
}

/// The same classes by all ways.
fn ways(results: &Results) -> String {
    let animals = &results.animals;
    let row = |(class, name): (usize, &String)| {
        let end = |way: &super::ways::Way| {
            let picture_of = animals.ways.get(way.name)?.get(class)?;
            Some(picture(picture_of, format!("{name}, {}", way.told)))
        };
        PictureRow {
            name: name.clone(),
            pictures: WAYS.iter().filter_map(end).collect(),
            ..PictureRow::default()
        }
    };
    let rows = animals.names.iter().enumerate().map(row).collect();
    let title = "Jitter and total variation";
    let description = format!(
        "A row for each of {} classes: what it likes best after a plain climb, with total variation, with jitter, with both, and \
         with both in the network before its training.",
        animals.names.len()
    );
    let pictures = Pictures::new(title, texts(WAYS.map(|way| way.short)), rows);
    stack(&[&pictures], &Caption { id: "feature-visualisation-ways", title, description: &description })
}

/// What was planted, and what was found.
fn sprites(results: &Results) -> String {
    let sprites = &results.sprites;
    let first = results.runs.first();
    let cosine = |way: &str, n: usize| first.and_then(|run| run.ways.get(way)?.cosines.get(n)).copied();
    let row = |n: usize| {
        let name = format!("sprite {}", n + 1);
        let mut pictures = vec![picture(&sprites.planted[n], format!("{name}, planted"))];
        pictures
            .extend(sprites.hidden.get(n).map(|hidden| picture(hidden, format!("{name}, hidden in noise"))));
        for way in [WAYS[0], WAYS[2], WAYS[4]] {
            let told = |cosine: f64| format!("{name}, {}: cosine {}", way.told, decimal(cosine, 2));
            let hint = cosine(way.name, n).map_or(name.clone(), told);
            let found = sprites.ways.get(way.name).and_then(|way| way.get(n));
            pictures.extend(found.map(|found| picture(found, hint)));
        }
        let note =
            cosine(WAYS[0].name, n).map_or(String::new(), |c| format!("plain: cosine {}", decimal(c, 2)));
        PictureRow { name, note, pictures }
    };
    let rows = (0..SPRITES.min(sprites.planted.len())).map(row).collect();
    let title = "Planted, hidden, found";
    let description = "A row for each of five sprites: the pattern, a picture that it is hidden in, and what the network's unit \
                       for it likes: after a plain climb, with jitter, and with both before training.";
    let columns = texts(["planted", "hidden", WAYS[0].short, WAYS[2].short, WAYS[4].short]);
    let pictures = Pictures::new(title, columns, rows);
    stack(&[&pictures], &Caption { id: "feature-visualisation-sprites", title, description })
}

/// For every seed the mean cosine of all sprites, by way.
fn cosines(results: &Results) -> String {
    const COLOURS: [Colour; WAYS.len()] =
        [Colour::First, Colour::Second, Colour::Third, Colour::Fourth, Colour::Text];
    let title = "How close the pictures are to what was planted";
    let mut chart = Chart::new(title, "seed", "cosine, mean of the sprites").sized(560.0, 320.0);
    for (way, colour) in WAYS.iter().zip(COLOURS) {
        let mean = |cosines: &[f64]| cosines.iter().sum::<f64>() / cosines.len() as f64;
        let point = |run: &super::results::Run| {
            run.ways.get(way.name).map(|measured| (run.seed as f64, mean(&measured.cosines)))
        };
        let points: Vec<(f64, f64)> = results.runs.iter().filter_map(point).collect();
        chart = chart.series(Series::new(way.told, points, colour, Mark::Spots));
    }
    let means = WAYS.iter().filter_map(|way| {
        let summary = results.summary.ways.get(way.name)?;
        Some(format!("{} {}", way.told, decimal(summary.cosine.mean, 2)))
    });
    let description = format!(
        "The mean cosine over {} networks: {}.",
        results.summary.networks,
        means.collect::<Vec<_>>().join(", ")
    );
    let chart = chart.from_zero();
    stack(&[&chart], &Caption { id: "feature-visualisation-cosines", title, description: &description })
}

/// The first layer: what it likes can be read off its weights.
fn kernels(results: &Results) -> String {
    let kernels = &results.kernels;
    let row = |name: &str, pictures: &[Shades]| PictureRow {
        name: name.to_owned(),
        pictures: pictures
            .iter()
            .enumerate()
            .map(|(n, one)| picture(one, format!("{name}, first:{n}")))
            .collect(),
        ..PictureRow::default()
    };
    let rows = vec![
        row("noise at the beginning", &kernels.start),
        row("found by climbing", &kernels.found),
        row("weights, divided by their length", &kernels.weights),
    ];
    let title = "The first layer";
    let description = format!(
        "For each of {} channels of the first layer the noise that a climb began with, what it found, and the channel's own \
         weights. The last are alike.",
        kernels.units
    );
    let pictures = Pictures { side: KERNEL, ..Pictures::new(title, vec![], rows) };
    stack(&[&pictures], &Caption { id: "feature-visualisation-kernels", title, description: &description })
}

/// A unit of the reader's choice.
fn unit(asked: &Asked, results: &Results) -> String {
    let steps = [0, results.climb.middle, results.climb.steps].map(|step| format!("step {step}"));
    let rows = asked.ways.iter().map(|way| PictureRow {
        name: way.way.clone(),
        note: format!("score {}", decimal(way.score, 1)),
        pictures: way.pictures.iter().zip(&steps).map(|(one, step)| picture(one, step)).collect(),
    });
    let title = format!("What {} likes", asked.unit);
    let climbed = Pictures { side: 3.0, ..Pictures::new(&title, steps.to_vec(), rows.collect()) };
    let best =
        vec![PictureRow { pictures: asked.best.iter().map(of_data).collect(), ..PictureRow::default() }];
    let data = Pictures { side: 3.0, ..Pictures::new("What it likes best of the data", vec![], best) };
    let panels: [&dyn Panel; 2] = [&climbed, &data];
    let description = "What a unit likes, way by way: at the beginning, in the middle and at the end; and the test pictures to \
                       which it says most.";
    stack(&panels, &Caption { id: "feature-visualisation-unit", title: &title, description })
}
