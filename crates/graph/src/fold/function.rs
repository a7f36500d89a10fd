//! Activations that are written with several operations are recognised by what they compute, not by how.
//!
//! A function of one number is evaluated at a few points, and compared with those that have names. So it doesn't matter
//! whether SiLU is `x·σ(x)` or `x / (1 + exp(-x))`.

use std::collections::BTreeMap;

use super::cone::{Cone, sizes};
use super::pattern::Activation;
use super::wiring::Wiring;
use crate::captured::{Captured, Place};
use crate::operation::Operation;

const POINTS: [f64; 9] = [-5.0, -2.3, -1.1, -0.4, 0.3, 0.9, 2.2, 4.5, 7.0];
/// Closer than GELU and its approximation are, and wider than the constants' rounding.
const TOLERANCE: f64 = 2e-5;
/// No known function takes more operations.
const LONGEST: usize = 14;

/// The activation that ends with operation `root`: its operations, and what it is. The shortest one.
pub(super) fn ending_at(
    captured: &Captured,
    wiring: &Wiring,
    root: usize,
) -> Option<(Vec<usize>, Activation)> {
    if !can_end(captured.operation(root)) {
        return None;
    }
    let shape = sizes(captured, root);
    let enters = |number: usize| {
        let operation = captured.operation(number);
        is_known(operation) && (operation.inputs.is_empty() || sizes(captured, number) == shape)
    };
    let follows = |_, _| true;
    let mut cone = Cone::new(captured, wiring, root, follows);
    while cone.members.len() < LONGEST && cone.step(enters, follows) {
        let same = cone.source_type().is_some_and(|tensor| super::cone::of_type(tensor) == shape);
        if same
            && let Some(found) = name(&cone, captured, wiring)
            && cone.is_private()
        {
            return Some((cone.list(), found));
        }
    }
    None
}

/// Whether an activation of several operations may end so.
fn can_end(operation: &Operation) -> bool {
    let ends =
        ["mul", "div", "sub", "add", "mul_scalar", "div_scalar", "mask_where", "recip", "clamp", "clamp_max"];
    ends.contains(&operation.kind.as_str())
        || matches!(
            operation.kind.as_str(),
            "powi_scalar" | "powf_scalar" | "neg" | "log" | "log1p" | "add_scalar"
        )
}

fn is_known(operation: &Operation) -> bool {
    let zeros = [0.0; 3];
    compute(operation, &zeros).is_some()
}

fn name(cone: &Cone<'_>, captured: &Captured, wiring: &Wiring) -> Option<Activation> {
    let source = cone.source()?;
    let mut values = Vec::with_capacity(POINTS.len());
    for x in POINTS {
        let mut known: BTreeMap<usize, f64> = BTreeMap::new();
        for &number in &cone.members {
            let mut arguments = [0.0; 3];
            for (slot, argument) in wiring.arguments[number].iter().enumerate().take(3) {
                arguments[slot] = match argument.place {
                    _ if *argument == source => x,
                    Place::Operation(before) => *known.get(&before)?,
                    _ => return None,
                };
            }
            known.insert(number, compute(captured.operation(number), &arguments)?);
        }
        values.push(*known.get(&cone.root)?);
    }
    let close = |f: fn(f64) -> f64| {
        POINTS.iter().zip(&values).all(|(&x, &y)| (f(x) - y).abs() <= TOLERANCE * (1.0 + y.abs()))
    };
    FUNCTIONS.iter().find(|(_, f)| close(*f)).map(|&(name, _)| name)
}

