//! The checker itself, on small sources: what it must find, and what it must let pass.

use super::check::faults;
use super::source::Source;
use super::table::{BANS, Ban, Plan};

/// Faults of a workspace whose crate `a` has the rooms low, high and root, in no order that forbids anything.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let plan = Plan { crates: &[], bans: &[] };
    let unplanned = |fault: &String| !fault.contains("has no place in the table");
    check(files, &plan).into_iter().filter(unplanned).collect()
}

fn check(files: &[(&str, &str)], plan: &Plan) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(file, text)| Source::new(file, text)).collect();
    faults(&sources, plan)
}

/// What a circle of the rooms one and two looks like, with these lines and paths.
fn circle(one: (usize, &str), two: (usize, &str)) -> Vec<String> {
    vec![format!(
        "a circle in a, one -> two -> one:\n    crates/a/src/one.rs:{} names `{}` in crates/a/src/two.rs\n    \
         crates/a/src/two.rs:{} names `{}` in crates/a/src/one.rs",
        one.0, one.1, two.0, two.1
    )]
}

const LIB: (&str, &str) = ("crates/a/src/lib.rs", "mod one;\nmod two;");

/// Rooms one and two, of which one uses two.
fn rooms(one: &str, two: &str) -> Vec<String> {
    found(&[LIB, ("crates/a/src/one.rs", one), ("crates/a/src/two.rs", two)])
}

const TWO: &str = "use crate::one::f;\npub fn g() {}";

#[test]
fn one_way_is_no_circle() {
    assert_eq!(rooms("pub fn f() {}", TWO), [""; 0]);
}

#[test]
fn a_circle_by_use_is_found() {
    assert_eq!(rooms("use crate::two::g;", TWO), circle((1, "crate::two::g"), (1, "crate::one::f")));
}

#[test]
fn a_circle_by_an_inline_path_is_found() {
    let one = "pub fn f() {\n    let x = crate::two::g();\n}";
    assert_eq!(rooms(one, TWO), circle((2, "crate::two::g"), (1, "crate::one::f")));
    for one in [
        "fn f(x: &[crate::two::T]) {}",
        "impl crate::two::T for () {}",
        "fn f() -> impl Fn(crate::two::T) {}",
        "#[crate::two::attribute]\nstruct S;",
        "fn f() { crate::two::g!(); }",
        "fn f(x: <u8 as crate::two::T>::U) {}",
        "fn f() { match 1 { crate::two::ONE => {} } }",
    ] {
        assert_eq!(rooms(one, TWO).len(), 1, "{one}");
    }
}

#[test]
fn a_circle_through_supers_is_found() {
    let one = ("crates/a/src/one/deep/down.rs", "\nuse super::super::super::two::g;");
    let two = ("crates/a/src/two.rs", "fn g() { self::super::one::f() }");
    let faults = found(&[LIB, ("crates/a/src/one/mod.rs", "mod deep;"), one, two]);
    let [fault] = &faults[..] else { panic!("{faults:#?}") };
    assert!(
        fault.contains("down.rs:2 names `super::super::super::two::g` in crates/a/src/two.rs"),
        "{fault}"
    );
    assert!(fault.contains("two.rs:1 names `self::super::one::f` in crates/a/src/one/mod.rs"), "{fault}");
}

#[test]
fn supers_that_stay_inside_are_none() {
    let deep = "mod inner { use super::super::f; }\nuse super::f as g;";
    assert_eq!(
        found(&[LIB, ("crates/a/src/one/mod.rs", "mod deep; fn f() {}"), ("crates/a/src/one/deep.rs", deep)]),
        [""; 0]
    );
}

#[test]
fn a_circle_by_a_grouped_use_is_found() {
    let one = "use std::{fs, io};\nuse crate::{\n    one::f as h,\n    two::{self, g},\n};";
    assert_eq!(rooms(one, TWO), circle((4, "crate::two"), (1, "crate::one::f")));
}

#[test]
fn a_circle_by_a_renamed_import_is_found() {
    assert_eq!(rooms("use crate::two as b;", TWO), circle((1, "crate::two"), (1, "crate::one::f")));
    // The same name by way of another room, and of the crate's root.
    let three = ("crates/a/src/three.rs", "pub use crate::two as b;");
    let one = ("crates/a/src/one.rs", "fn f() { crate::three::b::g() }");
    let faults = found(&[
        ("crates/a/src/lib.rs", "mod one; mod two; mod three;"),
        one,
        three,
        ("crates/a/src/two.rs", TWO),
    ]);
    assert_eq!(faults, circle((1, "crate::three::b::g"), (1, "crate::one::f")));
}

