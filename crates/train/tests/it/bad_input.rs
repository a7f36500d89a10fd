//! Bad input ends in one clear line and exit code 2.

use std::fs;

use crate::common::{Program, TINY, translate};

#[test]
fn unknown_names() {
    let program = Program::new();
    program.fail(&["copy", "--device", "tpu"], "", &["expected flex, ndarray", "\"tpu\"", "train devices"]);
    program.fail(&["copy", "--colour", "red"], "", &["--colour"]);
    program.fail(&["dance"], "", &["dance"]);
    program.fail(&["copy", "--norm", "middle"], "", &["expected pre or post", "\"middle\""]);
    program.fail(&["copy", "--steps", "many"], "", &["many", "--steps"]);
    program.fail(&["decode"], "", &["required", "<RUN>"]);
    assert!(fs::read_dir(program.path("")).unwrap().next().is_none(), "nothing is written");
}

#[cfg(not(feature = "cuda"))]
#[test]
fn devices_of_other_builds() {
    let program = Program::new();
    program.fail(
        &["copy", "--device", "cuda"],
        "",
        &["feature `cuda`", "--features ", "cuda -- copy --device cuda"],
    );
}

#[test]
fn settings_that_make_no_sense() {
    let program = Program::new();
    let cases: [(&[&str], &[&str]); 11] = [
        (&["--d-model", "30", "--heads", "4"], &["d_model = 30", "multiple of n_heads = 4"]),
        (&["--heads", "0"], &["n_heads = 0", "at least 1"]),
        (&["--layers", "0"], &["n_layers = 0", "at least 1"]),
        (&["--dropout", "1"], &["dropout = 1", "[0, 1)"]),
        (&["--vocab", "2"], &["vocab = 2", "at least 3"]),
        (&["--length", "1"], &["length = 1", "at least 2"]),
        (&["--batch-size", "10", "--accumulate", "3"], &["batch_size = 10", "multiple of accumulate = 3"]),
        (&["--steps", "0"], &["steps = 0", "at least 1"]),
        (&["--warmup", "0"], &["warmup = 0", "at least 1"]),
        (&["--lr-factor", "0"], &["lr_factor = 0", "positive"]),
        (&["--label-smoothing", "1.5"], &["label_smoothing = 1.5", "[0, 1)"]),
    ];
    for (settings, parts) in cases {
        program.fail(&[&["copy", "--out", "run"], settings].concat(), "", parts);
    }
    assert!(!program.path("run").exists(), "nothing is written");
}

#[test]
fn run_folders_that_are_missing_or_no_run() {
    let program = Program::new();
    for command in
        [&["decode", "nowhere", "--src", "1"][..], &["info", "nowhere"], &["copy", "--resume", "nowhere"]]
    {
        program.fail(command, "", &["nowhere does not exist", "run folder"]);
    }
    fs::create_dir(program.path("empty")).unwrap();
    program.fail(&["info", "empty"], "", &["empty is no complete run folder", "config.json"]);
    fs::write(program.path("file"), "").unwrap();
    program.fail(&["info", "file"], "", &["file is no complete run folder"]);
    fs::create_dir(program.path("mine")).unwrap();
    fs::write(program.path("mine/letter.txt"), "dear").unwrap();
    program.fail(&[&["copy", "--out", "mine", "--force"], &TINY[..]].concat(), "", &["mine is not empty"]);
    program.fail(&[&["copy", "--out", "file/run"], &TINY[..]].concat(), "", &["cannot create the folder"]);
}

