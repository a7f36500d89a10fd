//! Colours and line styles, as one block of CSS.
//!
//! The plain rules come first and are all that simple renderers understand. Where variables are supported, the same
//! rules are given again in terms of them, so that a dark page can change the palette: by the reader's preference for a
//! file of its own, by the theme's class within an mdBook.

/// Six hues that stay apart for colour-blind readers by lightness, and greys. Name, light, dark. What does nearly the same
/// has a darker shade of the same hue: recurrence of attention's, convolution of the product's, pooling of the activation's.
const PALETTE: [(&str, &str, &str); 12] = [
    ("embedding", "#f6cfd8", "#6b2f42"),
    ("attention", "#fcd9b0", "#693f10"),
    ("recurrent", "#f3b974", "#4d2c08"),
    ("norm", "#f4f1b4", "#504c10"),
    ("feed-forward", "#c3e0f7", "#1d4b70"),
    ("linear", "#d8d3f0", "#453c7d"),
    ("convolution", "#bcb1e8", "#322a5e"),
    ("activation", "#cbeacb", "#24552f"),
    ("pooling", "#a5d8a5", "#173d20"),
    ("plain", "#ffffff", "#26262c"),
    ("movement", "#ececec", "#3a3a42"),
    ("frame", "#f6f6f8", "#202027"),
];

const INK: [(&str, &str, &str); 4] = [
    ("ink", "#1c1c22", "#e8e8ee"),
    ("line", "#3d3d46", "#b9b9c6"),
    ("soft", "#5b5b66", "#a3a3b2"),
    ("page", "#ffffff", "#17171c"),
];

/// Colours of what differs between two pictures. They are in the pictures that need them.
const MARKS: [(&str, &str, &str); 4] = [
    ("added", "#1a7f37", "#5fd38d"),
    ("removed", "#c0262d", "#ff9a94"),
    ("changed", "#9a5b00", "#f2b632"),
    ("moved", "#6639ba", "#c3a6ff"),
];

/// Rules for them: no two have the same line.
const MARK_SHAPES: &str = ".agd .m-added>.r,.agd .m-added.f>rect,.agd .m-added.e{stroke-width:2.6;stroke-dasharray:none}\
.agd .m-removed>.r,.agd .m-removed.f>rect,.agd .m-removed.e{stroke-width:2.6;stroke-dasharray:8 5}\
.agd .m-changed>.r,.agd .m-changed.f>rect,.agd .m-changed.e{stroke-width:2.6;stroke-dasharray:2.5 2.5}\
.agd .m-moved>.r,.agd .m-moved.f>rect,.agd .m-moved.e{stroke-width:2.6;stroke-dasharray:11 3 2.5 3}\
.agd .g path{fill:none;stroke-width:1.5}.agd .d{stroke-width:1;stroke-dasharray:1 4}";

/// `selector`, property, and the variable that gives its value.
const RULES: [(&str, &str, &str); 27] = [
    (".bg", "fill", "page"),
    (".f>rect", "fill", "frame"),
    (".f>rect", "stroke", "soft"),
    (".b>.r", "fill", "plain"),
    (".b>.r", "stroke", "line"),
    (".k-embedding>.r", "fill", "embedding"),
    (".k-attention>.r", "fill", "attention"),
    (".k-recurrent>.r", "fill", "recurrent"),
    (".k-feed-forward>.r", "fill", "feed-forward"),
    (".k-norm>.r", "fill", "norm"),
    (".k-linear>.r", "fill", "linear"),
    (".k-convolution>.r", "fill", "convolution"),
    (".k-activation>.r", "fill", "activation"),
    (".k-pooling>.r", "fill", "pooling"),
    (".k-constant>.r", "fill", "movement"),
    (".k-module>.r", "fill", "frame"),
    (".k-mask>.r", "fill", "movement"),
    (".k-movement>.r", "fill", "movement"),
    ("text", "fill", "ink"),
    (".n", "fill", "soft"),
    (".s", "fill", "soft"),
    (".t", "fill", "soft"),
    (".e", "stroke", "line"),
    (".h", "fill", "line"),
    (".p", "stroke", "ink"),
    (".hl>.r", "stroke", "ink"),
    (".hl.f>rect", "stroke", "ink"),
];

/// Rules without a colour.
const SHAPES: &str = ".agd .e{fill:none;stroke-width:1.3}.agd .r,.agd .f>rect{stroke-width:1.2}\
.agd .p{stroke-width:1.4;fill:none}.agd .k-input>.r,.agd .k-output>.r{stroke-dasharray:4 3}\
.agd .k-mask>.r{stroke-dasharray:1.5 2.5}.agd .k-movement>.r{stroke-width:.7}.agd .hl>.r,.agd .hl.f>rect{stroke-width:2.8}\
.agd text{text-anchor:middle}.agd .t{text-anchor:start}.agd .x{font-weight:bold}.agd .l{text-anchor:start}\
.agd a{text-decoration:none;-webkit-user-drag:none;user-select:text}.agd a:hover .s,.agd a:hover .t{text-decoration:underline}\
.agd .b:hover>.r,.agd .b:focus>.r,.agd a:focus .r{stroke-width:2.4}.agd a:hover .f>rect,.agd a:focus .f>rect{stroke-width:2.2}.agd .b:focus,.agd a:focus{outline:2px solid #c2410c;outline-offset:2px}";

