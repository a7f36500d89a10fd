//! A picture in words: whoever hears it knows which box is meant.

use std::collections::HashSet;

use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::Tensor;
use expect_test::expect;
use graph::view::{BoxKind, EdgeRole};
use graph::{DrawOptions, ViewOptions, draw};

use crate::listed::graph;
use crate::sketch::Sketch;

/// The items of a list in HTML, a line each.
fn lines(html: &str) -> String {
    let document = roxmltree::Document::parse(html).unwrap();
    let items = document.descendants().filter(|node| node.has_tag_name("li"));
    let line = |node: roxmltree::Node<'_, '_>| {
        let depth = node.ancestors().filter(|around| around.has_tag_name("ul")).count();
        format!("{}{}", "  ".repeat(depth - 1), node.text().unwrap_or_default())
    };
    items.map(line).collect::<Vec<_>>().join("\n")
}

fn told(sketch: &Sketch) -> String {
    lines(&draw(&sketch.view, &DrawOptions::new("words")).unwrap().text)
}

/// Attention and a feed-forward network with an addition and a norm after each.
fn layer(s: &mut Sketch, frame: usize, x: usize) -> [usize; 4] {
    let attention = s.add(frame, "Attention", BoxKind::Attention);
    let first = s.add(frame, "Add & Norm", BoxKind::Norm);
    let network = s.add(frame, "Feed Forward", BoxKind::FeedForward);
    let second = s.add(frame, "Add & Norm", BoxKind::Norm);
    s.flow(&[x, attention, first, network, second]);
    s.edge(x, first, EdgeRole::Residual);
    s.edge(first, second, EdgeRole::Residual);
    [attention, first, network, second]
}

#[test]
fn weights_that_are_shared_are_not_to_be_counted_twice() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let table = s.add(0, "Input Embedding", BoxKind::Embedding);
    let linear = s.add(0, "Linear", BoxKind::Linear);
    let other = s.add(0, "Head", BoxKind::Linear);
    s.flow(&[x, table, linear, other]);
    s.view.boxes[table].key = "net/table".to_owned();
    for id in [table, linear, other] {
        (s.view.boxes[id].parameters, s.view.boxes[id].each) = (1_000, 1_000);
    }
    s.view.boxes[linear].detail = vec!["weights shared with net/table".to_owned()];
    s.view.boxes[other].detail = vec!["weights shared with elsewhere/table".to_owned()];
    expect![[r#"
        x, input; goes to Input Embedding
        Input Embedding, 1,000 parameters; goes to Linear
        Linear, 1,000 parameters, weights shared with Input Embedding; goes to Head
        Head, 1,000 parameters, weights shared with elsewhere/table"#]]
    .assert_eq(&told(&s));
}

#[test]
fn what_is_there_twice_is_told_apart_as_a_person_would() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "Encoder layer", BoxKind::Scope);
    s.view.boxes[frame].repeat = 6;
    let [attention, .., second] = layer(&mut s, frame, x);
    let read = s.view.edges.iter_mut().find(|edge| edge.to == attention).unwrap();
    read.uses = 3;
    let norm = s.add(0, "Add & Norm", BoxKind::Norm);
    let y = s.add(0, "y", BoxKind::Output);
    s.flow(&[second, norm, y]);
    expect![[r#"
        x, input; goes to Attention (three times) of the Encoder layer, and as a residual connection to Add & Norm after Attention of the Encoder layer
        Encoder layer, six times
          Attention; goes to Add & Norm after Attention
          Add & Norm after Attention; goes to Feed Forward, and as a residual connection to Add & Norm after Feed Forward
          Feed Forward; goes to Add & Norm after Feed Forward
          Add & Norm after Feed Forward; goes to the next Encoder layer, and from the last one to Add & Norm
        Add & Norm; goes to y
        y, output"#]]
    .assert_eq(&told(&s));
}

#[test]
fn what_is_outside_is_not_taken_for_what_is_inside() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "block 3", BoxKind::Scope);
    let a = s.add(frame, "Layer Norm", BoxKind::Norm);
    let b = s.add(frame, "Linear", BoxKind::Linear);
    let outside = s.add(0, "Layer Norm", BoxKind::Norm);
    s.flow(&[x, a, b, outside]);
    expect![[r#"
        x, input; goes to Layer Norm of block 3
        block 3
          Layer Norm; goes to Linear
          Linear; goes to Layer Norm outside of block 3
        Layer Norm"#]]
    .assert_eq(&told(&s));
}

#[test]
fn notes_tell_apart_and_what_nothing_tells_apart_is_counted() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let ids = ["query", "key"].map(|note| {
        let id = s.add(0, "Linear", BoxKind::Linear);
        s.view.boxes[id].note = Some(note.into());
        id
    });
    let split = [0, 1].map(|_| s.add(0, "Split heads", BoxKind::Movement));
    let twins = [0, 1].map(|_| s.add(0, "Exp", BoxKind::Other));
    let sum = s.add(0, "Add", BoxKind::Add);
    for n in [0, 1] {
        s.flow(&[x, ids[n], split[n], sum]);
        s.flow(&[x, twins[n], sum]);
    }
    expect![[r#"
        x, input; goes to Linear (query), Exp 1 of 2, Linear (key) and Exp 2 of 2
        Linear (query); goes to Split heads after Linear (query)
        Linear (key); goes to Split heads after Linear (key)
        Split heads after Linear (query); goes to Add
        Split heads after Linear (key); goes to Add
        Exp 1 of 2; goes to Add
        Exp 2 of 2; goes to Add
        Add"#]]
    .assert_eq(&told(&s));
}

#[test]
fn the_state_of_a_recurrence_goes_to_the_next_step() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let step = s.add(0, "step", BoxKind::Scope);
    s.view.boxes[step].repeat = 50;
    let a = s.add(step, "Linear", BoxKind::Linear);
    let b = s.add(step, "Tanh", BoxKind::Activation);
    let y = s.add(0, "y", BoxKind::Output);
    s.flow(&[x, a, b, y]);
    s.edge(b, a, EdgeRole::Flow);
    let all = told(&s);
    assert!(all.contains("Tanh; goes to y, and in the next step to Linear"), "{all}");
    assert!(all.contains("step, 50 times"), "{all}");
}

#[test]
fn shapes_are_told_where_they_are_drawn() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let a = s.add(0, "Linear", BoxKind::Linear);
    s.view.boxes[x].shape = Some("[batch, width]".into());
    s.view.boxes[a].shape = Some("[batch, classes]".into());
    s.flow(&[x, a]);
    let text = |shapes| lines(&draw(&s.view, &DrawOptions::new("words").shapes(shapes)).unwrap().text);
    assert_eq!(text(true), "x, input, [batch, width]; goes to Linear\nLinear, gives [batch, classes]");
    assert_eq!(text(false), "x, input; goes to Linear\nLinear");
}