#[test]
fn run_folders_that_are_damaged() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    let weights = program.path("run/model.safetensors");
    let whole = fs::read(&weights).unwrap();
    for length in [0, 7, 60, whole.len() / 2, whole.len() - 1] {
        fs::write(&weights, &whole[..length]).unwrap();
        program.fail(&["decode", "run", "--src", "1 2"], "", &["model.safetensors is damaged"]);
        program.fail(&["info", "run"], "", &["model.safetensors is damaged"]);
    }
    fs::write(&weights, b"not a file of weights at all, but long enough").unwrap();
    program.fail(&["decode", "run", "--src", "1 2"], "", &["model.safetensors is damaged"]);
    fs::remove_file(&weights).unwrap();
    program.fail(&["decode", "run", "--src", "1 2"], "", &["it has no model.safetensors"]);
    fs::write(&weights, &whole).unwrap();

    let config = program.path("run/config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replacen("\"bos\": 1", "\"bos\": 2", 1)).unwrap();
    for args in [&["decode", "run", "--src", "1 2"][..], &["info", "run"], &["resume", "run", "--steps", "4"]]
    {
        program.fail(args, "", &["run/config.json is damaged", "SHA-256", "expected"]);
    }
    program.remove_sums("run");
    for (from, to, parts) in [
        (
            "\"d_model\": 16",
            "\"d_model\": 18",
            &["does not fit the configured model", "[5, 16] instead of [5, 18]"][..],
        ),
        ("\"d_model\": 16", "\"d_model\": 15", &["d_model = 15", "multiple of n_heads = 2"]),
        ("\"n_layers\": 1", "\"n_layers\": 2", &["missing encoder.layers.1"]),
        ("\"d_ff\"", "\"d_gg\"", &["config.json is damaged", "d_gg"]),
        ("\"bos\": 1", "\"bos\": 5", &["bos = 5", "below tgt_vocab = 5"]),
        ("{", "", &["config.json is damaged"]),
    ] {
        fs::write(&config, text.replacen(from, to, 1)).unwrap();
        program.fail(&["decode", "run", "--src", "1 2"], "", parts);
    }
    fs::write(&config, &text).unwrap();

    for name in ["model.safetensors", "optimizer.bpk", "state.json"] {
        let path = program.path("run/checkpoints/step-2").join(name);
        let whole = fs::read(&path).unwrap();
        for length in [0, 9, whole.len() / 2] {
            fs::write(&path, &whole[..length]).unwrap();
            program.fail(
                &["resume", "run", "--steps", "4"],
                "",
                &[name, "is damaged", "no older checkpoint"],
            );
        }
        fs::remove_file(&path).unwrap();
        program.fail(&["resume", "run", "--steps", "4"], "", &["cannot read", name]);
        fs::write(&path, &whole).unwrap();
    }
    let told = program.succeed(&["copy", "--resume", "run"], "");
    assert_eq!(told, "run is finished: it has done 2 of 2 steps; to go on, give --steps with more than 2\n");
    program.fail(
        &["copy", "--resume", "run", "--layers", "3"],
        "",
        &["--resume", "only what ends it and --device"],
    );

    fs::write(program.path("run/metrics.jsonl"), "{}\n").unwrap();
    program.fail(&["plot", "run", "--out", "x.svg"], "", &["line 1 of", "metrics.jsonl is damaged"]);
    fs::write(program.path("run/metrics.jsonl"), "{\"st").unwrap();
    program.fail(&["plot", "run", "--out", "x.svg"], "", &["metrics.jsonl holds no whole line"]);
    fs::write(program.path("run/metrics.jsonl"), "").unwrap();
    program.fail(&["plot", "run", "--out", "x.svg"], "", &["metrics.jsonl is empty"]);
}

