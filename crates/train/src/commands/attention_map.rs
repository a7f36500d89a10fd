//! Attention maps: which token looks at which, one small map for each head.

use plot::{Caption, HeatMap, HeatMaps, isolate, stack};

use crate::words::counted;

/// One layer's weights of one kind of attention.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AttentionLayer {
    /// What it is called, as in "Encoder, layer 1".
    pub(crate) title: String,
    /// The weights by head, query and key. Each row sums to 1.
    pub(crate) heads: Vec<Vec<Vec<f32>>>,
    /// The tokens that look.
    pub(crate) queries: Vec<String>,
    /// The tokens that are looked at.
    pub(crate) keys: Vec<String>,
}

/// Draws a map for each head: a row for each query, a column for each key, the stronger the colour the larger the
/// weight. `id` begins all ids in the picture.
#[must_use]
pub(crate) fn attention_map(layer: &AttentionLayer, id: &str) -> String {
    let numbers = |row: &Vec<f32>| row.iter().copied().map(f64::from).collect();
    let map = |(head, rows): (usize, &Vec<Vec<f32>>)| HeatMap {
        name: format!("Head {}", head + 1),
        values: rows.iter().map(numbers).collect(),
    };
    let maps: Vec<HeatMap> = layer.heads.iter().enumerate().map(map).collect();
    let maps = HeatMaps {
        title: &layer.title,
        maps: &maps,
        rows: &layer.queries,
        columns: &layer.keys,
        row_axis: "← Query",
        column_axis: "Key →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &|head, row, column, weight| hint(head, &layer.queries[row], &layer.keys[column], weight),
    };
    stack(&[&maps], &Caption { id, title: &layer.title, description: &description(layer) })
}

fn hint(head: usize, query: &str, key: &str, weight: f64) -> String {
    format!("head {}: „{}“ attends to „{}“ {weight:.2}", head + 1, isolate(query), isolate(key))
}

/// Each head's largest weight in words.
fn description(layer: &AttentionLayer) -> String {
    let strongest = layer.heads.iter().enumerate().filter_map(|(head, rows)| {
        let cells = layer.queries.iter().zip(rows).flat_map(|(query, row)| {
            layer.keys.iter().zip(row).map(move |(key, &weight)| (query, key, weight))
        });
        let (query, key, weight) =
            cells.filter(|cell| cell.2.is_finite()).max_by(|a, b| a.2.total_cmp(&b.2))?;
        Some(hint(head, query, key, f64::from(weight)))
    });
    let [heads, queries, keys] =
        [(layer.heads.len(), "head"), (layer.queries.len(), "query"), (layer.keys.len(), "key")]
            .map(|(count, noun)| counted(count, noun));
    let sizes = format!("{heads}, {queries}, {keys}.");
    let strongest = strongest.collect::<Vec<_>>().join("; ");
    if strongest.is_empty() { sizes } else { format!("{sizes} The largest weights: {strongest}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(heads: usize, queries: &[&str], keys: &[&str]) -> AttentionLayer {
        let row = vec![1.0 / keys.len() as f32; keys.len()];
        let tokens = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        AttentionLayer {
            title: "Encoder, layer 1".into(),
            heads: vec![vec![row; queries.len()]; heads],
            queries: tokens(queries),
            keys: tokens(keys),
        }
    }

    fn check(text: &str) {
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.split(r#" id=""#).skip(1).all(|rest| rest.starts_with("map")), "{text}");
        assert_eq!(text.matches("<title").count(), text.matches("</title>").count());
    }

    #[test]
    fn every_cell_says_what_it_is() {
        let text = attention_map(&layer(2, &["Die", "Katze"], &["the", "cat", "<&\">"]), "map");
        check(&text);
        assert_eq!(text.matches("<path").count(), 2 * 6 + 2 + 11, "cells, backgrounds, legend");
        for part in
            ["head 2: „Katze“ attends to „cat“ 0.33", "Head 1", "Key", "Query", "„&lt;&amp;&quot;&gt;“"]
        {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
    }

    #[test]
    fn odd_tokens_and_weights_give_a_picture() {
        let mut odd = layer(1, &["\n\n", "שלום", "\0"], &["", " x", "Donaudampfschifffahrtsgesellschaft"]);
        odd.heads[0][0] = vec![f32::NAN, f32::INFINITY, 2.0];
        odd.heads[0].pop();
        let text = attention_map(&odd, "map");
        check(&text);
        assert!(text.contains("\u{2068}שלום\u{2069}") && text.contains('…') && text.contains('␣'));
        for empty in [layer(0, &[], &[]), layer(2, &[], &[]), layer(0, &["a"], &["b"])] {
            check(&attention_map(&empty, "map"));
        }
    }
}
