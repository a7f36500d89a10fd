//! A picture twice: for a page that has room for it, and for one that has not.

use crate::panel::{Panel, slim, stack};
use crate::squeeze::value;
use crate::svg::Caption;

/// So many pixels a phone's page has from left to right.
pub const PHONE: f64 = 345.0;
/// The size in pixels of the smallest text that can be read there.
pub const LEGIBLE: f64 = 12.0;

/// A picture, and the same for a narrow page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The picture.
    pub wide: String,
    /// What is shown where there is no room for it; none if a phone has room for it, or nothing narrower was drawn.
    pub narrow: Option<String>,
}

/// Nothing narrower was drawn.
impl From<String> for Drawn {
    fn from(wide: String) -> Self {
        Self { wide, narrow: None }
    }
}

/// A picture of panels as [`stack`] makes it, and for a phone one whose panels have taken their narrow forms: with fewer
/// numbers at the axes, titles and legends of more lines, and nothing side by side. Its ids end in `-narrow`.
#[must_use]
pub fn both(panels: &[&dyn Panel], caption: &Caption<'_>) -> Drawn {
    let wide = stack(panels, caption);
    // What is shown larger than it is drawn has less room.
    let room = PHONE / enlargement(&wide);
    let is_wide =
        |svg: &str| svg.lines().next().and_then(|head| value(head, "width")).is_some_and(|w| w > room);
    let narrow = is_wide(&wide).then(|| {
        let panels: Vec<Box<dyn Panel + '_>> = panels.iter().flat_map(|panel| slim(*panel, room)).collect();
        let panels: Vec<&dyn Panel> = panels.iter().map(|panel| &**panel).collect();
        stack(&panels, &Caption { id: &format!("{}-narrow", caption.id), ..*caption })
    });
    Drawn { narrow: narrow.filter(|narrow| !is_wide(narrow)), wide }
}

/// How much larger than drawn a picture is to be shown, so that its smallest text can be read.
#[must_use]
pub fn enlargement(svg: &str) -> f64 {
    let sizes = svg.split(" font-size=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok());
    LEGIBLE / sizes.filter(|size: &f64| *size > 0.0).fold(LEGIBLE, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bar, Bars, Chart, Colour, HeatMap, HeatMaps, Mark, Row, Series};

    const CAPTION: Caption<'_> = Caption { id: "two", title: "T", description: "D" };

    fn width(svg: &str) -> f64 {
        value(svg.lines().next().unwrap(), "width").unwrap()
    }

    #[test]
    fn what_stood_side_by_side_stands_below_each_other() {
        let bars = |name: &str| {
            let bars = vec![Bar::new("a", 1.0), Bar::new("a longer one", 2.0)];
            Bars { width: 300.0, ..Bars::new(name, "bits", bars) }
        };
        let (left, right) = (bars("left"), bars("right"));
        let Drawn { wide, narrow } = both(&[&Row { panels: vec![&left, &right] }], &CAPTION);
        let narrow = narrow.unwrap();
        assert_eq!((width(&wide), width(&narrow)), (600.0, 300.0));
        assert_eq!(narrow, stack(&[&left, &right], &Caption { id: "two-narrow", ..CAPTION }));
    }

    #[test]
    fn what_a_phone_has_room_for_is_drawn_once() {
        let bars = Bars { width: PHONE, ..Bars::new("t", "bits", vec![]) };
        assert_eq!(both(&[&bars], &CAPTION).narrow, None);
    }

    #[test]
    fn small_text_has_less_room() {
        let names: Vec<String> = (0..13).map(|n| format!("w{n}")).collect();
        let maps =
            ["one", "two"].map(|name| HeatMap { name: name.to_owned(), values: vec![vec![0.5; 13]; 13] });
        let maps = HeatMaps {
            title: "A title that is longer than a narrow picture has room for",
            maps: &maps,
            rows: &names,
            columns: &names,
            row_axis: "row",
            column_axis: "column",
            value: "Weight",
            range: (0.0, 1.0),
            hint: &|_, _, _, _| String::new(),
        };
        let narrow = both(&[&maps], &CAPTION).narrow.unwrap();
        assert_eq!(enlargement(&narrow), 1.2);
        assert!(width(&narrow) * 1.2 <= PHONE, "{narrow}");
        // Every name is there twice as often as it is in one map: above it and at its left.
        assert!(names.iter().all(|name| narrow.matches(&format!(">{name}<")).count() == 4), "{narrow}");
        assert!(narrow.contains(">A title that is longer than a<"), "{narrow}");
    }

    #[test]
    fn a_chart_says_all_that_the_wide_one_says() {
        let chart =
            Chart::new("Loss per token over the steps", "the steps that were made, of all there are", "nats")
                .series(Series::new("a", vec![(0.0, 1.0), (9_000.0, 2.0)], Colour::First, Mark::Line))
                .note("lines: training, points: validation");
        let Drawn { wide, narrow } = both(&[&chart], &CAPTION);
        let narrow = narrow.unwrap();
        assert_eq!(width(&narrow), PHONE);
        for text in [&chart.title, &chart.note, &chart.x_label, &chart.y_label] {
            let text = format!(">{text}<");
            assert!(wide.contains(&text) && narrow.contains(&text), "{text} is missing in {narrow}");
        }
    }
}
