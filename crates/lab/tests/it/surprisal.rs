//! Small language models that learn for a moment, and are asked what the book's model is asked.

use std::fs;

use serde_json::Value;

use crate::{figures, lab, names};

#[test]
fn small_models_are_asked_the_same_and_told_together() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("lab/surprisal");
    let root = figures().join("../../..");
    let args =
        ["surprisal", "--seed", "7", "--seeds", "2", "--steps", "3", "--out", folder.to_str().unwrap()];
    let told = lab(&root, &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stdout.contains("2 small models of 652,"), "{}", told.stdout);
    let text = fs::read_to_string(folder.join("results.json")).unwrap();
    let results = serde_json::from_str::<Value>(&text).unwrap()["results"].take();
    let small = &results["small"];
    let runs = small["runs"].as_array().unwrap();
    let of = |name: &str| runs.iter().map(|run| run[name].as_f64().unwrap()).collect::<Vec<_>>();
    assert_eq!(of("seed"), [7.0, 8.0]);
    let (perplexity, book) = (of("perplexity"), small["book"].as_f64().unwrap());
    assert!(perplexity[0] != perplexity[1], "another seed, another model");
    assert!(perplexity.iter().all(|&perplexity| (1_000.0..20_000.0).contains(&perplexity)), "{perplexity:?}");
    assert!((30.0..40.0).contains(&book), "the book's model has learned more: {book}");
    let models: Vec<u64> =
        small["models"].as_array().unwrap().iter().map(|models| models.as_u64().unwrap()).collect();
    assert_eq!(models.len(), 50);
    assert_eq!(models.iter().sum::<u64>() as f64, of("expected").iter().sum::<f64>());
    for (name, count) in [("always", 2), ("never", 0)] {
        let frames = models.iter().filter(|&&models| models == count).count();
        assert_eq!(small[name], frames, "{name}");
    }
    assert_eq!(small["wanted"], 35.0);
    assert!(names(&folder).iter().filter(|name| name.starts_with("seeds.")).eq(["seeds.md", "seeds.svg"]));

    let drawn = || ["seeds.md", "seeds.svg"].map(|name| fs::read(folder.join(name)).unwrap());
    let before = drawn();
    let told = lab(out.path(), &["book", "--redraw", "surprisal", "--out", out.path().to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(drawn() == before, "what is drawn anew is what was drawn");
}