#[test]
fn a_circle_by_what_the_root_passes_on_is_found() {
    for root in ["pub use two::g;", "pub use two::*;", "pub use two::{g as g};"] {
        let lib = format!("mod one;\nmod two;\n{root}");
        let faults = found(&[
            ("crates/a/src/lib.rs", &lib),
            ("crates/a/src/one.rs", "use crate::g;"),
            ("crates/a/src/two.rs", TWO),
        ]);
        assert_eq!(faults, circle((1, "crate::g"), (1, "crate::one::f")), "{root}");
    }
}

#[test]
fn a_circle_by_what_a_macro_is_given_is_found() {
    for one in [
        "fn f() { println!(\"{}\", crate::two::g()); }",
        "fn f() { vec![1, (2, { crate::two::g })]; }",
        "macro_rules! m { () => { $crate::two::g() }; }",
        "macro_rules! m { () => { use crate::{one::f, two::{g as h}}; }; }",
        "#[derive(Serialize)]\nstruct S { #[serde(with = \"crate::two::g\")] x: u8 }",
        "#[cfg_attr(all(), crate::two::g)]\nstruct S;",
    ] {
        let faults = rooms(one, TWO);
        assert!(faults.len() == 1 && faults[0].contains("one -> two -> one"), "{one}: {faults:?}");
    }
}

#[test]
fn what_uses_the_root_is_in_a_circle_with_it() {
    let faults = found(&[
        ("crates/a/src/lib.rs", "mod one;\nuse one::f;\nfn g() {}"),
        ("crates/a/src/one.rs", "use super::g;"),
    ]);
    assert!(faults.len() == 1 && faults[0].contains("lib -> one -> lib"), "{faults:?}");
}

#[test]
fn a_program_beside_its_library_is_no_circle() {
    let main = ("crates/a/src/main.rs", "fn main() { a::one::f(); crate::helper() }\nfn helper() {}");
    assert_eq!(
        found(&[("crates/a/src/lib.rs", "pub mod one;"), main, ("crates/a/src/one.rs", "pub fn f() {}")]),
        [""; 0]
    );
}

#[test]
fn a_circle_within_a_room_is_found() {
    let door = ("crates/a/src/one/mod.rs", "mod left;\nmod right;\nfn f() { left::g() }");
    let left = ("crates/a/src/one/left.rs", "use super::right;\nuse super::f;");
    let right = ("crates/a/src/one/right.rs", "fn h() { super::left::g() }");
    let faults = found(&[LIB, door, left, right]);
    assert!(
        faults.len() == 1 && faults[0].contains("a circle in a::one, left -> right -> left"),
        "{faults:?}"
    );
}

#[test]
fn tests_may_reach_everywhere() {
    for one in [
        "#[cfg(test)]\nmod tests { use crate::two::g; }",
        "#[test]\nfn t() { crate::two::g() }",
        "#[cfg(all(test, unix))]\nuse crate::two::g;",
    ] {
        assert_eq!(rooms(one, TWO), [""; 0], "{one}");
    }
    let outside = ("crates/a/src/one/tests.rs", "use crate::two::g;");
    let one = ("crates/a/src/one.rs", "#[cfg(test)]\nmod tests;");
    assert_eq!(found(&[LIB, one, outside, ("crates/a/src/two.rs", TWO)]), [""; 0]);
    assert_eq!(rooms("#[cfg(not(test))]\nuse crate::two::g;", TWO).len(), 1);
}

const PLAN: Plan = Plan {
    crates: &[("b", "lib"), ("a", "lib high low")],
    bans: &[
        Ban { from: "a", but: &[], to: &["b"], why: "a is alone" },
        Ban {
            from: "a",
            but: &["high"],
            to: &["std::fs", "**::Device::flex", "**::print!"],
            why: "a is pure",
        },
        Ban { from: "a::high", but: &[], to: &["a::low::secret"], why: "it is secret" },
    ],
};

/// Crates `b` and `a`, the rooms of which have these texts.
fn planned(high: &str, low: &str) -> Vec<String> {
    let lib = ("crates/a/src/lib.rs", "mod high;\nmod low;");
    let b = ("crates/b/src/lib.rs", "use a::low::f;");
    check(&[lib, ("crates/a/src/high.rs", high), ("crates/a/src/low.rs", low), b], &PLAN)
}