/// The result of one operation on numbers; none if it is not one of every element for itself.
fn compute(operation: &Operation, arguments: &[f64; 3]) -> Option<f64> {
    let [a, b, c] = *arguments;
    let value = || operation.value();
    let truth = |holds: bool| Some(f64::from(u8::from(holds)));
    match operation.kind.as_str() {
        "exp" => Some(a.exp()),
        "log" => Some(a.ln()),
        "log1p" => Some(a.ln_1p()),
        "sqrt" => Some(a.sqrt()),
        "recip" => Some(a.recip()),
        "tanh" => Some(a.tanh()),
        "erf" => Some(erf(a)),
        "neg" => Some(-a),
        "abs" => Some(a.abs()),
        "sign" => Some(if a == 0.0 { 0.0 } else { a.signum() }),
        "relu" => Some(a.max(0.0)),
        "sigmoid" => Some(sigmoid(a)),
        "log_sigmoid" => Some(sigmoid(a).ln()),
        "gelu" => Some(gelu(a)),
        "leaky_relu" => Some(if a < 0.0 { value()? * a } else { a }),
        "hard_sigmoid" => Some((operation.number("alpha")? * a + operation.number("beta")?).clamp(0.0, 1.0)),
        "cast" | "into_float" => Some(a),
        "zeros" => Some(0.0),
        "ones" => Some(1.0),
        "full" => value(),
        "add" => Some(a + b),
        "sub" => Some(a - b),
        "mul" => Some(a * b),
        "div" => Some(a / b),
        "add_scalar" => Some(a + value()?),
        "sub_scalar" => Some(a - value()?),
        "mul_scalar" => Some(a * value()?),
        "div_scalar" => Some(a / value()?),
        "powi_scalar" | "powf_scalar" => Some(a.powf(value()?)),
        "clamp" => Some(a.max(operation.number("min")?).min(operation.number("max")?)),
        "clamp_min" => Some(a.max(value()?)),
        "clamp_max" => Some(a.min(value()?)),
        "greater_elem" => truth(a > value()?),
        "greater_equal_elem" => truth(a >= value()?),
        "lower_elem" => truth(a < value()?),
        "lower_equal_elem" => truth(a <= value()?),
        "not" => truth(a == 0.0),
        "mask_fill" => Some(if b == 0.0 { a } else { value()? }),
        "mask_where" => Some(if b == 0.0 { a } else { c }),
        _ => None,
    }
}

/// A function of one number.
type Function = fn(f64) -> f64;

/// What has a name. Burn records the plain ones as one operation; by hand they are several.
const FUNCTIONS: [(Activation, Function); 19] = [
    (Activation::Silu, |x| x * sigmoid(x)),
    (Activation::Gelu, gelu),
    (Activation::GeluTanh, |x| {
        0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
    }),
    (Activation::GeluSigmoid, |x| x * sigmoid(1.702 * x)),
    (Activation::Mish, |x| x * softplus(x).tanh()),
    (Activation::Softplus, softplus),
    (Activation::Softsign, |x| x / (1.0 + x.abs())),
    (Activation::Elu, |x| if x < 0.0 { x.exp_m1() } else { x }),
    (Activation::Selu, |x| {
        1.050_700_987_355_480_5 * if x < 0.0 { 1.673_263_242_354_377_2 * x.exp_m1() } else { x }
    }),
    (Activation::HardSwish, |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    (Activation::HardSigmoid, |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    (Activation::TanhShrink, |x| x - x.tanh()),
    (Activation::Sigmoid, sigmoid),
    (Activation::Tanh, f64::tanh),
    (Activation::Relu, |x| x.max(0.0)),
    (Activation::Relu6, |x| x.clamp(0.0, 6.0)),
    (Activation::LeakyRelu, |x| if x < 0.0 { 0.01 * x } else { x }),
    (Activation::SquaredRelu, |x| x.max(0.0).powi(2)),
    (Activation::LogSigmoid, |x| sigmoid(x).ln()),
];

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    x.exp().ln_1p()
}

fn gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2))
}

/// To seven digits: formula 7.1.26 of Abramowitz and Stegun.
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let terms = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    (1.0 - sum * (-x * x).exp()).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_functions_are_taken_for_each_other() {
        for (place, (one, f)) in FUNCTIONS.iter().enumerate() {
            for (other, g) in &FUNCTIONS[place + 1..] {
                let apart =
                    POINTS.iter().map(|&x| (f(x) - g(x)).abs() / (1.0 + g(x).abs())).fold(0.0, f64::max);
                assert!(apart > 2.0 * TOLERANCE, "{one:?} and {other:?}: {apart}");
            }
        }
    }

    #[test]
    fn the_error_function_is_exact_enough() {
        for (x, y) in [(0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (-2.0, -0.995_322_265_0), (0.0, 0.0)] {
            assert!((erf(x) - y).abs() < 2e-7, "{x}: {}", erf(x));
        }
    }
}
