//! How many operations lead to the very line that made them.

use std::fmt;

use graph::ComputationGraph;

use super::captures::Graphs;

/// Where the operations of the catalogue lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// To the line that made them.
    own: usize,
    /// To a call on the way there.
    call: usize,
    /// To the head of the function around, or nowhere.
    head: usize,
}

/// Where the operations of our own code lead. Burn's crates have no line tables.
pub(crate) fn lines(graphs: &Graphs) -> Lines {
    let mut lines = Lines::default();
    graphs.own().for_each(|graph| lines.count(graph));
    lines
}

impl Lines {
    fn count(&mut self, graph: &ComputationGraph) {
        for operation in graph.operations() {
            match (&operation.source, operation.calls.is_empty()) {
                (Some(_), _) => self.own += 1,
                (None, false) => self.call += 1,
                (None, true) => self.head += 1,
            }
        }
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { own, call, head } = self;
        write!(f, "{own} of {} operations lead to the line that made them", own + call + head)?;
        if call + head > 0 {
            write!(f, ", {call} to a call on the way there, {head} to the head of their function")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;

    use super::*;
    use crate::paths;

    /// What a line must contain one of, to have made an operation of that kind: the names of what makes it, or of a
    /// module of Burn's that does.
    fn words(kind: &str) -> &'static [&'static str] {
        match kind {
            "matmul" => &["matmul(", "linear("],
            "reshape" => &["reshape(", "linear(", "squeeze", "tril_mask("],
            "swap_dims" | "permute" => &["swap_dims(", "transpose(", "permute("],
            "expand" => &["expand("],
            "cat" => &["cat("],
            "slice" => &["slice(", "narrow("],
            "select" => &["select(", "table.forward("],
            "embedding" => &["table.forward("],
            "layer_norm" => &["module::layer_norm("],
            "softmax" => &["softmax("],
            "relu" => &["relu("],
            "mask_fill" => &["mask_fill("],
            "equal_elem" => &["equal_elem("],
            "or" => &["bool_or("],
            "add" => &["+", "linear("],
            "mul_scalar" => &["*"],
            "div_scalar" => &["/"],
            "constant" => &["from_data(", "tril_mask("],
            "sub" | "sub_scalar" | "lower_elem" => &["tril_mask("],
            _ => &[],
        }
    }

    #[test]
    fn every_operation_leads_to_the_line_that_made_it() {
        let mut files: HashMap<String, Vec<String>> = HashMap::new();
        for graph in Graphs::new().unwrap().own() {
            for operation in graph.operations() {
                let kind = &operation.kind;
                let source = operation.source.as_ref();
                let source = source.unwrap_or_else(|| panic!("{kind} has no line: {:?}", operation.calls));
                let lines = files.entry(source.file.clone()).or_insert_with(|| {
                    let text = fs::read_to_string(paths::root().join(&source.file)).unwrap();
                    text.lines().map(str::to_owned).collect()
                });
                let line = &lines[source.line as usize - 1];
                let fits = words(kind).iter().any(|word| line.contains(word));
                assert!(fits, "{kind} is said to be made by `{}`, {source:?}", line.trim());
            }
        }
    }

    #[test]
    fn none_falls_back_to_the_head_of_its_function() {
        let lines = lines(&Graphs::new().unwrap());
        println!("{lines}");
        assert!(lines.own > 1000, "{lines}");
        assert_eq!((lines.call, lines.head), (0, 0), "{lines}");
    }
}
