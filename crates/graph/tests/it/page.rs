//! Pages: one file that shows a graph and carries its program out.

use std::collections::BTreeSet;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use graph::player::{LOOK, RUN};
use graph::{ComputationGraph, PageError, Program, ViewOptions, capture_program};

use crate::examples::{burn_nn_encoder as encoder, convnet};

/// The page without what is between the tags of styles and scripts, which is no XML.
fn skeleton(page: &str) -> String {
    let mut text = page.strip_prefix("<!DOCTYPE html>\n").expect("it says what it is").to_owned();
    for name in ["style", "script"] {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        let mut kept = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find(&open) {
            let content = start + rest[start..].find('>').unwrap() + 1;
            let end = content + rest[content..].find(&close).expect("every element ends");
            kept.push_str(&rest[..content]);
            rest = &rest[end..];
        }
        text = kept + rest;
    }
    text
}

/// The places of all levels; each link leads to one of them, and no id is there twice.
fn places(page: &str) -> Vec<String> {
    let skeleton = skeleton(page);
    let document = roxmltree::Document::parse(&skeleton).unwrap_or_else(|error| panic!("{error}"));
    let with = |name: &'static str| {
        document
            .descendants()
            .filter_map(move |node| node.attribute(name))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let ids = with("id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is there twice");
    let places: Vec<String> = ids.into_iter().filter(|id| id.starts_with('/')).collect();
    for href in with("href").into_iter().filter(|href| href.starts_with('#')) {
        assert!(places.contains(&href[1..].to_owned()), "{href} leads nowhere");
    }
    places
}

#[test]
fn every_level_has_its_drawing() {
    let page = convnet::page().unwrap();
    assert_eq!(places(&page), ["/", "/blocks.0", "/blocks.1", "/classify"]);
    let page = encoder::page().unwrap();
    let places = places(&page);
    for place in ["/", "/layers.0", "/layers.0/mha", "/layers.0/pwff"] {
        assert!(places.iter().any(|known| known == place), "{place} is missing in {places:?}");
    }
    // Six equal layers are one.
    assert!(!places.iter().any(|place| place.starts_with("/layers.1")), "{places:?}");
    assert!(page.contains(">Multi-Head Attention</h2>"), "labels hold for all levels");
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for page in [convnet::page().unwrap(), encoder::page().unwrap()] {
        let foreign = page.replace("http://www.w3.org/2000/svg", "").replace("url(#", "");
        for word in ["http:", "https:", " src=", "@import", "fetch(", "XMLHttpRequest", "import(", "url("] {
            assert!(!foreign.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn the_same_module_gives_the_same_bytes() {
    let net = convnet::Net::new(&Device::flex());
    assert!(convnet::page_of(&net).unwrap() == convnet::page_of(&net).unwrap());
}

/// What is loaded in a page is what stands in the files, in the order of the list; `node --test` reads that list as well.
#[test]
fn the_player_is_there_as_it_is_tested() {
    let load = include_str!("../../player/tests/load.mjs");
    assert!(load.contains("'../../src/player.rs'") && load.contains("const RUN:"), "{load}");
    let page = convnet::page().unwrap();
    let mut rest = page.as_str();
    assert!(RUN.len() > 10, "{RUN:?}");
    for name in RUN.iter().chain(LOOK).map(|script| script.name) {
        let path = format!("{}/player/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let at = rest.find(text.trim_end()).unwrap_or_else(|| panic!("{name} is missing, or out of order"));
        rest = &rest[at..];
    }
}

/// Names that would break out of their places.
const NAME: &str = "</script><!-- \"net\" & 'more' 神経網";

pub(crate) fn awkward() -> (ComputationGraph, Program) {
    let layers: Vec<Linear> = (0..3).map(|_| LinearConfig::new(5, 5).init(&Device::flex())).collect();
    let captured = capture_program(NAME, |session| {
        let layers = layers.clone().to_device(session.device());
        session.parameters_of("<b>", &layers);
        let x = Tensor::<2>::zeros([2, 5], session.device());
        let x = session.input("x</script>\u{2028}", x);
        let y = tracing::info_span!("</svg><i>&amp;\"'").in_scope(|| {
            let y = tracing::info_span!("a#b c%20/d").in_scope(|| relu(layers[0].forward(x.clone())) + x);
            relu(layers[1].forward(y))
        });
        session.output("<script>", layers[2].forward(y));
        Ok(())
    });
    captured.unwrap()
}

#[test]
fn names_stay_in_their_places() {
    let (graph, program) = awkward();
    let page = graph::page(&graph, &ViewOptions::new().depth(1), Some(&program)).unwrap();
    let places = places(&page);
    assert!(
        places.iter().any(|place| place.contains("/%3C/svg%3E%3Ci%3E%26amp%3B%22%27/a%23b%20c%2520/d")),
        "{places:?}"
    );
    let skeleton = skeleton(&page);
    let document = roxmltree::Document::parse(&skeleton).unwrap();
    let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert_eq!(title.text(), Some(NAME));
    assert!(!skeleton.contains("<i>") && !skeleton.contains("<b>"), "no name became an element");
    // As many scripts as there are without such names.
    let plain = convnet::page().unwrap();
    assert_eq!(page.matches("<script").count(), plain.matches("<script").count());
    assert_eq!(page.matches("</script").count(), plain.matches("</script").count());
}

#[test]
fn without_a_program_there_are_no_numbers() {
    let (graph, program) = awkward();
    let alone = graph::page(&graph, &ViewOptions::new(), None).unwrap();
    assert!(!alone.contains("pg-values\""));
    let page = graph::page(&graph, &ViewOptions::new(), Some(&program)).unwrap();
    assert!(page.contains("pg-values\" data-sum=\""));
    assert!(!alone.contains("globalThis.player = player"), "nothing carries a program out that isn't there");
    assert_eq!(places(&alone)[0], "/");
}

/// A layer whose weights nobody told.
pub(crate) fn bare() -> (ComputationGraph, Program) {
    let captured = capture_program("bare", |session| {
        let linear = LinearConfig::new(3, 2).init(session.device());
        session.parameters(&linear);
        let x = session.input("x", Tensor::<2>::zeros([4, 3], session.device()));
        session.output("y", linear.forward(x));
        Ok(())
    });
    captured.unwrap()
}

#[test]
fn what_is_missing_is_said_on_the_page() {
    let (graph, program) = bare();
    let page = graph::page(&graph, &ViewOptions::new(), Some(&program)).unwrap();
    assert!(page.contains("\"missing\":[\"the parameter `weight`\",\"the parameter `bias`\"]"));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (graph, program) = awkward();
    let (other, _) = capture_program("other", |session| {
        let x = session.input("x", Tensor::<1>::zeros([3], session.device()));
        session.output("y", x.exp());
        Ok(())
    })
    .unwrap();
    let error = graph::page(&other, &ViewOptions::new(), Some(&program)).unwrap_err();
    assert!(matches!(error, PageError::OtherGraph { .. }), "{error}");
    assert!(error.to_string().contains("capture_program"), "{error}");
    let error = graph::page(&graph, &ViewOptions::new().root("nowhere"), None).unwrap_err();
    assert!(matches!(error, PageError::View(_)), "{error}");
    let error = graph::page(&graph, &ViewOptions::new().open("nowhere"), Some(&program)).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}
