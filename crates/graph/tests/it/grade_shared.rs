//! The page of the book grades by itself: the same drawings come to the same there (`xtask/browser/redraw.mjs`).

use std::collections::BTreeMap;

use graph::{Picture, Redrawing};
use serde_json::Value;

use crate::grade::layer;

#[derive(serde::Deserialize)]
struct Shared {
    picture: Value,
    drawings: Vec<Drawing>,
}

#[derive(serde::Deserialize)]
struct Drawing {
    what: String,
    /// Names by the keys of the boxes that they were written into.
    names: BTreeMap<String, String>,
    lines: Vec<[String; 2]>,
    expected: Expected,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Expected {
    boxes: f64,
    lines: f64,
    ways: Vec<String>,
}

#[test]
fn the_page_and_this_crate_grade_alike() {
    let shared: Shared = serde_json::from_str(include_str!("../redrawn.json")).unwrap();
    let picture = Picture::of(&layer());
    assert_eq!(
        serde_json::to_value(&picture).unwrap(),
        shared.picture,
        "{}",
        serde_json::to_string(&picture).unwrap()
    );
    for Drawing { what, names, lines, expected } in shared.drawings {
        let mut drawing = Redrawing::new();
        let mut boxes = BTreeMap::new();
        for key in names.keys().chain(lines.iter().flatten()) {
            let name = names.get(key).map_or("", String::as_str);
            boxes.entry(key).or_insert_with(|| drawing.place(key, name));
        }
        for [from, to] in &lines {
            drawing.join(boxes[from], boxes[to]);
        }
        let grade = picture.grade(&drawing).unwrap();
        let found = Expected {
            boxes: grade.boxes().f1(),
            lines: grade.lines().f1(),
            ways: grade.missing_ways().to_vec(),
        };
        assert_eq!(found, expected, "{what}");
    }
}
