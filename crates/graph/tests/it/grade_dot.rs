//! Drawings in Graphviz's language, as people and programs write it; and what isn't.

use graph::Redrawing;
use proptest::prelude::*;

fn read(dot: &str) -> (Vec<String>, usize) {
    let drawing = Redrawing::from_dot(dot).unwrap();
    (drawing.names().map(str::to_owned).collect(), drawing.counts().1)
}

fn error(dot: &str) -> String {
    Redrawing::from_dot(dot).unwrap_err().to_string()
}

#[test]
fn what_graphviz_allows_is_read() {
    let cases: [(&str, &[&str], usize); 14] = [
        ("digraph{}", &[], 0),
        ("strict digraph \"my graph\" { a -> b -> c }", &["a", "b", "c"], 2),
        (
            "DIGRAPH g { Node [shape=box]; EDGE [color=red] graph [x=y][z=w]; rankdir=BT a; b }",
            &["a", "b"],
            0,
        ),
        ("digraph { a -> {b c} -> d }", &["a", "b", "c", "d"], 4),
        (
            "digraph { subgraph cluster_x { label=\"A frame\"; a -> b } -> c; subgraph { d } }",
            &["a", "b", "c", "d"],
            3,
        ),
        ("digraph { a:p:n -> b:\"q r\" [label=\"x\", weight=2]; b [label=B] }", &["a", "B"], 1),
        ("digraph { a [label=\"{<f0> Add|<f1> \\& Norm}\", shape=record] }", &["Add & Norm"], 0),
        ("digraph { a [label=<<table><tr><td>Add</td><td>Norm</td></tr></table>>] }", &["Add Norm"], 0),
        ("digraph { node [label=\"\\N!\"]; a; { node [label=x] b } c }", &["a!", "x", "c!"], 0),
        ("digraph { a [style=invis] b -> a; b -> c [style=invis]; c -> b }", &["b", "c"], 1),
        ("digraph { a [fixed, label = \"x\" + \" y\";] // end\n# a -> c\n /* a -> b */\n }", &["x y"], 0),
        ("digraph { 1.5 -> -2; ünï -> \"a\\\"b\" }", &["1.5", "-2", "ünï", "a\"b"], 2),
        ("digraph { a -> a; a -> b; a -> b }", &["a", "b"], 3),
        ("digraph { subgraph a { b } a }", &["b", "a"], 0),
    ];
    for (dot, names, lines) in cases {
        let (found, count) = read(dot);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!((found.as_slice(), count), (names, lines), "{dot}");
    }
}

#[test]
fn what_is_no_drawing_is_told_with_its_line() {
    let cases = [
        ("", "there is nothing in it"),
        (" // only a comment\n", "there is nothing in it"),
        ("# A drawing\n\nof mine", "it begins with \"of\""),
        ("{\"boxes\": []}", "it begins with \"{\""),
        ("%PDF-1.4", "it begins with \"%PDF-1.4\""),
        ("digraph", "line 1: the graph has no end"),
        ("digraph g h {}", "line 1: expected { after digraph, found \"g\""),
        ("graph {\n a -- b }", "line 1: lines need a direction"),
        ("digraph {\n a -- b }", "line 2: lines need a direction"),
        ("digraph {\n a -> \n}", "line 3: expected a box after ->, found \"}\""),
        ("digraph { -> a }", "line 1: expected a box, an arrow or }, found \"->\""),
        ("digraph { a = ; }", "line 1: expected a name or a text, found \";\""),
        ("digraph { a [ -> ] }", "line 1: expected a name or ] within [ ], found \"->\""),
        ("digraph { [a=b] }", "line 1: expected a box, an arrow or }, found \"[\""),
        ("digraph { node a }", "line 1: expected [ after node, edge or graph, found \"a\""),
        ("digraph { a\n b\n", "line 3: the graph has no end"),
        ("digraph { a [label=\"x] }", "line 1: a text that begins with a quotation mark has no end"),
        ("digraph { a } }", "line 1: expected nothing after the graph, found \"}\""),
        ("digraph { a - b }", "line 1: no word of DOT begins with '-'"),
        ("digraph {\n a # no comment\n }", "line 2: no word of DOT begins with '#'"),
        ("digraph { (a) }", "line 1: no word of DOT begins with '('"),
    ];
    for (dot, reason) in cases {
        let error = error(dot);
        assert!(error.contains(reason) && !error.contains('\n'), "{dot:?}: {error}");
    }
    let deep = format!("digraph {{ {}", "{".repeat(100_000));
    assert!(error(&deep).contains("nested more than"), "{}", error(&deep));
    let many: String = (0..3_000).map(|n| format!("a{n} ")).collect();
    assert!(
        error(&format!("digraph {{ {{ {many} }} -> {{ {many} }} }}")).contains("more than 1000000 lines")
    );
}

proptest! {
    /// Nothing that looks like it makes it panic.
    #[test]
    fn any_soup_of_words_is_read_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", ";", ",", "=", ":", "->", "--", "a", "b", "\"c d\"", "<e>", "node", "subgraph", "label",
                "graph", "\"", "<", "+", "é", "\n", "#", "/*", "//", "-1", "\\",
            ]),
            0..40,
        ),
    ) {
        _ = Redrawing::from_dot(&format!("digraph {{ {}", words.join(" ")));
        _ = Redrawing::from_dot(&format!("digraph {{ {} }}", words.concat()));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        _ = Redrawing::from_dot(&text);
        _ = Redrawing::from_dot(&format!("digraph {{ a [label=<{text}>, box=\"{text}\"] }}"));
    }
}
