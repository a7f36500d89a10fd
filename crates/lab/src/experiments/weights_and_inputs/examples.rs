//! The table of all examples, from which the loss can be computed with a pencil.

use plot::decimal;

use super::maths::Regression;

const HEAD: &str =
    "| | *x*₁ | *x*₂ | target | prediction | missing | squared |\n|---|---:|---:|---:|---:|---:|---:|";

/// A row for each example, and the loss below.
pub(super) fn table(regression: &Regression) -> String {
    let examples = regression.x.iter().zip(&regression.y).zip(regression.residuals());
    let mut lines = vec![HEAD.to_owned()];
    for (number, ((x, &y), missing)) in examples.enumerate() {
        let given = [x[0], x[1], y].map(|value| decimal(value, 2)).join(" | ");
        let computed = [y - missing, missing].map(|value| decimal(value, 3)).join(" | ");
        lines.push(format!("| {} | {given} | {computed} | {} |", number + 1, decimal(missing * missing, 4)));
    }
    lines.push(format!("| mean | | | | | | {} |\n", decimal(regression.loss(), 4)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_examples_and_their_mean_are_told() {
        let regression =
            Regression { x: vec![[1.0, 2.0], [0.5, 0.0]], y: vec![1.0, 2.0], w: [-1.0, 1.5], b: 0.5 };
        let table = table(&regression);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| 1 | 1.00 | 2.00 | 1.00 | 2.500 | −1.500 | 2.2500 |",
                "| 2 | 0.50 | 0.00 | 2.00 | 0.000 | 2.000 | 4.0000 |",
                "| mean | | | | | | 3.1250 |"
            ]
        );
    }
}
