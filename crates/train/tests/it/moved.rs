//! Projects, runs and corpora that are no longer where they were, with the real program.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Program, language_model, losses, read_json, translate};

/// A folder goes elsewhere, by way of a copy whose original is deleted.
fn moved(program: &Program, from: &str, to: &str) {
    let ran = program.shell(&format!("mkdir -p $(dirname {to}) && cp -R {from} {to} && rm -r {from}"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn metrics(program: &Program, run: &str) -> String {
    fs::read_to_string(program.path(run).join("metrics.jsonl")).unwrap()
}

fn task(program: &Program, run: &str) -> Value {
    let config = read_json(&program.path(run).join("config.json"));
    let task = &config["task"];
    ["translate", "lm"]
        .iter()
        .find_map(|kind| task.get(kind))
        .unwrap_or(&task["average"]["task"]["lm"])
        .clone()
}

/// A project as it was before the way between its folders was noted.
fn made_old(program: &Program, run: &str) {
    let path = program.path(run).join("config.json");
    let mut config = read_json(&path);
    for name in ["beside", "content"] {
        assert!(config["task"]["translate"].as_object_mut().unwrap().remove(name).is_some());
    }
    fs::write(path, config.to_string()).unwrap();
    program.remove_sums(run);
}

/// The corpora `mine` and `book` are in `project/data`.
fn project() -> Program {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    moved(&program, "data", "project/data");
    program
}

const DATA: [&str; 2] = ["--data", "project/data"];

#[test]
fn a_project_that_was_moved_goes_on_as_if_it_had_not_been() {
    let program = project();
    let train = |out: &str, steps: &str| {
        let more = [&["--steps", steps][..], &DATA].concat();
        program.succeed(&translate(&format!("project/runs/{out}-pairs"), &more), "");
        // The cosine goes by the end, which differs.
        let more = [&more[..], &["--schedule", "noam"]].concat();
        program.succeed(&language_model(&format!("project/runs/{out}-text"), &more), "");
    };
    train("whole", "8");
    train("run", "4");
    program.succeed(&["average", "project/runs/run-text", "--last", "1", "--out", "project/mean"], "");
    let whole = ["pairs", "text"].map(|kind| metrics(&program, &format!("project/runs/whole-{kind}")));
    moved(&program, "project", "else/where/deeper");
    for (kind, whole) in ["pairs", "text"].iter().zip(whole) {
        let run = format!("else/where/deeper/runs/run-{kind}");
        assert_eq!(
            task(&program, &run)["beside"],
            format!("../../data/{}", if *kind == "pairs" { "mine" } else { "book" })
        );
        program.succeed(&["eval", &run], "");
        program.succeed(&["resume", &run, "--steps", "8"], "");
        assert_eq!(metrics(&program, &run), whole);
        let folder = task(&program, &run)["folder"].as_str().unwrap().to_owned();
        assert!(folder.contains("else/where/deeper/data"), "{folder}");
    }
    program.succeed(&["eval", "else/where/deeper/mean"], "");
    assert_eq!(task(&program, "else/where/deeper/mean")["beside"], "../data/book");
}

#[test]
fn a_run_that_left_its_project_alone_still_knows_where_the_corpus_was() {
    let program = project();
    program.succeed(&translate("project/runs/run", &[&["--steps", "4"][..], &DATA].concat()), "");
    moved(&program, "project/runs/run", "far/away/from/it/run");
    program.succeed(&["resume", "far/away/from/it/run", "--steps", "6"], "");
    assert_eq!(task(&program, "far/away/from/it/run")["beside"], "../../../../../project/data/mine");
}

/// A copy of a project and its original are two projects: each goes on with its own corpus, unless that has changed.
#[test]
fn of_two_corpora_the_one_that_has_not_changed_is_taken() {
    let program = project();
    program.succeed(&translate("project/runs/run", &[&["--steps", "2"][..], &DATA].concat()), "");
    let change = "gzip -k project/data/mine/train.de && rm project/data/mine/train.de";
    assert_eq!(program.shell("cp -R project copy && cp -R project other").code, 0);
    assert_eq!(program.shell(change).code, 0);
    program.succeed(&["resume", "copy/runs/run", "--steps", "4"], "");
    assert!(task(&program, "copy/runs/run")["folder"].as_str().unwrap().contains("copy/data/mine"));
    // The other way round: the corpus beside the run is another one, and the first is as it was.
    assert_eq!(
        program.shell("rm -r project && cp -R copy project && echo Hund >> other/data/mine/test.de").code,
        0
    );
    program.succeed(&["resume", "other/runs/run", "--steps", "4"], "");
    assert!(task(&program, "other/runs/run")["folder"].as_str().unwrap().contains("project/data/mine"));
}

#[test]
fn a_corpus_that_has_moved_is_named_and_must_be_the_same_one() {
    let program = project();
    for (run, is_old) in [("new", false), ("old", true)] {
        let out = format!("project/runs/{run}");
        for (out, steps) in [(&out, "4"), (&format!("{out}-whole"), "8")] {
            program.succeed(&translate(out, &[&["--steps", steps][..], &DATA].concat()), "");
        }
        if is_old {
            made_old(&program, &out);
        }
    }
    moved(&program, "project/data/mine", "corpora/pairs");
    // Another one with the same name, which differs in a single line.
    assert_eq!(
        program.shell("cp -R corpora/pairs corpora/like && sed -i 1s/Hund/Pudel/ corpora/like/train.de").code,
        0
    );
    for run in ["project/runs/new", "project/runs/old"] {
        let config = fs::read(program.path(run).join("config.json")).unwrap();
        program.fail(&["resume", run, "--steps", "8"], "", &["\"mine\"", "project/data/mine", "--corpus"]);
        program.fail(&["eval", run], "", &["\"mine\"", "--corpus"]);
        for (corpus, told) in [
            ("corpora/like", ["another corpus", "train translate --init-from"]),
            ("project/data/book", ["another corpus", run]),
            ("corpora/none", ["corpora/none", "is no corpus"]),
        ] {
            program.fail(&["resume", run, "--steps", "8", "--corpus", corpus], "", &told);
        }
        assert_eq!(fs::read(program.path(run).join("config.json")).unwrap(), config);
        program.succeed(&["resume", run, "--steps", "6", "--corpus", "corpora/pairs"], "");
        // From now on the run knows it.
        program.succeed(&["resume", run, "--steps", "8"], "");
        let [found, whole] = [run, &format!("{run}-whole")].map(|run| losses(&program.path(run)));
        assert_eq!(found, whole);
        assert_eq!(task(&program, run)["beside"], "../../../corpora/pairs");
    }
    program.train("copied", &["--steps", "2"]);
    let told = "--corpus is of no use: copied is about \"copy\", which has none";
    program.fail(&["resume", "copied", "--steps", "4", "--corpus", "corpora/pairs"], "", &[told]);
    assert!(Path::new(&program.path("copied/config.json")).is_file());
}
