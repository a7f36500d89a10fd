use super::*;
use crate::{Bar, Bars, Caption, Chart, Colour, Mark, Series, stack};

const CAPTION: Caption<'_> = Caption { id: "loss", title: "T", description: "D" };

fn chart() -> String {
    let curve = |name: &str, mark| Series::new(name, vec![(0.0, 1.0), (9_000.0, 3.0)], Colour::First, mark);
    let mut chart = Chart::new("Loss per token", "step", "nats");
    chart.note = "lines: training, points: validation".to_owned();
    for name in ["training, smoothed loss", "validation, negative log-likelihood", "a third one"] {
        chart = chart.series(curve(name, Mark::Line));
    }
    stack(&[&chart, &Chart::new("Learning rate", "step", "rate").series(curve("", Mark::Line))], &CAPTION)
}

/// Left and right end of every text, with its height.
fn extents(svg: &str) -> Vec<(f64, f64, f64)> {
    let elements = svg.lines().filter_map(Element::read);
    let extent = |element: Element<'_>| match element.kind {
        Kind::Text { anchor, turned: false, wide, .. } => {
            let (x, y) = element.points[0];
            let left = x - match anchor {
                "start" => 0.0,
                "middle" => wide / 2.0,
                _ => wide,
            };
            Some((left, left + wide, y))
        }
        _ => None,
    };
    elements.filter_map(extent).collect()
}

#[test]
fn nothing_leaves_the_page_and_no_text_lies_on_another() {
    let narrow = narrowed(&chart(), 345.0).unwrap();
    let texts = extents(&narrow);
    assert!(texts.len() > 15, "{narrow}");
    for (n, a) in texts.iter().enumerate() {
        assert!(a.0 >= 0.0 && a.1 <= 345.0, "{a:?} in {narrow}");
        for b in &texts[n + 1..] {
            assert!((a.2 - b.2).abs() > 8.0 || a.1 < b.0 || b.1 < a.0, "{a:?} and {b:?} in {narrow}");
        }
    }
    for element in narrow.lines().filter_map(Element::read) {
        assert!(element.points.iter().all(|point| (0.0..=345.0).contains(&point.0)), "{}", element.line);
    }
}

/// As wide as titles and names of axes are that somebody chose for a wide page.
#[test]
fn a_title_without_room_takes_lines_and_the_name_of_an_axis_goes_to_the_left() {
    let (title, axis) = ("How close the pictures are to <what> was planted & grew", "x".repeat(43));
    let series = || Series::new("a curve", vec![(0.0, 1.0), (9.0, 3.0)], Colour::First, Mark::Line);
    let chart = |title| stack(&[&Chart::new(title, &axis, "nats").series(series())], &CAPTION);
    let [short, long] = ["How close", title].map(|title| narrowed(&chart(title), 345.0).unwrap());
    assert!(extents(&chart(title))[0].1 > 345.0);
    for (left, right, _) in extents(&long) {
        assert!(left >= 0.0 && right <= 345.0, "{left} to {right} in {long}");
    }
    let bold: Vec<String> = long.lines().filter(|line| line.contains("font-weight")).map(content).collect();
    assert_eq!((bold.len(), bold.join(" ")), (2, title.to_owned()));
    // The rest is where it is below a title of one line, a line further down.
    let lowest = |svg: &str| extents(svg).iter().map(|text| text.2).fold(0.0, f64::max);
    assert!((lowest(&long) - lowest(&short) - LINE).abs() < 0.01, "{long}");
    assert!((value(&long, "height").unwrap() - value(&short, "height").unwrap() - LINE).abs() < 0.01);
}

#[test]
fn every_name_and_every_curve_is_there_and_ids_differ() {
    let narrow = narrowed(&chart(), 345.0).unwrap();
    for part in [
        ">Loss per token<",
        ">a third one<",
        ">lines: training, points: validation<",
        "id=\"loss-narrow-title\"",
    ] {
        assert!(narrow.contains(part), "{part} is missing in {narrow}");
    }
    assert!(narrow.contains("aria-labelledby=\"loss-narrow-title loss-narrow-desc\""), "{narrow}");
    let count = |svg: &str| svg.matches("<polyline").count();
    assert_eq!(count(&narrow), count(&chart()));
    let height = |svg: &str| value(svg, "height").unwrap();
    // The note and the legend take a row more each, and the second panel moves with what is above it.
    assert!(height(&narrow) > height(&chart()) + LINE, "{narrow}");
}

#[test]
fn what_is_narrow_or_no_chart_of_lines_stays() {
    assert_eq!(narrowed(&chart(), 680.0), None);
    let bars = stack(&[&Bars::new("Bars", "value", vec![Bar::new("a", 1.0)])], &CAPTION);
    assert_eq!(narrowed(&bars, 100.0), None);
    assert!(narrowed(&bars, 345.0).unwrap().contains("id=\"loss-narrow\""));
    assert_eq!(narrowed("", 100.0), None);
    assert_eq!(narrowed("<svg>\n</svg>", 100.0), None);
}
