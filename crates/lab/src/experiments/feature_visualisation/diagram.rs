//! The network, drawn from its own code.

use burn::tensor::Tensor;
use graph::{CaptureError, ComputationGraph, DrawOptions, Symbol, ViewOptions, capture_symbolic, draw};

use super::examples::SIDE;
use super::network::Network;
use crate::contract::random::Random;

/// The network as a graph: nothing is computed, all is recorded.
fn captured() -> Result<ComputationGraph, CaptureError> {
    let pictures = Symbol::new("pictures", 32, 3);
    capture_symbolic("The network", &[pictures], |session, sizes| {
        let device = session.device();
        let network = Network::drawn(&mut Random::new(0, 0), device);
        session.parameters(&network);
        let pictures = Tensor::<4>::zeros([sizes["pictures"], 1, SIDE, SIDE], device);
        let pictures = session.input("pictures", pictures);
        session.output("scores", network.forward(pictures).scores);
        Ok(())
    })
}

/// Its picture. It doesn't depend on what was measured. Were there none, a test would miss it.
pub(super) fn drawn() -> Option<String> {
    // A line that moves in the source is no other picture.
    let graph = captured().ok()?.without_sources();
    let options = ViewOptions::new()
        .title("The network")
        .description("The convolutional network of the experiment, captured from its code.");
    let view = graph.view(&options).ok()?;
    let options = DrawOptions::new("feature-visualisation-network").sources(false).legend(false);
    Some(draw(&view, &options).ok()?.svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_convolutions_are_in_the_picture() {
        let svg = drawn().unwrap();
        for (part, times) in [(">Conv2d<", 2), (">ReLU<", 2), (">Linear<", 1), (">scores<", 1)] {
            assert_eq!(svg.matches(part).count(), times, "{part} in {svg}");
        }
    }
}
