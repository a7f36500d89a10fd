//! The pictures of the trained models are those of the catalogue, and every box of them has tensors.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::models;
use crate::paths;

/// What a script gives to the player, by the name of its model.
fn given(script: &str) -> (String, Value) {
    let given = script.strip_prefix("player.give(").unwrap().strip_suffix(");\n").unwrap();
    let (name, given) = given.split_once(", ").unwrap();
    (name.trim_matches('"').to_owned(), serde_json::from_str(given).unwrap())
}

/// The keys of the boxes in a committed diagram.
fn keys(id: &str) -> BTreeSet<String> {
    let svg = fs::read_to_string(paths::diagrams().join(format!("{id}.svg"))).unwrap();
    let keys = svg.split(" data-key=\"").skip(1).filter_map(|part| part.split('"').next());
    keys.map(|key| key.replace("&amp;", "&")).collect()
}

#[test]
fn every_box_has_tensors_in_each_layer_and_the_whole_is_that_of_the_catalogue() {
    for (model, layers) in models().unwrap().iter().zip([2, 3]) {
        let script = model.script().unwrap();
        assert_eq!(script, model.script().unwrap(), "the same each time");
        let (name, given) = given(&script);
        assert_eq!(name, model.name);
        assert_eq!(given["extra"]["sizes"]["n_layers"], layers);
        let pictures = given["places"]["pictures"].as_object().unwrap();
        assert!(pictures.len() > 10, "{name} has {} pictures", pictures.len());
        for (picture, boxes) in pictures {
            let boxes = boxes.as_object().unwrap();
            assert!(boxes.keys().any(|key| key.starts_with("output:")), "{picture}");
            for (key, found) in boxes {
                let repeats = found["repeats"].as_array().unwrap();
                assert!(!repeats.is_empty(), "{key} in {picture}");
                let leaves = |repeat: &Value| !repeat["out"].as_array().unwrap().is_empty();
                assert!(repeats.iter().all(leaves), "{key} in {picture}");
            }
        }
        let whole = super::models::ALL.iter().find(|known| known.name == name).unwrap().whole;
        let (committed, boxes) = (keys(whole), pictures[whole].as_object().unwrap());
        assert!(committed.len() > 10, "{whole}");
        assert!(committed.iter().all(|key| boxes.contains_key(key)), "{whole}: {committed:?}");
        let attention = boxes.iter().filter(|(key, _)| key.ends_with("multi_head_attention"));
        let repeats: Vec<usize> =
            attention.map(|(_, found)| found["repeats"].as_array().unwrap().len()).collect();
        assert!(
            !repeats.is_empty() && repeats.iter().all(|&repeats| repeats == layers),
            "{name}: {repeats:?}"
        );
    }
}

#[test]
fn axes_have_names_and_inputs_the_lengths_that_are_told() {
    for model in models().unwrap() {
        let (name, given) = given(&model.script().unwrap());
        let (tensors, told) = (given["places"]["tensors"].as_array().unwrap(), &given["extra"]);
        for input in given["program"]["inputs"].as_array().unwrap() {
            let (input, tensor) =
                (input["name"].as_str().unwrap(), input["tensor"].as_u64().unwrap() as usize);
            assert_eq!(given["program"]["tensors"][tensor]["shape"][1], told["lengths"][input], "{name}");
            assert_eq!(tensors[tensor]["axes"][1], told["axes"][input], "{name}");
        }
        let weights = tensors.iter().filter(|tensor| tensor["label"] == "softmax");
        let axes: BTreeSet<String> = weights.map(|tensor| tensor["axes"].to_string()).collect();
        for expected in ["[\"batch\",\"heads\",\"target\",\"target\"]", "[\"batch\",\"target\",\"vocab\"]"] {
            assert!(axes.contains(expected), "{name}: {axes:?}");
        }
        // Numbers of the architecture that have a name are nowhere without it.
        for tensor in tensors {
            for axis in tensor["axes"].as_array().unwrap() {
                let axis = axis.as_str().unwrap();
                assert!(axis == "1" || axis.parse::<usize>().is_err(), "{name}: {tensor}");
            }
        }
    }
}
