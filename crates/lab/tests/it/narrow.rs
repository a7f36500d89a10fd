//! On a phone, no figure of the book is cut off: each has room there, or a narrow picture has.

use std::fs;
use std::path::{Path, PathBuf};

use plot::{PHONE, bold_width, enlargement, narrowed, text_width};

use crate::figures;

/// What scrolls all the same, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("neuron", "six numbers enter side by side, and the table above it tells all that it shows"),
    ("large_tensors", "it is shown as the example of the crate writes it"),
];

#[test]
fn every_figure_of_the_book_fits_a_phone() {
    let pictures = included(&figures().join(".."));
    assert!(pictures.len() > 50, "{}", pictures.len());
    let mut faults = Vec::new();
    for path in pictures.iter().filter(|path| !is_excepted(path)) {
        let shown = path.display();
        match on_phone(path) {
            Err(wide) => {
                faults.push(format!("{shown} is {:.0} pixels wide, and has no narrow form", width(&wide)))
            }
            Ok(narrow) if width(&narrow) > PHONE + 0.1 => {
                faults.push(format!("the narrow form of {shown} is {:.0} pixels wide", width(&narrow)));
            }
            Ok(_) => {}
        }
    }
    assert!(faults.is_empty(), "a phone has room for {PHONE} pixels:\n{}", faults.join("\n"));
}

/// Titles are written as wide as they are, whatever room there is.
#[test]
fn every_title_and_every_text_fits_the_picture_that_a_phone_shows() {
    let (mut faults, mut titles) = (Vec::new(), 0);
    for path in included(&figures().join("..")).iter().filter(|path| !is_excepted(path)) {
        let Ok(svg) = on_phone(path) else { continue };
        let room = width(&svg) / enlargement(&svg);
        for text in svg.lines().filter_map(Text::read) {
            titles += usize::from(text.is_title);
            if text.left < -0.1 || text.right > room + 0.1 {
                let Text { content, left, right, .. } = text;
                faults.push(format!(
                    "{}: {content:?} goes from {left:.0} to {right:.0} of {room:.0}",
                    path.display()
                ));
            }
        }
    }
    assert!(titles > 50, "{titles}");
    assert!(faults.is_empty(), "{} texts leave their pictures:\n{}", faults.len(), faults.join("\n"));
}

/// A text of a chart that reads from left to right, as `plot` writes it.
struct Text<'a> {
    content: &'a str,
    is_title: bool,
    left: f64,
    right: f64,
}

impl<'a> Text<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (head, content) = line.strip_prefix("<text ")?.strip_suffix("</text>")?.split_once('>')?;
        let value = |name: &str| head.split_once(&format!("{name}=\""))?.1.split('"').next();
        if value("transform").is_some() {
            return None;
        }
        let [x, size] = [value("x")?, value("font-size")?].map(|number| number.parse::<f64>().unwrap());
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
            .iter()
            .fold(content.to_owned(), |text, (from, to)| text.replace(from, to));
        let is_title = value("font-weight").is_some();
        let wide = if is_title { bold_width(&plain, size) } else { text_width(&plain, size) };
        let before = match value("text-anchor")? {
            "start" => 0.0,
            "middle" => wide / 2.0,
            _ => wide,
        };
        Some(Self { content, is_title, left: x - before, right: x - before + wide })
    }
}

fn is_excepted(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_str().unwrap();
    EXCEPTIONS.iter().any(|(excepted, _)| *excepted == name)
}

/// The picture that a phone shows, as the book looks for it; what there is if it is too wide and has no narrow form.
fn on_phone(path: &Path) -> Result<String, String> {
    let svg = fs::read_to_string(path).unwrap();
    if width(&svg) <= PHONE {
        return Ok(svg);
    }
    let name = path.file_stem().unwrap().to_str().unwrap();
    let narrow = fs::read_to_string(path.with_file_name(format!("{name}-narrow.svg"))).ok();
    narrow.or_else(|| narrowed(&svg, PHONE / enlargement(&svg))).ok_or(svg)
}

/// As wide as the book shows it.
fn width(svg: &str) -> f64 {
    let head = svg.split('>').next().unwrap();
    let width = head.split(" width=\"").nth(1).unwrap().split('"').next().unwrap();
    width.parse::<f64>().unwrap() * enlargement(svg)
}

/// The pictures that chapters in a folder and below include.
fn included(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(included(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| {
                line.trim()
                    .strip_prefix("{{#include ")?
                    .strip_suffix("}}")
                    .filter(|name| name.ends_with(".svg"))
            });
            found.extend(names.map(|name| folder.join(name)));
        }
    }
    found.sort();
    found.dedup();
    found
}
