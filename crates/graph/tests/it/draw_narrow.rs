//! Pictures for a narrow page: everything is there, and in less room.

use graph::view::{BoxKind, EdgeRole};
use graph::{DrawOptions, Drawing, ViewOptions, compare, draw};

use crate::compare_graphs::{Form, PLAIN, tower};
use crate::sketch::Sketch;

/// What a phone of 375 pixels has room for.
const PHONE: f64 = 335.0;

/// Every font size in a picture.
fn sizes(drawing: &Drawing) -> Vec<f64> {
    let sizes = drawing.svg.split("font-size=\"").skip(1);
    sizes.map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Three branches and a mask that meet, as in attention.
fn attention() -> Sketch {
    let mut s = Sketch::new();
    let input = s.add(0, "x", BoxKind::Input);
    let mask = s.add(0, "Padding mask", BoxKind::Input);
    let attention = s.add(0, "Scaled Dot-Product Attention", BoxKind::Attention);
    for name in ["query", "key", "value"] {
        let linear = s.add(0, "Linear", BoxKind::Linear);
        s.view.boxes[linear].note = Some(name.to_owned());
        let split = s.add(0, "Split heads", BoxKind::Movement);
        s.view.boxes[split].shape = Some("[batch, heads, source, d_k]".to_owned());
        s.flow(&[input, linear, split, attention]);
    }
    s.edge(mask, attention, EdgeRole::Flow);
    let output = s.add(0, "output", BoxKind::Output);
    s.flow(&[attention, output]);
    s
}

#[test]
fn a_picture_with_several_branches_fits_a_phone() {
    let view = attention().view;
    let wide = draw(&view, &DrawOptions::new("wide")).unwrap();
    let narrow = draw(&view, &DrawOptions::new("narrow").narrow()).unwrap();
    assert!(wide.width > 600.0, "{}", wide.width);
    assert!(narrow.width <= PHONE, "{}", narrow.width);
    assert_eq!(narrow.report.faults(), 0, "{}", narrow.report);
    assert_eq!(wide.text, narrow.text, "what is said in words stays the same");
    for word in
        [">Scaled<", ">Dot-Product<", ">Attention<", ">query<", ">Padding<", ">mask<", ">[batch,<", ">d_k]<"]
    {
        assert!(narrow.svg.contains(word), "{word} is missing");
    }
}

#[test]
fn no_text_is_too_small_for_a_phone() {
    let view = attention().view;
    for options in [DrawOptions::new("wide"), DrawOptions::new("narrow").narrow()] {
        let drawing = draw(&view, &options).unwrap();
        let sizes = sizes(&drawing);
        assert!(sizes.len() > 15 && sizes.iter().all(|&size| size >= 12.0), "{sizes:?}");
    }
}

#[test]
fn of_two_pictures_the_second_stands_below() {
    let (a, b) = (tower(PLAIN), tower(Form { gelu: true, ..PLAIN }));
    let options = |title: &str| ViewOptions::new().title(title).depth(2);
    let comparison = compare(&a, &b).unwrap();
    let drawn = |pair: DrawOptions<'_>| comparison.draw(&options("Old"), &options("New"), &pair).unwrap();
    let beside = drawn(DrawOptions::new("beside"));
    for below in [DrawOptions::new("below").stacked(true), DrawOptions::new("below").narrow()] {
        let below = drawn(below);
        assert!(below.width < beside.width && below.height > 1.5 * beside.height);
        assert_eq!(below.report.faults(), 0, "{}", below.report);
        assert!(below.svg.contains(">Old<") && below.svg.contains(">New<"));
    }
}
