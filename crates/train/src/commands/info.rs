//! `train info`: the module tree of a run's model.

use std::io::Write;

use anyhow::Result;
use plot::thousands;
use serde::Serialize;

use crate::device::processor;
use crate::files::sums::SUMS;
use crate::run::config::ModelConfig;
use crate::run::folder::RunFolder;
use crate::run::weights::{Parameter, parameters};

/// A module, or a parameter if it has a shape.
struct Node<'a> {
    name: &'a str,
    shape: Option<&'a [usize]>,
    count: usize,
    children: Vec<Node<'a>>,
}

#[derive(Serialize)]
struct ParameterInfo<'a> {
    path: &'a str,
    shape: &'a [usize],
    count: usize,
}

/// Prints every parameter with its shape and count, as a tree or as JSON.
///
/// # Errors
///
/// If the run folder is damaged.
pub(crate) fn run(folder: &RunFolder, json: bool, output: &mut impl Write) -> Result<()> {
    let config = folder.config()?;
    // Loading the weights proves that the run is whole.
    let found = match &config.model {
        ModelConfig::Transformer(_) => parameters(&folder.model(&config, &processor())?),
        ModelConfig::Language(_) => parameters(&folder.language_model(&config, &processor())?),
    };
    let total: usize = found.iter().map(Parameter::count).sum();
    if json {
        let list = found.iter().map(|p| ParameterInfo { path: &p.path, shape: &p.shape, count: p.count() });
        let list: Vec<_> = list.collect();
        let info = serde_json::json!({ "config": config, "parameters": list, "total": total, "sums": folder.has_sums() });
        writeln!(output, "{}", serde_json::to_string(&info)?)?;
    } else {
        let name = match &config.model {
            ModelConfig::Transformer(_) => "Transformer",
            ModelConfig::Language(_) => "LanguageModel",
        };
        write!(output, "{}", tree(name, &found))?;
        if !folder.has_sums() {
            let path = folder.path().display();
            writeln!(output, "{path} is of an older version and has no {SUMS}: damage to it is not found")?;
        }
    }
    Ok(())
}

/// The tree as text: a line a module or parameter, with the number of elements below it at the right.
#[must_use]
pub(crate) fn tree(name: &str, parameters: &[Parameter]) -> String {
    let total = parameters.iter().map(Parameter::count).sum();
    let mut root = Node { name, shape: None, count: total, children: Vec::new() };
    for parameter in parameters {
        let mut node = &mut root;
        for name in parameter.path.split('.') {
            let known = node.children.iter().position(|child| child.name == name);
            let index = known.unwrap_or_else(|| {
                node.children.push(Node { name, shape: None, count: 0, children: Vec::new() });
                node.children.len() - 1
            });
            node = &mut node.children[index];
            node.count += parameter.count();
        }
        node.shape = Some(&parameter.shape);
    }
    let mut rows = Vec::new();
    collect(&root, "", "", &mut rows);
    let width = rows.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
    let digits = thousands(total).len();
    let line = |(text, count): &(String, usize)| {
        let gap = " ".repeat(width - text.chars().count());
        format!("{text}{gap}  {:>digits$}\n", thousands(*count))
    };
    rows.iter().map(line).collect()
}

fn collect(node: &Node<'_>, here: &str, below: &str, rows: &mut Vec<(String, usize)>) {
    let shape = node.shape.map_or(String::new(), |shape| format!("  {shape:?}"));
    rows.push((format!("{here}{}{shape}", node.name), node.count));
    for (index, child) in node.children.iter().enumerate() {
        let last = index + 1 == node.children.len();
        let (branch, rest) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        collect(child, &format!("{below}{branch}"), &format!("{below}{rest}"), rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_sums_up_at_every_level() {
        let parameter = |path: &str, shape: &[usize]| Parameter { path: path.into(), shape: shape.into() };
        let list = [parameter("a.x.weight", &[30, 40]), parameter("a.x.bias", &[40]), parameter("b", &[3])];
        let expected = "\
Transformer               1,243
├─ a                      1,240
│  └─ x                   1,240
│     ├─ weight  [30, 40]  1,200
│     └─ bias  [40]           40
└─ b  [3]                     3
";
        let squeeze = |text: &str| {
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        let found = tree("Transformer", &list);
        assert_eq!(squeeze(&found), squeeze(expected));
        let ends: Vec<usize> = found.lines().map(|line| line.chars().count()).collect();
        assert!(ends.iter().all(|&end| end == ends[0]), "the counts stand in one column:\n{found}");
    }
}
