//! How a weight looks: a tint in steps, and a width that is as exact as a pixel allows.

use std::collections::BTreeSet;

use super::style::{colour, themed};
use crate::overlay::Scale;

/// So many tints there are of each colour.
const STEPS: usize = 8;

/// Name, light, dark. A tint is behind text, so that it stays near the page; a line is seen beside it.
const COLOURS: [(&str, &str, &str); 4] = [
    ("tint", "#f5a04a", "#7a3a00"),
    ("line", "#d06a00", "#f09a3e"),
    ("negative-tint", "#7fb2f0", "#1c4692"),
    ("negative-line", "#1f6fd0", "#6fb0ff"),
];

/// How much of its colour the weakest line has.
const WEAKEST: f64 = 0.4;

/// Width of the line below an edge, and of a box's border: next to nothing, and at the end of the scale.
const BAND: (f64, f64) = (1.5, 9.0);
const BORDER: (f64, f64) = (1.2, 5.2);

/// Rules without a colour: what is negative has broken lines. The width is that of the element around, also below a pointer:
/// that is a rule of its own, since who doesn't know of pointers drops it.
const SHAPES: &str = ".agd .o{fill:none;stroke-linejoin:round}.agd .q{stroke-width:1}\
.agd .ov>.r,.agd .ov.f>rect{stroke-width:inherit}\
.agd .ov:hover>.r,.agd .ov:focus>.r,.agd a:focus .ov>.r,.agd a:hover .ov.f>rect,.agd a:focus .ov.f>rect{stroke-width:inherit}\
.agd .neg>.r,.agd .neg.f>rect{stroke-dasharray:5 2.5}.agd .neg.o{stroke-dasharray:7 3}";

/// A tint: whether it is that of a negative weight, and its step; none has the first step.
type Tint = (bool, usize);

fn tint(scale: &Scale, weight: f64) -> Tint {
    (weight < 0.0, (scale.share(weight) * STEPS as f64).ceil().clamp(0.0, STEPS as f64) as usize)
}

fn name((negative, step): Tint) -> String {
    format!("{}{step}", if negative { 'v' } else { 'w' })
}

/// The classes of what has a weight.
pub(super) fn class(scale: &Scale, weight: f64) -> String {
    let tint = tint(scale, weight);
    format!("{}{}", name(tint), if tint.0 { " neg" } else { "" })
}

/// The class of a closed box without one.
pub(super) const UNMEASURED: &str = "w-none";

/// The width of a box's border.
pub(super) fn border(scale: &Scale, weight: f64) -> f64 {
    BORDER.0 + (BORDER.1 - BORDER.0) * scale.share(weight)
}

/// The width of the line below an edge; none without a weight to speak of.
pub(super) fn band(scale: &Scale, weight: f64) -> Option<f64> {
    let share = scale.share(weight);
    (share > 0.0).then_some(BAND.0 + (BAND.1 - BAND.0) * share)
}

/// The rules for all weights that a picture shows.
pub(super) fn css(scale: &Scale, weights: impl Iterator<Item = f64>) -> String {
    let tints: BTreeSet<Tint> = weights.map(|weight| tint(scale, weight)).collect();
    let rules = |value: &dyn Fn(&str, &str) -> String| {
        let mut css = String::new();
        for tint in &tints {
            let (name, line) = (name(*tint), format!("{}-line", name(*tint)));
            css += &format!(".agd .{name}>.r{{fill:{}}}", value(&name, "o"));
            if tint.1 > 0 {
                let stroke = value(&line, "o");
                css += &format!(".agd .{name}>.r,.agd .{name}.f>rect,.agd .{name}.o{{stroke:{stroke}}}");
            }
        }
        let (grey, page, soft) = (value("movement", "g"), value("page", "g"), value("soft", "g"));
        css + &format!(".agd .{UNMEASURED}>.r{{fill:{grey}}}.agd .q{{fill:{page};stroke:{soft}}}")
    };
    let named = |dark: bool| {
        tints.iter().flat_map(move |&tint| {
            [(name(tint), behind(tint, dark)), (format!("{}-line", name(tint)), line(tint, dark))]
        })
    };
    let light = |name: &str, sort: &str| match sort {
        "o" => named(false).find(|(known, _)| known == name).map(|(_, colour)| colour).unwrap_or_default(),
        _ => colour(name, false).to_owned(),
    };
    let variable = |name: &str, sort: &str| format!("var(--{sort}-{name})");
    let variables = themed(|dark| {
        named(dark).map(|(name, colour)| format!("--o-{name}:{colour}")).collect::<Vec<_>>().join(";")
    });
    format!("{SHAPES}{}@supports (fill:var(--a)){{{variables}{}}}", rules(&light), rules(&variable))
}

