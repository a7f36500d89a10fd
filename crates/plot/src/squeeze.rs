//! A table or bars for a narrow page, made of the wide picture: cells and bars are squeezed, what is written is not.
//!
//! Like [`narrowed`](crate::narrowed), it reads the SVG that [`Svg`](crate::Svg) has written. What comes out is looked at: if
//! a text then lay on another, or left the page, there is no narrow picture.

use crate::svg::number;
use crate::text::{bold_width, text_width};

/// The picture squeezed to a width in pixels, with the ids that it had; none if something else than cells, straight
/// lines and texts is in it, or if its texts have no room.
pub(crate) fn squeezed(svg: &str, width: f64) -> Option<String> {
    let (head, body) = svg.split_once('\n')?;
    let [old, height] = ["width", "height"].map(|name| value(head, name));
    let (old, height) = (old.filter(|old| *old > width)?, number(height?));
    let parts = body.lines().map(Part::read).collect::<Option<Vec<_>>>()?;
    let edges = || parts.iter().flat_map(Part::edges);
    let (left, right) = (edges().fold(f64::NAN, f64::min), edges().fold(f64::NAN, f64::max));
    let room = width - (old - right) - left;
    // Less than half as wide, bars could no longer be told apart.
    if !(right > left && room >= (right - left) / 2.0) {
        return None;
    }
    let to = |x: f64| match x {
        x if x <= left => x,
        x if x >= right => x + width - old,
        x => left + (x - left) * room / (right - left),
    };
    let moved: Vec<Part<'_>> = parts.iter().map(|part| part.moved(to)).collect();
    if !fits(&parts, &moved, width) {
        return None;
    }
    let w = number(width);
    let head =
        with(&with(&with(head, "width", &w), "height", &height), "viewBox", &format!("0 0 {w} {height}"));
    Some(std::iter::once(head).chain(moved.iter().map(Part::written)).map(|line| line + "\n").collect())
}

/// A line of the SVG.
enum Part<'a> {
    /// Rectangles as upper left corner, width and height, and what else the line says.
    Cells { line: &'a str, cells: Vec<[f64; 4]> },
    /// A straight line, or several.
    Line { line: &'a str, points: Vec<(f64, f64)> },
    /// A text with the place that it takes.
    Text { line: &'a str, x: f64, y: f64, taken: Taken },
    /// What has no place.
    Other(&'a str),
}

/// Left, upper, right and lower edge of a text.
type Taken = [f64; 4];

impl<'a> Part<'a> {
    fn read(line: &'a str) -> Option<Self> {
        if line.starts_with("<path ") {
            let cells = attribute(line, "d")?.split('M').skip(1).map(cell).collect::<Option<Vec<_>>>()?;
            return Some(Self::Cells { line, cells });
        }
        if line.starts_with("<polyline ") {
            let point = |point: &str| {
                let (x, y) = point.split_once(',')?;
                Some((x.parse().ok()?, y.parse().ok()?))
            };
            let points = attribute(line, "points")?.split(' ').map(point).collect::<Option<Vec<_>>>()?;
            return Some(Self::Line { line, points });
        }
        if line.starts_with("<text ") {
            let (x, y) = (value(line, "x")?, value(line, "y")?);
            return Some(Self::Text { line, x, y, taken: taken(line, x, y)? });
        }
        // Groups that only say a colour, names and hints, which may have several lines.
        let has_no_place = !line.starts_with('<')
            || ["<g fill=", "</", "<title", "<desc"].iter().any(|start| line.starts_with(start));
        has_no_place.then_some(Self::Other(line))
    }

    /// Left and right ends of what is drawn.
    fn edges(&self) -> Vec<f64> {
        match self {
            Self::Cells { cells, .. } => cells.iter().flat_map(|&[x, _, width, _]| [x, x + width]).collect(),
            Self::Line { points, .. } => points.iter().map(|point| point.0).collect(),
            Self::Text { .. } | Self::Other(_) => Vec::new(),
        }
    }

    fn moved(&self, to: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Cells { line, cells } => {
                let cell = |&[x, y, width, height]: &[f64; 4]| [to(x), y, to(x + width) - to(x), height];
                Self::Cells { line, cells: cells.iter().map(cell).collect() }
            }
            Self::Line { line, points } => {
                Self::Line { line, points: points.iter().map(|&(x, y)| (to(x), y)).collect() }
            }
            &Self::Text { line, x, y, taken: [left, top, right, bottom] } => {
                let by = to(x) - x;
                Self::Text { line, x: x + by, y, taken: [left + by, top, right + by, bottom] }
            }
            Self::Other(line) => Self::Other(line),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Cells { line, cells } => {
                let cell = |cell: &[f64; 4]| {
                    let [x, y, width, height] = cell.map(number);
                    format!("M{x} {y}h{width}v{height}h-{width}z")
                };
                with(line, "d", &cells.iter().map(cell).collect::<String>())
            }
            Self::Line { line, points } => {
                let points = points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y)));
                with(line, "points", &points.collect::<Vec<_>>().join(" "))
            }
            Self::Text { line, x, y, .. } => {
                let (place, old) = (number(*x), attribute(line, "x").unwrap_or_default());
                with(line, "x", &place).replacen(
                    &format!(" {old} {})", number(*y)),
                    &format!(" {place} {})", number(*y)),
                    1,
                )
            }
            Self::Other(line) => (*line).to_owned(),
        }
    }
}

