//! What is shown of a small encoder-decoder: boxes, counts, repeats, roles, symbols.

use expect_test::expect;
use graph::view::{BoxKind, EdgeRole, View};
use graph::{Pattern, Style, Subject, ViewOptions};

use crate::model::{Shape, captured, symbolic};

/// A view as text: boxes indented, then edges.
fn text(view: &View) -> String {
    fn write(view: &View, id: usize, depth: usize, out: &mut String) {
        let b = &view.boxes[id];
        let repeat = if b.repeat > 1 { format!(" x{}", b.repeat) } else { String::new() };
        let note = b.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        *out += &format!(
            "{}{}{note}{repeat}: {:?}, {} operations, {} parameters\n",
            "  ".repeat(depth),
            b.label,
            b.kind,
            b.operations,
            b.parameters
        );
        for &child in &b.children {
            write(view, child, depth + 1, out);
        }
    }
    let mut out = String::new();
    write(view, View::ROOT, 0, &mut out);
    for edge in &view.edges {
        let (from, to) = (&view.boxes[edge.from].label, &view.boxes[edge.to].label);
        out += &format!("{from} -> {to} {:?} {}\n", edge.role, edge.shape.as_deref().unwrap_or_default());
    }
    out
}

fn labels(subject: &Subject<'_>) -> Option<Style> {
    match subject.name {
        "encoder" | "decoder" => Some(Style::dissolved()),
        "attn" => Some(Style::new("Attention", BoxKind::Attention)),
        _ => None,
    }
}

#[test]
fn the_counts_are_those_of_the_architecture() {
    let graph = captured(&Shape::default());
    let layers = 3;
    assert_eq!(graph.count("softmax"), 3 * layers);
    assert_eq!(graph.count("relu"), 2 * layers);
    assert_eq!(graph.count("layer_norm"), 5 * layers);
    assert_eq!(graph.count("embedding"), 2);
    assert_eq!(graph.residual_additions(), 5 * layers);
    assert_eq!(graph.recognised(Pattern::Attention), 3 * layers);
    assert_eq!(graph.recognised(Pattern::Linear), (4 + 2) * layers + (8 + 2) * layers + 1);
    assert!(graph.operations().all(|operation| operation.kind != "random"), "initialisation is no operation");
    let paths: Vec<_> = graph.parameters().map(|parameter| parameter.paths[0].as_str()).collect();
    assert!(paths.contains(&"encoder.2.own.query.weight"), "{paths:?}");
}

