//! What is said of the data: shapes where they change, how often it is read, in which order it comes in.

use burn::tensor::Tensor;
use graph::view::{View, ViewBox};
use graph::{DrawOptions, ViewOptions, capture, draw};

use crate::model::{Shape, captured, symbolic};

fn view(options: &ViewOptions<'_>) -> View {
    symbolic().unwrap().view(options).unwrap()
}

fn found<'a>(view: &'a View, label: &str) -> &'a ViewBox {
    view.boxes.iter().find(|b| b.label == label).unwrap_or_else(|| panic!("{label} in {view:?}"))
}

#[test]
fn a_box_shows_the_shape_of_what_leaves_it_where_that_is_new() {
    let view = view(&ViewOptions::new().root("encoder/layer/attn").depth(2));
    assert_eq!(
        found(&view, "Scaled Dot-Product Attention").shape,
        None,
        "that of the query, whatever is never read"
    );
    assert_eq!(found(&view, "Split heads").shape.as_deref(), Some("[batch, heads, source, d_k]"));
    assert_eq!(found(&view, "output").shape.as_deref(), Some("[batch, source, d_model]"));
    let shown = |shapes| draw(&view, &DrawOptions::new("id").shapes(shapes)).unwrap();
    assert!(shown(true).svg.contains("[batch, heads, source, d_k]</text>"));
    assert!(!shown(false).svg.contains("[batch, heads, source, d_k]</text>"));
    assert_eq!(shown(true).report.faults(), 0);
}

#[test]
fn self_attention_reads_its_input_three_times_and_the_memory_twice() {
    let view = view(&ViewOptions::new().root("decoder/layer").depth(1));
    let mut uses: Vec<(String, usize)> = view
        .edges
        .iter()
        .filter(|edge| {
            view.boxes[edge.to].label.contains("attn") || view.boxes[edge.to].label.contains("own")
        })
        .map(|edge| (format!("{} -> {}", view.boxes[edge.from].label, view.boxes[edge.to].label), edge.uses))
        .collect();
    uses.sort();
    let counts: Vec<usize> = uses.iter().map(|(_, uses)| *uses).collect();
    assert!(counts.contains(&3) && counts.contains(&2) && counts.contains(&1), "{uses:?}");
}

#[tracing::instrument(name = "scores", skip_all)]
fn scores(query: &Tensor<2>, key: &Tensor<2>) -> Tensor<2> {
    let turned = key.clone().transpose();
    query.clone().matmul(turned)
}

#[test]
fn what_enters_is_in_the_order_of_the_arguments_not_of_the_first_use() {
    let graph = capture("order", |session| {
        let [query, key] =
            ["query", "key"].map(|name| session.input(name, Tensor::<2>::zeros([3, 5], session.device())));
        session.output("scores", scores(&query.exp(), &key.sqrt()));
        Ok(())
    });
    let view = graph.unwrap().view(&ViewOptions::new().root("scores")).unwrap();
    let labels: Vec<&str> =
        view.boxes[View::ROOT].children.iter().map(|&id| view.boxes[id].label.as_str()).collect();
    assert_eq!(labels[..2], ["Exp", "Sqrt"], "{labels:?}");
}

#[test]
fn a_layer_that_is_opened_stands_out_of_its_equals() {
    let repeats = |options: ViewOptions<'_>| -> Vec<usize> {
        let view = captured(&Shape::default()).view(&options.root("encoder")).unwrap();
        let layers = view.boxes[View::ROOT].children.iter().map(|&id| &view.boxes[id]);
        layers.filter(|b| b.label.starts_with("layer")).map(|b| b.repeat).collect()
    };
    assert_eq!(repeats(ViewOptions::new()), [3]);
    assert_eq!(repeats(ViewOptions::new().open("**/layer/attn")), [3], "all opened alike");
    assert_eq!(repeats(ViewOptions::new().open("**/layer.1/attn")), [1, 1, 1]);
    assert_eq!(repeats(ViewOptions::new().open("**/layer.2/attn")), [2, 1]);
}