/// What stands behind the `M` of a rectangle: `1 2h3v4h-3z`.
fn cell(path: &str) -> Option<[f64; 4]> {
    let (corner, rest) = path.split_once('h')?;
    let (width, rest) = rest.split_once('v')?;
    let (height, back) = rest.split_once('h')?;
    let (x, y) = corner.split_once(' ')?;
    if back.strip_prefix('-')?.strip_suffix('z')? != width {
        return None;
    }
    Some([x.parse().ok()?, y.parse().ok()?, width.parse().ok()?, height.parse().ok()?])
}

fn taken(line: &str, x: f64, y: f64) -> Option<Taken> {
    let content = line.strip_suffix("</text>")?.rsplit_once('>')?.1;
    let plain =
        content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let size = value(line, "font-size")?;
    let bold = attribute(line, "font-weight").is_some();
    let wide = if bold { bold_width(&plain, size) } else { text_width(&plain, size) };
    let before = match attribute(line, "text-anchor")? {
        "start" => 0.0,
        "middle" => wide / 2.0,
        _ => wide,
    };
    let (high, low) = (size * 0.75, size * 0.2);
    match attribute(line, "transform") {
        None => Some([x - before, y - high, x - before + wide, y + low]),
        Some(turn) if turn.starts_with("rotate(-90 ") => {
            Some([x - high, y + before - wide, x + low, y + before])
        }
        Some(_) => None,
    }
}

/// Whether all texts are on the page, and none lies on another that it didn't lie on before.
fn fits(before: &[Part<'_>], after: &[Part<'_>], width: f64) -> bool {
    let places = |parts: &[Part<'_>]| -> Vec<Taken> {
        let taken = |part: &Part<'_>| match part {
            Part::Text { taken, .. } => Some(*taken),
            _ => None,
        };
        parts.iter().filter_map(taken).collect()
    };
    let (before, after) = (places(before), places(after));
    let lie = |a: Taken, b: Taken| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    (0..after.len()).all(|n| {
        let free = |m: usize| !lie(after[n], after[m]) || lie(before[n], before[m]);
        after[n][0] >= 0.0 && after[n][2] <= width && (n + 1..after.len()).all(free)
    })
}

/// The value of an attribute.
pub(crate) fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

pub(crate) fn value(line: &str, name: &str) -> Option<f64> {
    attribute(line, name)?.parse().ok()
}