/// A machine that stops while a line is written leaves a part of it.
#[test]
fn metrics_whose_last_line_is_cut_off() {
    let program = Program::new();
    program.train("run", &["--steps", "6"]);
    let path = program.path("run/metrics.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let plot = ["plot", "run", "--out", "x.svg"];
    program.succeed(&plot, "");
    let picture = || fs::read_to_string(program.path("x.svg")).unwrap();
    let expected = picture();
    fs::write(&path, format!("{whole}{{\"step\":7,\"lo")).unwrap();
    let told = "run/metrics.jsonl, is cut off and left out";
    let ran = program.run(&plot);
    assert!(ran.code == 0 && ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(picture(), expected);
    let ran = program.run(&["runs", "."]);
    assert!(ran.code == 0 && ran.stderr.contains(told) && ran.stdout.contains("copy  6  "), "{}", ran.stdout);
    // Anywhere else it is damage.
    fs::write(&path, whole.replacen("{\"step\":2", "{\"st", 1)).unwrap();
    program.fail(&plot, "", &["line 2 of", "metrics.jsonl is damaged"]);
    fs::write(&path, format!("{whole}{{\"step\":7,\"lo\n")).unwrap();
    program.fail(&plot, "", &["line 9 of", "metrics.jsonl is damaged"]);
}

#[test]
fn fields_that_are_unknown() {
    let program = Program::new();
    program.add_pairs("");
    program.write("settings.toml", "layers = 1\ncolour = 2\n");
    for command in ["translate", "lm"] {
        let args = [command, "--out", "run", "--config", "settings.toml"];
        program.fail(&args, "", &["settings.toml can't be used", "line 2", "colour is no setting"]);
    }
    program.write("settings.toml", "layers = \"many\"\n");
    program.fail(
        &["lm", "--out", "run", "--config", "settings.toml"],
        "",
        &["settings.toml can't be used", "line 1", "layers"],
    );
    assert!(!program.path("run").exists(), "nothing is written");

    program.succeed(&translate("run", &[]), "");
    program.remove_sums("run");
    let config = program.path("run/config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replacen('{', "{\n  \"colour\": 2,", 1)).unwrap();
    for args in [&["eval", "run"][..], &["translate-text", "run"], &["resume", "run", "--steps", "4"]] {
        program.fail(args, "", &["run/config.json is damaged", "unknown field `colour`"]);
    }
}

#[test]
fn checkpoints_of_another_model() {
    let program = Program::new();
    let wide = TINY.map(|arg| if arg == "16" { "20" } else { arg });
    program.train("run", &["--steps", "2"]);
    program.succeed(&[&["copy", "--out", "wide", "--steps", "2"], &wide[..]].concat(), "");
    fs::remove_dir_all(program.path("run/checkpoints")).unwrap();
    fs::rename(program.path("wide/checkpoints"), program.path("run/checkpoints")).unwrap();
    let parts = ["run/checkpoints/step-2/model.safetensors", "does not fit the configured model"];
    program.run(&["resume", "run", "--steps", "4"]).failed(&parts);
    fs::copy(program.path("wide/model.safetensors"), program.path("run/model.safetensors")).unwrap();
    let parts = ["run/model.safetensors is damaged", "SHA-256"];
    program.fail(&["decode", "run", "--src", "1 2"], "", &parts);
    program.remove_sums("run");
    let parts = ["run/model.safetensors", "does not fit the configured model", "20"];
    program.fail(&["decode", "run", "--src", "1 2"], "", &parts);
}

#[cfg(target_os = "linux")]
#[test]
fn errors_that_nobody_can_read() {
    let program = Program::new();
    for args in [&["dance"][..], &["info", "nowhere"], &["copy", "--resume", "run", "--layers", "3"]] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let status = program.command(args).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn tokens_and_lines() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    let decode = ["decode", "run", "--json"];
    program.fail(&["decode", "run", "--src", "1 5"], "", &["token 5", "ids from 0 to 4"]);
    program.fail(&["decode", "run", "--src", "1 two"], "", &["expected token ids", "\"two\""]);
    program.fail(&["decode", "run", "--src", "1 -2"], "", &["\"-2\""]);
    program.fail(&["decode", "run", "--src", " "], "", &["src is empty"]);
    program.fail(
        &["decode", "run", "--src", "1 2", "--beam", "0"],
        "",
        &["beam = 0", "from 1 (greedy) to 1000"],
    );
    program.fail(
        &["decode", "run", "--src", "1 2", "--beam", "2", "--alpha", "nan"],
        "",
        &["--alpha", "expected a finite number"],
    );
    program.fail(&decode, "{\"src\":[1]}\n{\"src\":[1,7]}\n", &["line 2 of standard input", "token 7"]);
    program.fail(&decode, "{\"src\":[]}\n", &["line 1 of standard input", "src is empty"]);
    program.fail(&decode, "{\"src\":[1]\n", &["line 1 of standard input"]);
    program.fail(&decode, "{\"source\":[1]}\n", &["line 1 of standard input", "missing field `src`"]);
    program.fail(&decode, "{\"src\":[-1]}\n", &["line 1 of standard input", "-1"]);
    let score = ["score", "run", "--json"];
    program.fail(&score, "{\"src\":[1,2],\"tgt\":[2,3]}\n", &["line 1", "must begin with BOS, which is 1"]);
    program.fail(&score, "{\"src\":[1,2],\"tgt\":[]}\n", &["line 1", "tgt is empty"]);
    program.fail(&score, "{\"src\":[1,2],\"tgt\":[1,9]}\n", &["line 1", "token 9 in tgt"]);
    program.fail(&score, "{\"src\":[1,2]}\n", &["line 1", "missing field `tgt`"]);
}