/// The colour behind the text of a box.
fn behind((negative, step): Tint, dark: bool) -> String {
    let full = own_colour(if negative { "negative-tint" } else { "tint" }, dark);
    mixed(colour("plain", dark), full, step as f64 / STEPS as f64)
}

/// The colour of borders and lines.
fn line((negative, step): Tint, dark: bool) -> String {
    let full = own_colour(if negative { "negative-line" } else { "line" }, dark);
    mixed(colour("page", dark), full, WEAKEST + (1.0 - WEAKEST) * step as f64 / STEPS as f64)
}

fn own_colour(name: &str, dark: bool) -> &'static str {
    let found = COLOURS.iter().find(|(known, ..)| *known == name);
    found.map_or("#808080", |&(_, light, night)| if dark { night } else { light })
}

/// So much of the second colour.
fn mixed(first: &str, second: &str, share: f64) -> String {
    let channel = |hex: &str, at: usize| u8::from_str_radix(&hex[at..at + 2], 16).map_or(128.0, f64::from);
    let mix = |at| (channel(first, at) + (channel(second, at) - channel(first, at)) * share).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(1), mix(3), mix(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::contrast::contrast;

    fn all() -> impl Iterator<Item = (Tint, bool)> {
        let tints =
            [false, true].into_iter().flat_map(|negative| (0..=STEPS).map(move |step| (negative, step)));
        tints.flat_map(|tint| [(tint, false), (tint, true)])
    }

    #[test]
    fn text_is_readable_on_every_tint() {
        for (tint, dark) in all() {
            for (ink, wanted) in [("ink", 7.0), ("soft", 3.0)] {
                let found = contrast(colour(ink, dark), &behind(tint, dark));
                assert!(found >= wanted, "{ink} on {tint:?}, dark {dark}: {found:.2}");
            }
        }
    }

    #[test]
    fn a_stronger_weight_is_seen_better() {
        for dark in [false, true] {
            for negative in [false, true] {
                let seen = |step| contrast(&line((negative, step), dark), colour("page", dark));
                assert!((1..STEPS).all(|step| seen(step) < seen(step + 1)), "{negative}, dark {dark}");
                assert!(seen(STEPS) >= 3.0, "{negative}, dark {dark}: {:.2}", seen(STEPS));
                let tints: BTreeSet<String> =
                    (0..=STEPS).map(|step| behind((negative, step), dark)).collect();
                assert_eq!(tints.len(), STEPS + 1);
            }
        }
    }

    #[test]
    fn steps_are_even_and_widths_are_exact() {
        let scale = Scale::signed("t").up_to(4.0);
        assert_eq!([0.0, 0.1, 2.0, 4.0, -4.0].map(|w| class(&scale, w)), ["w0", "w1", "w4", "w8", "v8 neg"]);
        assert_eq!([0.0, 2.0, -4.0].map(|w| band(&scale, w)), [None, Some(5.25), Some(9.0)]);
        assert_eq!([0.0, 2.0, -4.0].map(|w| border(&scale, w)), [1.2, 3.2, 5.2]);
    }

    #[test]
    fn every_tint_has_its_rules() {
        let scale = Scale::signed("t");
        let css = css(&scale, [0.0, 1.0, -0.5].into_iter());
        for wanted in [
            ".agd .w0>.r{fill:#ffffff}",
            ".w8.o{stroke:#d06a00}",
            ".v4>.r{fill:var(--o-v4)}",
            "--o-w8:#7a3a00",
        ] {
            assert!(css.contains(wanted), "{wanted} in {css}");
        }
        assert!(!css.contains(".w0.o") && !css.contains("w3"), "{css}");
    }
}