/// The content of the `<style>` element.
pub(crate) fn css(marked: bool) -> String {
    let mut css = String::from(SHAPES);
    css.push_str(if marked { MARK_SHAPES } else { "" });
    let rules = rules(marked);
    let light = |name: &str| colour(name, false);
    for (selector, property, name) in &rules {
        css.push_str(&format!(".agd {selector}{{{property}:{}}}", light(name)));
    }
    css.push_str("@supports (fill:var(--a)){");
    css.push_str(&themed(|dark| {
        let all = PALETTE.iter().chain(&INK).chain(if marked { &MARKS[..] } else { &[] });
        all.map(|(name, _, _)| format!("--g-{name}:{}", colour(name, dark))).collect::<Vec<_>>().join(";")
    }));
    for (selector, property, name) in &rules {
        css.push_str(&format!(".agd {selector}{{{property}:var(--g-{name})}}"));
    }
    css.push_str("html .agd .bg{fill:none}}");
    css
}

/// Variables with other values on a dark page. Paper is white, whatever the theme.
pub(super) fn themed(variables: impl Fn(bool) -> String) -> String {
    let (light, dark) = (variables(false), variables(true));
    format!(
        ".agd,.light .agd,.rust .agd{{{light}}}@media screen and (prefers-color-scheme:dark)\
         {{:root:not(.light):not(.rust) .agd,svg.agd:root{{{dark}}}}}@media screen{{.coal .agd,.navy .agd,.ayu .agd{{{dark}}}}}"
    )
}

/// Selector, property and colour of each rule.
fn rules(marked: bool) -> Vec<(String, &'static str, &'static str)> {
    let plain = RULES.iter().map(|&(selector, property, name)| (selector.to_owned(), property, name));
    let marks = MARKS.iter().filter(|_| marked).flat_map(|&(name, ..)| {
        let lines = format!(".m-{name}>.r,.agd .m-{name}.f>rect,.agd .m-{name}.e");
        [(lines, "stroke", name), (format!(".m-{name}.g circle"), "fill", name)]
    });
    let signs = [(".g path", "stroke", "page"), (".d", "stroke", "soft")];
    let signs =
        signs.into_iter().filter(|_| marked).map(|(rule, property, name)| (rule.to_owned(), property, name));
    plain.chain(marks).chain(signs).collect()
}

pub(super) fn colour(name: &str, dark: bool) -> &'static str {
    let found = PALETTE.iter().chain(&INK).chain(&MARKS).find(|(n, _, _)| *n == name);
    found.map_or("#808080", |(_, light_colour, dark_colour)| if dark { dark_colour } else { light_colour })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::contrast::contrast;

    #[test]
    fn every_rule_has_its_colour() {
        for (_, _, name) in rules(true) {
            assert!(PALETTE.iter().chain(&INK).chain(&MARKS).any(|(n, _, _)| *n == name), "{name}");
        }
        assert!(css(true).contains("--g-moved") && !css(false).contains("--g-moved"));
    }

    #[test]
    fn marks_are_seen_on_the_page_and_on_frames() {
        for dark in [false, true] {
            for (name, _, _) in MARKS {
                for behind in ["page", "frame"] {
                    let found = contrast(colour(name, dark), colour(behind, dark));
                    assert!(found >= 4.5, "{name} on {behind}, dark {dark}: {found:.2}");
                }
            }
        }
    }

    /// The angle of a colour in degrees; none for a grey.
    fn hue(hex: &str) -> Option<f64> {
        let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        let [r, g, b] = [1, 3, 5].map(channel);
        let (high, low) = (r.max(g).max(b), r.min(g).min(b));
        let spread = high - low;
        let angle = match high {
            _ if spread < 12.0 => return None,
            _ if high == r => (g - b) / spread,
            _ if high == g => 2.0 + (b - r) / spread,
            _ => 4.0 + (r - g) / spread,
        };
        Some((angle * 60.0).rem_euclid(360.0))
    }

    #[test]
    fn there_are_six_hues_at_most() {
        for dark in [false, true] {
            let mut found: Vec<f64> =
                PALETTE.iter().filter_map(|(name, ..)| hue(colour(name, dark))).collect();
            found.sort_by(f64::total_cmp);
            let gaps = found.windows(2).filter(|pair| pair[1] - pair[0] > 10.0).count();
            assert_eq!(gaps + 1, 6, "dark {dark}: {found:?}");
        }
    }

    #[test]
    fn text_is_readable_on_every_colour_light_and_dark() {
        for dark in [false, true] {
            for (name, _, _) in PALETTE {
                for ink in ["ink", "soft"] {
                    let found = contrast(colour(ink, dark), colour(name, dark));
                    let wanted = if ink == "ink" { 7.0 } else { 3.0 };
                    assert!(found >= wanted, "{ink} on {name}, dark {dark}: {found:.2}");
                }
            }
        }
    }
}
