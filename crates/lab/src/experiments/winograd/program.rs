//! The translator as a program: what is captured of it, and what its places are called.

use anyhow::{Context, Result};
use burn::module::Module;
use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, Program, capture_program};
use model::{Transformer, TransformerConfig};

/// Captures a forward pass over rows of these lengths: sentences to read, and the beginnings of their translations. With a
/// model, its weights are in the program; without, there is a picture and nothing to carry out.
///
/// # Errors
///
/// If the model can't be captured.
pub(super) fn captured(
    model: Option<&Transformer>,
    sizes: &TransformerConfig,
    [rows, read, written]: [usize; 3],
) -> Result<(ComputationGraph, Program)> {
    let captured = capture_program("Transformer", |session| {
        let device = session.device();
        let model = match model {
            Some(model) => model.clone().to_device(device),
            None => sizes.init(device)?,
        };
        session.parameters(&model);
        let ids = |length| Tensor::<2, Int>::zeros([rows, length], device);
        let source = session.input("English", ids(read));
        let target = session.input("German", ids(written));
        session.output("logits", model.forward(source, target).logits);
        Ok(())
    });
    captured.context("the model can't be captured")
}

/// A place where vectors of all positions are between two sub-layers, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) name: String,
}

/// The places of one tower, from the bottom to the top.
fn tower(embeddings: usize, stack: &str, layers: usize, parts: &[&str]) -> Vec<Place> {
    let first = Place { path: format!("transformer/embeddings.{embeddings}"), name: "embed".to_owned() };
    let inside =
        (0..layers).flat_map(|layer| parts.iter().enumerate().map(move |(n, part)| (layer, n, part)));
    let rest = inside.map(|(layer, n, part)| Place {
        path: format!("transformer/{stack}/layer.{layer}/sublayer.{n}"),
        name: format!("{part} {}", layer + 1),
    });
    std::iter::once(first).chain(rest).collect()
}

/// Those of the encoder.
pub(super) fn encoder(layers: usize) -> Vec<Place> {
    tower(0, "stack", layers, &["attn", "ff"])
}

/// Those of the decoder.
pub(super) fn decoder(layers: usize) -> Vec<Place> {
    tower(1, "decoder", layers, &["attn", "cross", "ff"])
}

/// All attentions, whose outputs have an axis of heads.
pub(super) fn attentions(layers: usize) -> Vec<Place> {
    let kinds = [("encoder", "stack", 0), ("decoder", "decoder", 0), ("cross", "decoder", 1)];
    let inside = kinds.into_iter().flat_map(|kind| (0..layers).map(move |layer| (kind, layer)));
    inside
        .map(|((name, stack, sublayer), layer)| Place {
            path: format!(
                "transformer/{stack}/layer.{layer}/sublayer.{sublayer}/multi_head_attention/attention"
            ),
            name: format!("{name} {}", layer + 1),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::winograd::training::sizes;

    /// Each is left by one tensor, with its positions or its heads in the second axis.
    #[test]
    fn places_are_those_of_the_program() {
        let sizes = sizes(13, 17);
        let (graph, program) = captured(None, &sizes, [2, 7, 5]).unwrap();
        let shape = |place: &Place| -> Vec<usize> {
            let [tensor] = program.leaving(&graph, &place.path).unwrap()[..] else { panic!("{place:?}") };
            program.tensor(tensor).unwrap().axes.iter().map(|axis| axis.size).collect()
        };
        for (places, length) in [(encoder(2), 7), (decoder(2), 5)] {
            places.iter().for_each(|place| assert_eq!(shape(place), [2, length, sizes.d_model], "{place:?}"));
        }
        for place in attentions(2) {
            assert_eq!(shape(&place)[1], sizes.n_heads, "{place:?}");
        }
        assert_eq!((encoder(2).len(), decoder(2).len(), attentions(2).len()), (5, 7, 6));
    }
}
