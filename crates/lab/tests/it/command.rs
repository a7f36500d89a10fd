//! What is printed and written, and what bad input ends with.

use std::fs;

use serde_json::Value;

use crate::{lab, names};

#[test]
fn the_list_names_every_experiment() {
    let folder = tempfile::tempdir().unwrap();
    let listed = lab(folder.path(), &["list"]);
    assert_eq!((listed.code, listed.stdout.lines().count()), (0, lab::EXPERIMENTS.len()));
    let json = lab(folder.path(), &["list", "--json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    for ((entry, line), object) in
        lab::EXPERIMENTS.iter().zip(listed.stdout.lines()).zip(json["experiments"].as_array().unwrap())
    {
        assert!(line.starts_with(entry.name) && line.ends_with(entry.summary), "{line}");
        assert_eq!(object, &serde_json::json!({ "name": entry.name, "summary": entry.summary }));
    }
    assert_eq!(names(folder.path()), [""; 0], "listing writes nothing");
}

#[test]
fn an_experiment_says_what_came_out_and_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let told = lab(folder.path(), &["weights-and-inputs"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stderr.starts_with("weights-and-inputs: "), "no progress in {:?}", told.stderr);
    assert!(told.stdout.contains("passed: dw by its formula and by autodiff is "), "{}", told.stdout);
    assert!(told.stdout.ends_with("are in lab/weights-and-inputs\n"), "{}", told.stdout);
    let out = folder.path().join("lab/weights-and-inputs");
    let files = [
        "adam-narrow.svg",
        "adam.svg",
        "backward.md",
        "examples.md",
        "forward.md",
        "input-narrow.svg",
        "input.svg",
        "neuron.svg",
        "results.json",
        "weights-narrow.svg",
        "weights.svg",
    ];
    assert_eq!(names(&out), files);
}

#[test]
fn json_is_one_object_and_the_file_has_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["weights-and-inputs", "--json", "--seed", "7", "--out", "here"];
    let told = lab(folder.path(), &args);
    assert_eq!((told.code, told.stdout.lines().count()), (0, 1));
    let mut printed: Value = serde_json::from_str(&told.stdout).unwrap();
    let keys: Vec<&String> = printed.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["checks", "figures", "name", "results", "seconds", "seed"]);
    assert_eq!((&printed["name"], &printed["seed"]), (&"weights-and-inputs".into(), &7.into()));
    for check in printed["checks"].as_array().unwrap() {
        let [name, value, target, passed] = ["name", "value", "target", "passed"].map(|key| &check[key]);
        assert!(name.is_string() && value.is_f64() && target.is_string() && passed == true, "{check}");
    }
    for figure in printed["figures"].as_array_mut().unwrap() {
        let path = figure.as_str().unwrap().to_owned();
        assert!(fs::read_to_string(folder.path().join(&path)).unwrap().starts_with("<svg "));
        *figure = path.strip_prefix("here/").unwrap().into();
    }
    assert!(printed.as_object_mut().unwrap().remove("seconds").unwrap().as_f64().unwrap() > 0.0);
    let file = fs::read_to_string(folder.path().join("here/results.json")).unwrap();
    assert_eq!(printed, serde_json::from_str::<Value>(&file).unwrap());

    let again = lab(folder.path(), &["weights-and-inputs", "--seed", "7", "--out", "again"]);
    assert_eq!(again.code, 0);
    for name in names(&folder.path().join("here")) {
        let [here, again] =
            ["here", "again"].map(|out| fs::read(folder.path().join(out).join(&name)).unwrap());
        assert!(here == again, "{name} is another one the second time");
    }
}

