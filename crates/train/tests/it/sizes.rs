//! Sizes that no machine has room for: each is refused by name where it enters, before anything of that size is made, and
//! nothing is left behind. Whoever allocated first would be ended by the limit on addresses, or by the system.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::common::{Program, Ran, TINY, language_model, model, translate};

/// Addresses that a program may use which is about to refuse something, in kB.
const FEW: usize = 2_500_000;

/// The program under a limit of so many kB of addresses.
fn limited(program: &Program, kilobytes: usize, args: &[&str]) -> Ran {
    let args: String = args.iter().map(|arg| format!("'{arg}' ")).collect();
    program.shell(&format!("ulimit -v {kilobytes}; exec \"$TRAIN\" {args}"))
}

/// What is in a folder, by name, with its bytes.
fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            found.extend(listing(&path));
            found.insert(name, Vec::new());
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

#[track_caller]
fn refused(program: &Program, args: &[&str], parts: &[&str]) {
    let before = listing(&program.path("."));
    let ran = limited(program, FEW, args);
    assert_eq!(ran.stderr.lines().count(), 1, "{args:?}: {}", ran.stderr);
    ran.failed(parts);
    assert!(listing(&program.path(".")) == before, "{args:?} has left something behind");
}

#[test]
fn a_flag_that_is_far_too_large_is_refused_by_name() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    let copy = [&["copy", "--out", "run"], &TINY[..]].concat();
    let (translate, lm) = (translate("run", &[]), language_model("run", &[]));
    let all: [(&str, &[&str], &str, u64); 15] = [
        ("--layers", &copy, "n_layers", 1 << 10),
        ("--layers", &translate, "n_layers", 1 << 10),
        ("--layers", &lm, "n_layers", 1 << 10),
        ("--d-model", &copy, "d_model", 1 << 20),
        ("--d-ff", &lm, "d_ff", 1 << 20),
        ("--heads", &copy, "n_heads", 16),
        ("--vocab", &copy, "src_vocab", 1 << 20),
        ("--vocab", &lm, "--vocab", 1 << 20),
        ("--length", &copy, "length", 1 << 16),
        ("--max-length", &translate, "(--max-length)", 1 << 16),
        ("--context", &lm, "--context", 1 << 16),
        ("--batch-size", &copy, "batch_size", 1 << 24),
        ("--batch-tokens", &lm, "batch_size", 1 << 24),
        ("--accumulate", &translate, "accumulate", 1 << 16),
        ("--accumulate", &lm, "accumulate", 1 << 16),
    ];
    for (flag, command, name, most) in all {
        for value in [most + 1, 1_000_000_000, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, u64::MAX] {
            let value = value.to_string();
            let at = command.iter().position(|arg| *arg == flag);
            let mut command = command.to_vec();
            match at {
                Some(at) => command[at + 1] = &value,
                None => command.extend([flag, &value]),
            }
            refused(&program, &command, &[name, &value, &format!("at most {most}")]);
        }
    }
}

/// Whatever is in `config.json`, a run that was made elsewhere is opened with care.
#[test]
fn a_configuration_that_is_far_too_large_is_refused_by_name() {
    let program = Program::new();
    program.train("run", &["--steps", "1", "--device", "flex"]);
    let path = program.path("run/config.json");
    let whole = fs::read_to_string(&path).unwrap();
    program.remove_sums("run");
    let commands: [&[&str]; 3] =
        [&["info", "run"], &["resume", "run", "--steps", "9"], &["decode", "run", "--src", "1 2"]];
    let cases: [(&str, u64, &[u64]); 6] = [
        ("\"n_layers\": 1,", 1 << 10, &[1_025, 1_000_000_000, 1 << 32, (1 << 63) - 1]),
        ("\"d_model\": 16,", 1 << 20, &[(1 << 20) + 2, 1_000_000_000, (1 << 63) - 2]),
        ("\"length\": 4", 1 << 16, &[(1 << 16) + 1, 100_000, u64::MAX]),
        ("\"accumulate\": 1,", 1 << 16, &[(1 << 16) + 1, (1 << 32) - 1]),
        ("\"batch_size\": 12,", 1 << 24, &[(1 << 24) + 1, u64::MAX]),
        ("\"tgt_vocab\": 5,", 1 << 20, &[(1 << 20) + 1, 1 << 63]),
    ];
    for (field, most, values) in cases {
        assert!(whole.contains(field), "{field}: {whole}");
        let (name, rest) = field.split_once(": ").unwrap();
        let comma = if rest.ends_with(',') { "," } else { "" };
        for value in values {
            fs::write(&path, whole.replace(field, &format!("{name}: {value}{comma}"))).unwrap();
            let told = format!("{} = {value}", name.trim_matches('"'));
            for command in commands {
                refused(&program, command, &["config.json can't be used", &told, &format!("at most {most}")]);
            }
        }
    }
    // What is allowed, but not on this machine.
    let large = [("\"n_layers\": 1,", "\"n_layers\": 1024,"), ("\"d_model\": 16,", "\"d_model\": 1048576,")];
    fs::write(&path, large.iter().fold(whole, |text, (from, to)| text.replace(from, to))).unwrap();
    for command in commands {
        refused(&program, command, &["needs about", "PB of memory", "`ulimit -v`", "where there is more"]);
    }
}