#[test]
fn the_folded_whole_reads_like_the_paper() {
    let graph = symbolic().unwrap();
    let view = graph.view(&ViewOptions::new().depth(2).labels(labels)).unwrap();
    expect![[r#"
        model: Scope, 292 operations, 11730 parameters
          src: Input, 0 operations, 0 parameters
          tgt: Input, 0 operations, 0 parameters
          Embedding (table): Embedding, 1 operations, 800 parameters
          layer x2: Scope, 100 operations, 3920 parameters
            Attention: Attention, 35 operations, 1088 parameters
            Add & Norm (norms.0): Norm, 2 operations, 32 parameters
            ff: FeedForward, 11 operations, 808 parameters
            Add & Norm (norms.2): Norm, 2 operations, 32 parameters
          Mask: Mask, 9 operations, 0 parameters
          Embedding (table): Embedding, 1 operations, 800 parameters
          layer x2: Scope, 176 operations, 6160 parameters
            Attention: Attention, 36 operations, 1088 parameters
            Add & Norm (norms.0): Norm, 2 operations, 32 parameters
            Attention: Attention, 35 operations, 1088 parameters
            Add & Norm (norms.1): Norm, 2 operations, 32 parameters
            ff: FeedForward, 11 operations, 808 parameters
            Add & Norm (norms.2): Norm, 2 operations, 32 parameters
          Linear (generator): Linear, 5 operations, 850 parameters
          logits: Output, 0 operations, 0 parameters
        Embedding -> Attention Flow [batch, source, d_model]
        Embedding -> Add & Norm Residual [batch, source, d_model]
        Attention -> Add & Norm Flow [batch, source, d_model]
        Add & Norm -> ff Flow [batch, source, d_model]
        Add & Norm -> Add & Norm Residual [batch, source, d_model]
        ff -> Add & Norm Flow [batch, source, d_model]
        Add & Norm -> Attention Lateral [batch, source, d_model]
        Mask -> Attention Flow [1, 1, target, target]
        Embedding -> Attention Flow [batch, target, d_model]
        Embedding -> Add & Norm Residual [batch, target, d_model]
        Attention -> Add & Norm Flow [batch, target, d_model]
        Add & Norm -> Attention Flow [batch, target, d_model]
        Add & Norm -> Add & Norm Residual [batch, target, d_model]
        Attention -> Add & Norm Flow [batch, target, d_model]
        Add & Norm -> ff Flow [batch, target, d_model]
        Add & Norm -> Add & Norm Residual [batch, target, d_model]
        ff -> Add & Norm Flow [batch, target, d_model]
        Add & Norm -> Linear Flow [batch, target, d_model]
        Linear -> logits Flow [batch, target, vocab]
        src -> Embedding Flow [batch, source]
        tgt -> Embedding Flow [batch, target]
    "#]]
    .assert_eq(&text(&view));
}

#[test]
fn one_attention_is_drawn_with_what_enters_it() {
    let graph = symbolic().unwrap();
    let view = graph.view(&ViewOptions::new().root("decoder/layer/attn.1").labels(labels)).unwrap();
    expect![[r#"
        Attention: Scope, 35 operations, 1088 parameters
          Layer Norm: Input, 0 operations, 0 parameters
          encoder: Input, 0 operations, 0 parameters
          Linear (query): Linear, 5 operations, 272 parameters
          Split heads: Movement, 2 operations, 0 parameters
          Linear (key): Linear, 5 operations, 272 parameters
          Split heads: Movement, 2 operations, 0 parameters
          Linear (value): Linear, 5 operations, 272 parameters
          Split heads: Movement, 2 operations, 0 parameters
          Scaled Dot-Product Attention: Attention, 5 operations, 0 parameters
          Concat heads: Movement, 2 operations, 0 parameters
          Linear (output): Linear, 5 operations, 272 parameters
          output: Output, 0 operations, 0 parameters
        Linear -> Split heads Flow [batch, target, d_model]
        Split heads -> Scaled Dot-Product Attention Flow [batch, heads, target, d_k]
        Linear -> Split heads Flow [batch, source, d_model]
        Split heads -> Scaled Dot-Product Attention Flow [batch, heads, source, d_k]
        Linear -> Split heads Flow [batch, source, d_model]
        Split heads -> Scaled Dot-Product Attention Flow [batch, heads, source, d_k]
        Scaled Dot-Product Attention -> Concat heads Flow [batch, heads, target, d_k]
        Concat heads -> Linear Flow [batch, target, d_model]
        Linear -> output Flow [batch, target, d_model]
        Layer Norm -> Linear Flow [batch, target, d_model]
        encoder -> Linear Flow [batch, source, d_model]
        encoder -> Linear Flow [batch, source, d_model]
    "#]]
    .assert_eq(&text(&view));
}

#[test]
fn the_outline_folds_what_repeats() {
    expect![[r#"
        model [batch, target, vocab]: 292 operations, 11,730 parameters
          encoder [batch, source, d_model]: 101 operations, 4,720 parameters
            embedding [batch, source, d_model]
            layer ×2 [batch, source, d_model]: 100 operations, 3,920 parameters in all
              attn [batch, source, d_model]: 35 operations, 1,088 parameters
                Linear query [batch, source, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, source, d_k]: 2 operations
                Linear key [batch, source, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, source, d_k]: 2 operations
                Linear value [batch, source, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, source, d_k]: 2 operations
                Scaled Dot-Product Attention attention [batch, heads, source, d_k]: 5 operations
                sum_dim [batch, heads, source, 1]
                exp [batch, heads, source, 1]
                Concat heads [batch, source, d_model]: 2 operations
                Linear output [batch, source, d_model]: 5 operations, 272 parameters
              add [batch, source, d_model]
              layer_norm [batch, source, d_model]
              ff [batch, source, d_model]: 11 operations, 808 parameters
                Linear inner [batch, source, d_ff]: 5 operations, 408 parameters
                relu [batch, source, d_ff]
                Linear outer [batch, source, d_model]: 5 operations, 400 parameters
              add [batch, source, d_model]
              layer_norm [batch, source, d_model]
          decoder [batch, target, d_model]: 186 operations, 6,960 parameters
            Mask [1, 1, target, target]: 9 operations
            embedding [batch, target, d_model]
            layer ×2 [batch, target, d_model]: 176 operations, 6,160 parameters in all
              attn.0 [batch, target, d_model]: 36 operations, 1,088 parameters
                Linear query [batch, target, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, target, d_k]: 2 operations
                Linear key [batch, target, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, target, d_k]: 2 operations
                Linear value [batch, target, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, target, d_k]: 2 operations
                Scaled Dot-Product Attention attention [batch, heads, target, d_k]: 6 operations
                sum_dim [batch, heads, target, 1]
                exp [batch, heads, target, 1]
                Concat heads [batch, target, d_model]: 2 operations
                Linear output [batch, target, d_model]: 5 operations, 272 parameters
              add [batch, target, d_model]
              layer_norm [batch, target, d_model]
              attn.1 [batch, target, d_model]: 35 operations, 1,088 parameters
                Linear query [batch, target, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, target, d_k]: 2 operations
                Linear key [batch, source, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, source, d_k]: 2 operations
                Linear value [batch, source, d_model]: 5 operations, 272 parameters
                Split heads [batch, heads, source, d_k]: 2 operations
                Scaled Dot-Product Attention attention [batch, heads, target, d_k]: 5 operations
                sum_dim [batch, heads, target, 1]
                exp [batch, heads, target, 1]
                Concat heads [batch, target, d_model]: 2 operations
                Linear output [batch, target, d_model]: 5 operations, 272 parameters
              add [batch, target, d_model]
              layer_norm [batch, target, d_model]
              ff [batch, target, d_model]: 11 operations, 808 parameters
                Linear inner [batch, target, d_ff]: 5 operations, 408 parameters
                relu [batch, target, d_ff]
                Linear outer [batch, target, d_model]: 5 operations, 400 parameters
              add [batch, target, d_model]
              layer_norm [batch, target, d_model]
          Linear generator [batch, target, vocab]: 5 operations, 850 parameters
        note: 4 declared parameters are read by no operation: `encoder.0.norms.1.gamma`, `encoder.0.norms.1.beta`, `encoder.1.norms.1.gamma`, `encoder.1.norms.1.beta`. If they should be, see that the module that runs is the one that was declared
    "#]]
    .assert_eq(&symbolic().unwrap().outline());
}

#[test]
fn unfolded_layers_are_chained_and_share_the_memory() {
    let graph = captured(&Shape::default());
    let view = graph.view(&ViewOptions::new().depth(2).fold_repeats(false).labels(labels)).unwrap();
    let lateral: Vec<_> = view.edges.iter().filter(|edge| edge.role == EdgeRole::Lateral).collect();
    assert_eq!(lateral.len(), 3, "the memory enters the cross-attention of every layer");
    let from = lateral[0].from;
    assert!(lateral.iter().all(|edge| edge.from == from));
    assert!(view.boxes.iter().all(|b| b.repeat == 1));
    let is_mask = |id: usize| view.boxes[id].kind == BoxKind::Mask;
    let residual = view.edges.iter().filter(|edge| edge.role == EdgeRole::Residual && !is_mask(edge.from));
    assert_eq!(residual.count(), graph.residual_additions());
}

#[test]
fn layers_that_differ_are_apart() {
    let graph = graph::capture("different", |session| {
        let mut x = session.input("x", burn::tensor::Tensor::<2>::zeros([2, 3], session.device()));
        for factor in [2.0, 2.0, 3.0] {
            x = tracing::info_span!("layer").in_scope(|| (x * factor).exp());
        }
        session.output("y", x);
        Ok(())
    })
    .unwrap();
    let view = graph.view(&ViewOptions::new()).unwrap();
    let repeats: Vec<_> =
        view.boxes.iter().filter(|b| b.label.starts_with("layer")).map(|b| b.repeat).collect();
    assert_eq!(repeats, [2, 1], "the third multiplies by another number");
}

#[test]
fn parallel_branches_are_no_repeat() {
    let graph = graph::capture("parallel", |session| {
        let x = session.input("x", burn::tensor::Tensor::<2>::zeros([2, 3], session.device()));
        let branch = || tracing::info_span!("branch").in_scope(|| (x.clone() * 2.0).exp());
        session.output("y", branch() + branch());
        Ok(())
    })
    .unwrap();
    assert!(graph.view(&ViewOptions::new()).unwrap().boxes.iter().all(|b| b.repeat == 1));
}

#[test]
fn what_reaches_no_output_is_hidden_and_counted() {
    let graph = captured(&Shape::default());
    let options = ViewOptions::new().root("encoder/layer/attn").depth(9).every_operation();
    let (view, owners) = graph.view_with_owners(&options).unwrap();
    let dead: Vec<_> = (0..graph.operation_count())
        .filter(|&number| graph.operation(number).kind == "exp" && owners[number].is_some())
        .collect();
    assert_eq!(dead.len(), 1);
    assert_eq!(owners[dead[0]], Some(View::ROOT));
    assert_eq!(view.boxes[View::ROOT].operations, owners.iter().flatten().count());
}

#[test]
fn hidden_scopes_cut_the_data_and_bridged_ones_pass_it() {
    let graph = captured(&Shape::default());
    let inside = |style: fn() -> Style| {
        let labels = move |subject: &Subject<'_>| (subject.name == "ff").then(style);
        let view = graph.view(&ViewOptions::new().root("encoder/layer.0").depth(1).labels(labels)).unwrap();
        let edge = |edge: &graph::view::ViewEdge| {
            format!("{} -> {}", view.boxes[edge.from].label, view.boxes[edge.to].label)
        };
        (view.boxes[View::ROOT].operations, view.edges.iter().map(edge).collect::<Vec<_>>())
    };
    let input = ["Embedding -> attn", "Embedding -> Add & Norm"].map(str::to_owned);
    let start = ["attn -> Add & Norm", "Add & Norm -> Add & Norm"].map(str::to_owned);
    let sorted = |mut edges: Vec<String>| {
        edges.sort();
        edges
    };
    let expected = |more: &[&str]| {
        let more = more.iter().map(|&text| text.to_owned());
        sorted(input.iter().chain(&start).cloned().chain(more).collect())
    };
    let shown = ["Add & Norm -> ff", "ff -> Add & Norm", "Add & Norm -> output"];
    let (operations, edges) = inside(Style::default);
    assert_eq!(sorted(edges), expected(&shown));
    for style in [Style::hidden, Style::bridged] {
        let (same, edges) = inside(style);
        assert_eq!(same, operations, "what is not shown is counted");
        assert_eq!(sorted(edges), expected(&["Add & Norm -> output"]));
    }
}

#[test]
fn boxes_know_the_code_that_made_them() {
    let graph = captured(&Shape::default());
    let view = graph.view(&ViewOptions::new().depth(2).labels(labels)).unwrap();
    let attention = view.boxes.iter().find(|b| b.label == "Attention").unwrap();
    let source = attention.source.as_ref().unwrap();
    assert_eq!(source.file, "crates/graph/tests/it/model.rs");
    let code = include_str!("model.rs").lines().nth(source.line as usize - 1).unwrap();
    assert!(code.contains("tracing::instrument(name = \"attn\""), "{code}");
}

#[test]
fn views_are_the_same_every_time() {
    let all = || {
        let graph = symbolic().unwrap();
        let view = graph.view(&ViewOptions::new().depth(3).labels(labels)).unwrap();
        format!("{view:?}{}{}{}", graph.outline(), graph.to_dot(), graph.to_json())
    };
    assert_eq!(all(), all());
}