/// With what `results` holds, anyone can check the gradients.
#[test]
fn the_gradients_follow_from_the_numbers_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let told = lab(folder.path(), &["weights-and-inputs", "--json"]);
    let results = &serde_json::from_str::<Value>(&told.stdout).unwrap()["results"];
    let list = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let rows = |value: &Value| -> Vec<Vec<f64>> { value.as_array().unwrap().iter().map(list).collect() };
    let (x, y, w, b) =
        (rows(&results["X"]), list(&results["y"]), list(&results["w"]), results["b"].as_f64().unwrap());
    let r: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - x[0] * w[0] - x[1] * w[1] - b).collect();
    let factor = 2.0 / y.len() as f64;
    for (how, tolerance) in [("gradients", 1e-12), ("autodiff", 1e-5), ("finite_differences", 1e-9)] {
        let found = &results[how];
        let close = |a: f64, b: f64| assert!((a - b).abs() < tolerance, "{how}: {a} is not {b}");
        close(found["db"].as_f64().unwrap(), -factor * r.iter().sum::<f64>());
        for (c, dw) in list(&found["dw"]).into_iter().enumerate() {
            close(dw, -factor * x.iter().zip(&r).map(|(x, r)| x[c] * r).sum::<f64>());
        }
        let (dx, dy) = (rows(&found["dX"]), list(&found["dy"]));
        assert_eq!((dx.len(), dy.len()), (y.len(), y.len()));
        for (n, r) in r.iter().enumerate() {
            close(dy[n], factor * r);
            (0..2).for_each(|c| close(dx[n][c], -factor * r * w[c]));
        }
    }
}