#[test]
fn a_description_to_import_that_is_far_too_large_is_refused_by_name() {
    let program = Program::new();
    let weights = format!("{}/model.safetensors", model("ding"));
    let import = ["import", &weights, "--config", "spec.json", "--out", "run"];
    let spec = |layers: u64, width: u64| {
        format!(
            r#"{{ "n_layers": {layers}, "d_model": {width}, "d_ff": 8, "n_heads": 2, "src_vocab": 9, "tgt_vocab": 9,
                 "norm": "pre", "eps": 1e-6, "pad": 0, "bos": 1 }}"#
        )
    };
    for layers in [1_025, 1_000_000_000, 1 << 32, (1 << 63) - 1, u64::MAX] {
        program.write("spec.json", spec(layers, 8));
        refused(&program, &import, &["spec.json", &format!("n_layers = {layers}"), "at most 1024"]);
    }
    program.write("spec.json", spec(1_024, 1 << 20));
    refused(&program, &import, &["spec.json", "needs about", "PB of memory", "`ulimit -v`"]);
}

#[test]
fn what_needs_more_memory_than_there_is_is_refused_with_what_to_change() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    let copy = |flags: &[&'static str]| {
        let kept = TINY.chunks(2).filter(|pair| !flags.contains(&pair[0])).flatten().copied();
        ["copy", "--out", "run", "--device", "flex"]
            .into_iter()
            .chain(kept)
            .chain(flags.iter().copied())
            .collect::<Vec<_>>()
    };
    let figures = ["needs about", "of memory", "are left of what `ulimit -v` allows"];
    let told = |more: &[&'static str]| [&figures[..], more].concat();
    let wide = copy(&["--d-model", "8192", "--d-ff", "8192"]);
    refused(&program, &wide, &told(&["for the model", "make the model smaller: --layers, --d-model"]));
    let long = copy(&["--length", "65536"]);
    refused(&program, &long, &told(&["for a batch", "make a batch smaller: --batch-size or --length"]));
    let many = copy(&["--batch-size", "16777216"]);
    refused(&program, &many, &told(&["for a batch", "--accumulate"]));
    let device = ["--device", "flex"];
    let deep = [&translate("run", &device)[..], &["--layers", "1024", "--d-model", "256"]].concat();
    let deep = without(&without(&deep, "--layers", "1"), "--d-model", "16");
    refused(&program, &deep, &told(&["make the model smaller"]));
    let lm = language_model("run", &["--context", "65536", "--heads", "16", "--device", "flex"]);
    let lm = without(&lm, "--heads", "2");
    refused(&program, &lm, &told(&["--batch-tokens or --context"]));
}

/// The same arguments, but for a flag with its value.
fn without<'a>(args: &[&'a str], flag: &str, value: &str) -> Vec<&'a str> {
    let at = args.windows(2).position(|pair| pair == [flag, value]).unwrap();
    [&args[..at], &args[at + 2..]].concat()
}

#[test]
fn what_fits_is_trained_under_the_same_limit() {
    let program = Program::new();
    program.add_text();
    let copy = [&["copy", "--out", "copy", "--device", "flex", "--steps", "1"], &TINY[..]].concat();
    // A batch of more tokens than the corpus has.
    let lm = language_model("lm", &["--device", "flex"]);
    let lm = [&without(&lm, "--batch-tokens", "256")[..], &["--batch-tokens", "16777216"]].concat();
    for args in [copy, lm] {
        let ran = limited(&program, FEW, &args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
}

#[test]
fn images_that_unpack_to_more_than_they_say_are_not_read_to_their_end() {
    let program = Program::new();
    let packed = |bytes: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let file = |magic: u32, lengths: &[u32]| {
        packed(
            &[&[magic], lengths].concat().iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>(),
        )
    };
    // Zeros over zeros: 4 GB.
    let zeros = packed(&vec![0; 1 << 24]).repeat(256);
    fs::create_dir_all(program.path("sets/bomb")).unwrap();
    program.write(
        "sets/bomb/images.json",
        r#"{ "name": "bomb", "classes": ["a"], "licence": "none", "origin": "a test" }"#,
    );
    for part in ["train", "t10k"] {
        program.write(
            &format!("sets/bomb/{part}-images-idx3-ubyte.gz"),
            [file(0x0803, &[2, 2, 3]), zeros.clone()].concat(),
        );
        program.write(&format!("sets/bomb/{part}-labels-idx1-ubyte.gz"), file(0x0801, &[2]));
    }
    let command = format!("ulimit -v {FEW}; TRAIN_BUILTIN_DATA=sets exec \"$TRAIN\" data show bomb");
    program.shell(&command).failed(&["idx3-ubyte.gz is damaged: expected [2, 2, 3] bytes, found more"]);
}