#[test]
fn what_is_allowed_is_no_fault() {
    assert_eq!(planned("use super::low::f;\nfn f() { std::fs::read(); }", "use std::cmp;"), [""; 0]);
}

#[test]
fn what_is_forbidden_is_found_with_its_reason() {
    for (low, expected) in [
        ("fn f() { b::g() }", "names `b::g` in crates/b/src/lib.rs: a is alone"),
        ("#[cfg(test)]\nmod tests { use b::g; }", "2 names `b::g` in crates/b/src/lib.rs: a is alone"),
        ("use std::fs as disk;", "names `std::fs`: a is pure"),
        (
            "use std as s;\nfn f() { s::fs::read() }",
            "2 names `s::fs::read`, which is `std::fs::read`: a is pure",
        ),
        (
            "use burn::Device as D;\nfn f() { D::flex() }",
            "2 names `D::flex`, which is `burn::Device::flex`: a is pure",
        ),
        ("fn f() { print!() }", "1 names `print!`: a is pure"),
        ("fn f() { vec![std::print!()] }", "1 names `std::print!`: a is pure"),
        ("use crate::high::g;", "low lies below high in the table"),
    ] {
        let faults = planned("", low);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{low}: {faults:#?}");
        assert!(faults[0].starts_with("crates/a/src/low.rs:"), "{faults:#?}");
    }
    let faults = planned("use crate::low::{f, secret::g};", "pub mod secret {}");
    assert_eq!(
        faults,
        ["crates/a/src/high.rs:1 names `crate::low::secret::g` in crates/a/src/low.rs: it is secret"]
    );
}

#[test]
fn a_test_beside_the_sources_may_use_no_forbidden_crate() {
    let sources = |text| {
        check(
            &[
                ("crates/a/src/lib.rs", "mod high; mod low;"),
                ("crates/a/src/high.rs", "use std::cmp;"),
                ("crates/a/src/low.rs", "use std::cmp;"),
                ("crates/b/src/lib.rs", "use std::cmp;"),
                ("crates/a/tests/t.rs", text),
            ],
            &PLAN,
        )
    };
    assert_eq!(sources("use a::high::f;\nfn g() { std::fs::read() }"), [""; 0]);
    assert_eq!(
        sources("use b::g;"),
        ["crates/a/tests/t.rs:1 names `b::g` in crates/b/src/lib.rs: a is alone"]
    );
}

#[test]
fn a_room_that_vanishes_or_appears_is_found() {
    let faults = check(
        &[("crates/a/src/lib.rs", ""), ("crates/a/src/high.rs", ""), ("crates/a/src/new.rs", "")],
        &PLAN,
    );
    for expected in
        ["has a room low of a, which is not there", "new of a has no place", "has a room lib of b"]
    {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
    assert_eq!(faults.len(), 3, "{faults:#?}");
}

/// The rules for `train`, on sources as they would break them.
#[test]
fn the_rules_of_train_can_fail() {
    let plan = Plan { crates: &[], bans: BANS };
    for (file, text, why) in [
        ("training/session.rs", "use crate::dashboard::Screen;", "whoever watches"),
        ("training/session.rs", "fn f() { super::super::cli::args() }", "whoever watches"),
        ("data/lines.rs", "use crate::{run::files, data};", "before anything is trained"),
        ("run/folder.rs", "use crate::training as t;", "what is on disk"),
        ("device.rs", "use crate::data::lines;", "the floor"),
        ("tasks/lm.rs", "use burn::tensor::Device;\nfn f() { g(&Device::flex()) }", "names Burn's backends"),
        ("tasks/lm.rs", "type B = burn::backend::NdArray;", "names Burn's backends"),
        ("commands/plot.rs", "use graph::draw;", "draws no diagrams"),
    ] {
        let lib =
            "mod training; mod data; mod run; mod device; mod tasks; mod commands; mod cli; mod dashboard;";
        let file = format!("crates/train/src/{file}");
        let faults = check(&[("crates/train/src/lib.rs", lib), (&file, text)], &plan);
        let found = faults.iter().filter(|fault| fault.starts_with(&file) && fault.contains(why)).count();
        assert_eq!(found, 1, "{file}: {faults:#?}");
    }
    let device = check(&[("crates/train/src/device.rs", "fn f() { burn::tensor::Device::flex() }")], &plan);
    assert!(device.iter().all(|fault| fault.contains("no place in the table")), "{device:#?}");
}