/// The line with another value of an attribute that it has.
pub(crate) fn with(line: &str, name: &str, value: &str) -> String {
    let old = attribute(line, name).unwrap_or_default();
    line.replacen(&format!(" {name}=\"{old}\""), &format!(" {name}=\"{value}\""), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bar, Bars, Caption, HeatMap, HeatMaps, stack};

    const CAPTION: Caption<'_> = Caption { id: "map", title: "T", description: "D" };

    fn maps(side: usize) -> String {
        let names: Vec<String> = (0..side).map(|n| format!("token{n}")).collect();
        let values =
            (0..side).map(|row| (0..side).map(|column| (row * column) as f64 / 50.0).collect()).collect();
        let maps = [HeatMap { name: "Head 1".to_owned(), values }];
        let picture = HeatMaps {
            title: "Encoder",
            maps: &maps,
            rows: &names,
            columns: &names,
            row_axis: "Query",
            column_axis: "Key",
            value: "Weight",
            range: (0.0, 1.0),
            hint: &|_, row, column, _| format!("query {row}\nkey {column}"),
        };
        stack(&[&picture], &CAPTION)
    }

    #[test]
    fn cells_become_narrower_and_all_is_there() {
        let (wide, narrow) = (maps(7), squeezed(&maps(7), 230.0).unwrap());
        assert!(value(&wide, "width").unwrap() > 250.0, "{wide}");
        assert_eq!(value(&narrow, "width"), Some(230.0));
        assert_eq!(wide.lines().count(), narrow.lines().count());
        let read = |svg: &str| -> Vec<[f64; 4]> {
            let cells = |part| match part {
                Part::Cells { cells, .. } => cells,
                _ => Vec::new(),
            };
            svg.lines().skip(1).filter_map(Part::read).flat_map(cells).collect()
        };
        let (before, after) = (read(&wide), read(&narrow));
        assert!(before.len() > 7 * 7 && before.len() == after.len());
        for (a, b) in before.iter().zip(&after) {
            assert!(b[2] < a[2] && b[3] == a[3] && b[0] + b[2] <= 230.0, "{a:?} became {b:?}");
        }
        for text in ["token6", "Query", "query 6\nkey 6", "Head 1"] {
            assert_eq!(wide.matches(text).count(), narrow.matches(text).count(), "{text}");
        }
    }

    #[test]
    fn turned_names_turn_about_their_new_places() {
        let narrow = squeezed(&maps(7), 230.0).unwrap();
        for line in narrow.lines().filter(|line| line.contains("rotate(-90 ")) {
            let (x, y) = (attribute(line, "x").unwrap(), attribute(line, "y").unwrap());
            assert!(line.contains(&format!("rotate(-90 {x} {y})")), "{line}");
        }
    }

    #[test]
    fn where_there_is_no_room_there_is_no_picture() {
        // Names would lie on each other; half as wide is the least; curves and circles can't be squeezed.
        assert_eq!(squeezed(&maps(13), 160.0), None);
        assert_eq!(squeezed(&maps(7), 100.0), None);
        assert_eq!(squeezed(&maps(7), 900.0), None);
        for other in [
            "<circle cx=\"1\" cy=\"2\" r=\"3\"/>",
            "<path d=\"M1 2L3 4z\"/>",
            "<path d=\"M1 2h3v4h-2z\"/>",
            "<g transform=\"translate(1 2)\"><title>a picture</title></g>",
        ] {
            assert_eq!(
                squeezed(&maps(7).replace("</svg>", &format!("{other}\n</svg>")), 230.0),
                None,
                "{other}"
            );
        }
        for no in [
            "",
            "<svg>",
            "<svg width=\"300\" height=\"3\">\n</svg>",
            "<svg width=\"300\" height=\"3\">\n<path/>",
        ] {
            assert_eq!(squeezed(no, 100.0), None, "{no}");
        }
    }

    #[test]
    fn bars_keep_the_room_for_their_numbers() {
        let bars = vec![Bar::new("one", 5.0), Bar::new("eleven", 31.0), Bar::new("thirteen", 17.0)];
        let wide = stack(&[&Bars::new("Bars", "value", bars)], &CAPTION);
        let narrow = squeezed(&wide, 345.0).unwrap();
        assert_eq!(value(&narrow, "width"), Some(345.0));
        for line in narrow.lines().filter(|line| line.starts_with("<text ")) {
            let [left, _, right, _] =
                taken(line, value(line, "x").unwrap(), value(line, "y").unwrap()).unwrap();
            assert!(left >= 0.0 && right <= 345.0, "{line}");
        }
    }
}
