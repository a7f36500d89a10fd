//! On a phone, no figure of the book is cut off: each has room there, or a narrow picture has.

use std::fs;
use std::path::{Path, PathBuf};

use plot::{PHONE, enlargement, narrowed};

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
    for path in &pictures {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if EXCEPTIONS.iter().any(|(excepted, _)| *excepted == name) {
            continue;
        }
        let svg = fs::read_to_string(path).unwrap();
        if width(&svg) <= PHONE {
            continue;
        }
        // As the book looks for it.
        let narrow = fs::read_to_string(path.with_file_name(format!("{name}-narrow.svg"))).ok();
        match narrow.or_else(|| narrowed(&svg, PHONE / enlargement(&svg))) {
            None => faults.push(format!(
                "{} is {:.0} pixels wide, and has no narrow form",
                path.display(),
                width(&svg)
            )),
            Some(narrow) if width(&narrow) > PHONE + 0.1 => {
                faults.push(format!(
                    "the narrow form of {} is {:.0} pixels wide",
                    path.display(),
                    width(&narrow)
                ));
            }
            Some(_) => {}
        }
    }
    assert!(faults.is_empty(), "a phone has room for {PHONE} pixels:\n{}", faults.join("\n"));
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