#[test]
fn bad_input_ends_in_one_line_and_code_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::write(folder.path().join("column"), "She opened the door with the key\n").unwrap();
    fs::write(folder.path().join("strange.dot"), "digraph { One -> Two }").unwrap();
    fs::write(folder.path().join("broken.dot"), "digraph {\n One -> ; }").unwrap();
    let cases: [(&[&str], &str); 49] = [
        (&["nothing"], "unrecognized subcommand 'nothing'"),
        (&["weights-and-inputs", "--seed=-1"], "invalid value '-1' for '--seed"),
        (&["weights-and-inputs", "--device", "tpu"], "expected flex, ndarray"),
        (&["weights-and-inputs", "--rate", "0"], "rate = 0, but it must be above 0"),
        (&["weights-and-inputs", "--rate", "nan"], "rate = NaN, but it must be above 0"),
        (&["weights-and-inputs", "--out", "file"], "cannot make the folder file"),
        (&["noise-scale", "--run", "nowhere"], "cannot read nowhere/metrics.jsonl"),
        (&["noise-scale", "--rate", "1"], "unexpected argument '--rate'"),
        (&["learning-rate", "--steps", "5"], "--steps is 5, but it must be from 20 to 100000"),
        (&["learning-rate", "--least", "0"], "--least is 0, but it must be above 0"),
        (&["learning-rate", "--most", "nan"], "--most is NaN, but it must be above --least, 0.00001"),
        (&["family-trees", "--ask", "Colin"], "--ask takes a name and a relation"),
        (&["family-trees", "--ask", "Otto aunt"], "nobody is called \"Otto\"; there are Christopher, "),
        (
            &["family-trees", "--ask", "Colin cousin"],
            "\"cousin\" is no relation of the tree; there are father, ",
        ),
        (
            &["family-trees", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 1000",
        ),
        (
            &["feature-visualisation", "--unit", "fish"],
            "--unit is \"fish\", but it must be bear, bird, cat, ",
        ),
        (&["feature-visualisation", "--unit", "first:8"], "first:0 to first:7, or second:0 to second:15"),
        (&["feature-visualisation", "--steps", "0"], "--steps is 0, but it must be from 1 to 100000"),
        (&["feature-visualisation", "--jitter", "14"], "--jitter is 14, but it must be below 14"),
        (&["feature-visualisation", "--total-variation", "nan"], "--total-variation is NaN, but it must be"),
        (
            &["feature-visualisation", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 100",
        ),
        (&["next-word", "--run", "nowhere"], "nowhere"),
        (
            &["winograd", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 100",
        ),
        (&["winograd", "--text", " "], "--text can't be used: the text is empty"),
        (
            &["winograd", "--text", "The elephant doesn't fit into the suitcase."],
            "--text can't be used: nothing was learned of the word \"elephant\"; the words are ",
        ),
        (&["bugs", "--break", "windows"], "invalid value 'windows' for '--break"),
        (&["bugs", "--predict", "hidden"], "required arguments were not provided"),
        (&["bugs", "--break", "no-scale", "--predict", "fine"], "invalid value 'fine' for '--predict"),
        (
            &["bugs", "--break", "no-scale", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 1000",
        ),
        (
            &["remember", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 1000",
        ),
        (&["remember", "--reviews", "51"], "--reviews is 51, but it must be from 1 to 50"),
        (&["remember", "--curve", "flat"], "invalid value 'flat' for '--curve"),
        (&["remember", "--facts", "column"], "required arguments were not provided"),
        (&["remember", "--facts", "nowhere", "--recalled", "file"], "cannot read nowhere"),
        (&["remember", "--facts", "column", "--recalled", "nowhere"], "cannot read nowhere"),
        (&["remember", "--facts", "file", "--recalled", "column"], "file can't be used: it has no facts"),
        (&["surprisal", "--frames", "nowhere"], "cannot read nowhere"),
        (
            &["surprisal", "--seeds", "101"],
            "invalid value '101' for '--seeds <SEEDS>': expected a number from 1 to 100",
        ),
        (&["surprisal", "--steps", "0"], "--steps is 0, but it must be from 1 to 100000"),
        (&["surprisal", "--frames", "file"], "file can't be used: it has no frames"),
        (&["surprisal", "--frames", "column"], "column can't be used: line 1: expected three columns"),
        (
            &["redraw", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 1000",
        ),
        (&["redraw", "--dot", "nowhere"], "cannot read nowhere"),
        (&["redraw", "--dot", "file"], "file can't be used: this is no DOT: there is nothing in it"),
        (
            &["redraw", "--dot", "column"],
            "column can't be used: this is no DOT: it should begin with `digraph {`",
        ),
        (&["redraw", "--dot", "strange.dot"], "no box of the drawing has a name that is in the picture"),
        (&["redraw", "--dot", "broken.dot"], "broken.dot can't be used: line 2: expected a box after ->"),
        (&["book", "weights"], "expected figures or an experiment that `lab list` names, found \"weights\""),
        (&["book"], "there is no folder docs/src/figures"),
    ];
    for (args, reason) in cases {
        let told = lab(folder.path(), args);
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{args:?}");
        let last = told.stderr.lines().last().unwrap();
        assert!(last.starts_with("error: ") && last.contains(reason), "{args:?}: {}", told.stderr);
        let others = told.stderr.lines().filter(|line| !line.contains(" %, "));
        assert_eq!(others.count(), 1, "{args:?}: {}", told.stderr);
    }
    let inputs = ["broken.dot", "column", "file", "strange.dot"];
    assert_eq!(names(folder.path()), inputs, "nothing is left behind");
}

/// Below every line `$ lab … --help` stands what that command prints.
#[test]
fn the_book_lists_what_the_commands_say_of_themselves() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/figures/help-lab.txt");
    let committed = fs::read_to_string(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plain = |text: &str| text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let mut listed = Vec::new();
    for section in format!("\n{committed}").split("\n$ lab ").skip(1) {
        let (command, said) = section.split_once('\n').unwrap();
        let told = lab(folder.path(), &command.split(' ').collect::<Vec<_>>());
        let hint = "docs/src/figures/help-lab.txt is stale: run `cargo xtask models --figures`";
        assert_eq!(plain(&told.stdout), plain(said), "{hint}");
        listed.push(command.trim_end_matches(" --help").to_owned());
    }
    let experiments = lab::EXPERIMENTS.iter().map(|entry| entry.name);
    assert_eq!(listed, ["list"].into_iter().chain(experiments).chain(["check", "book"]).collect::<Vec<_>>());
}