#[test]
fn in_one_list_no_name_is_there_twice() {
    let encoder = graph(|session| {
        let encoder = TransformerEncoderConfig::new(16, 32, 2, 3).init(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 16], session.device()));
        session.output("y", encoder.forward(TransformerEncoderInput::new(x)));
    });
    let every = || ViewOptions::new().depth(9).every_operation();
    for options in
        [ViewOptions::new().depth(2), ViewOptions::new().depth(9), every(), every().fold_repeats(false)]
    {
        let text = draw(&encoder.view(&options).unwrap(), &DrawOptions::new("words")).unwrap().text;
        let document = roxmltree::Document::parse(&text).unwrap();
        for list in document.descendants().filter(|node| node.has_tag_name("ul")) {
            let mut names = HashSet::new();
            for item in list.children() {
                let said = item.text().unwrap_or_default();
                let name = said.split([';', ',']).next().unwrap_or_default();
                assert!(names.insert(name), "{name} in {text}");
            }
        }
    }
}

#[test]
fn what_leads_to_a_sum_is_told_by_what_the_sum_leads_to() {
    let mut s = Sketch::new();
    for tower in ["Encoder", "Decoder"] {
        let ids = s.add(0, &format!("{tower} ids"), BoxKind::Input);
        let embedding = s.add(0, &format!("{tower} embedding"), BoxKind::Embedding);
        let position = s.add(0, "Positions", BoxKind::Embedding);
        let sum = s.add(0, "Add", BoxKind::Add);
        let stack = s.add(0, tower, BoxKind::Module);
        s.flow(&[ids, embedding, sum, stack]);
        s.flow(&[position, sum]);
    }
    let all = told(&s);
    for tower in ["Encoder", "Decoder"] {
        assert!(all.contains(&format!("Positions before {tower}; goes to Add before {tower}")), "{all}");
    }
}
