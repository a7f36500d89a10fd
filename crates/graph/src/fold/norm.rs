//! Normalisations that are several operations: by burn-nn's own modules, or by hand.
//!
//! All of them divide a tensor by something computed of that tensor: the root of a mean of squares. What is subtracted
//! first, and over which axes the mean is taken, says which one it is.

use super::cone::{Cone, are_free, of_type, parameter_behind, sizes};
use super::field::field;
use super::pattern::{Norm, Pattern};
use super::tree::Tree;
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};
use crate::operation::Operation;

/// No form of a norm takes more operations.
const LONGEST: usize = 28;

/// Groups every norm with its parameters and the reshapes around it.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let mut taken = vec![false; captured.operation_count()];
    for root in (0..captured.operation_count()).rev() {
        if taken[root] || !can_end(captured.operation(root)) {
            continue;
        }
        let Some((members, norm, name)) = ending_at(captured, wiring, root) else { continue };
        let parent = tree.items[tree.leaves[root]].parent;
        let together = members.iter().all(|&m| tree.items[tree.leaves[m]].parent == parent && !taken[m]);
        if together && are_free(tree, &members) {
            members.iter().for_each(|&member| taken[member] = true);
            tree.group(wiring, Pattern::Norm(norm), &name, &members);
        }
    }
}

fn can_end(operation: &Operation) -> bool {
    matches!(operation.kind.as_str(), "mul" | "div" | "add" | "reshape" | "cast")
}

/// The norm that ends with operation `root`: its operations, what it is, and the field that it is in.
fn ending_at(captured: &Captured, wiring: &Wiring, root: usize) -> Option<(Vec<usize>, Norm, String)> {
    let shape = sizes(captured, root);
    let enters = |number: usize| is_step(captured, wiring, number);
    let follows = |_: usize, argument: Argument| parameter_behind(captured, wiring, argument).is_none();
    if !enters(root) {
        return None;
    }
    let mut cone = Cone::new(captured, wiring, root, follows);
    loop {
        let whole = cone.source_type().is_some_and(|tensor| of_type(tensor) == shape);
        if whole && let Some(norm) = what(captured, wiring, &cone, &shape) {
            let found = extended(captured, wiring, root, cone.members.len(), &shape).unwrap_or((cone, norm));
            let (cone, norm) = found;
            let mut members = cone.list();
            members.extend(prepared(captured, wiring, &members));
            return cone.is_private().then(|| {
                let name = name(captured, wiring, &cone).unwrap_or_else(|| Pattern::Norm(norm).key());
                (members, norm, name)
            });
        }
        if cone.members.len() >= LONGEST || !cone.step(enters, follows) {
            return None;
        }
    }
}

/// The same, with the mean that was subtracted before: what is divided then is no longer the tensor itself.
fn extended<'a>(
    captured: &'a Captured,
    wiring: &'a Wiring,
    root: usize,
    from: usize,
    shape: &[usize],
) -> Option<(Cone<'a>, Norm)> {
    let enters = |number: usize| is_step(captured, wiring, number);
    let follows = |_: usize, argument: Argument| parameter_behind(captured, wiring, argument).is_none();
    let mut cone = Cone::new(captured, wiring, root, follows);
    while cone.members.len() < from {
        cone.step(enters, follows);
    }
    let is_difference = |argument: Argument| match argument.place {
        Place::Operation(number) => captured.operation(number).kind == "sub" && enters(number),
        _ => false,
    };
    if !cone.source().is_some_and(is_difference) {
        return None;
    }
    while cone.members.len() < from + 6 && cone.step(enters, follows) {
        let whole = cone.source_type().is_some_and(|tensor| of_type(tensor) == shape);
        if whole && let Some(norm) = what(captured, wiring, &cone, shape).filter(|&norm| norm != Norm::Rms) {
            return Some((cone, norm));
        }
    }
    None
}

/// Whether an operation may be part of a norm. Of two tensors, one must be smaller than the result (a mean, a root), or
/// a parameter, or the same as the other (a square): the sum of a tensor with its norm is no part of it.
fn is_step(captured: &Captured, wiring: &Wiring, number: usize) -> bool {
    let operation = captured.operation(number);
    match operation.kind.as_str() {
        "sqrt" | "recip" | "mean_dim" | "sum_dim" | "sum_dims" | "add_scalar" | "clamp_min" | "cast"
        | "expand" | "reshape" | "div_scalar" | "mul_scalar" | "powi_scalar" | "powf_scalar" | "neg" => true,
        "mul" | "div" | "sub" | "add" => {
            let &[a, b] = wiring.arguments[number].as_slice() else { return false };
            let size = |argument: Argument| {
                // A mean may have been brought back to its tensor's size.
                let expanded = match argument.place {
                    Place::Operation(source) if captured.operation(source).kind == "expand" => {
                        captured.operation(source).inputs.first()
                    }
                    _ => captured.tensor(captured.node(argument.place), argument.output),
                };
                expanded.map_or(0, |tensor| tensor.elements())
            };
            let whole: usize = sizes(captured, number).iter().product();
            let of_parameter = [a, b].iter().any(|&a| parameter_behind(captured, wiring, a).is_some());
            let reduced = operation.kind != "add" && (size(a) < whole || size(b) < whole);
            of_parameter || reduced || (operation.kind == "mul" && a == b)
        }
        _ => false,
    }
}

/// Which norm it is, if it is one.
fn what(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>, shape: &[usize]) -> Option<Norm> {
    let operations = || cone.members.iter().map(|&number| (number, captured.operation(number)));
    let power =
        |wanted: f64| operations().any(|(_, o)| o.kind.starts_with("pow") && o.value() == Some(wanted));
    let root = cone.has("sqrt") || power(0.5) || power(-0.5);
    let divides = cone.has("div") || cone.has("recip") || power(-0.5);
    if !root || !divides {
        return None;
    }
    let of_two = |number: usize| wiring.arguments[number].len() == 2;
    if has_running_statistics(captured, wiring, cone) {
        return Some(Norm::Batch);
    }
    let product = operations()
        .any(|(n, o)| o.kind == "mul" && of_two(n) && wiring.arguments[n][0] == wiring.arguments[n][1]);
    let reductions: Vec<&Operation> = operations()
        .map(|(_, o)| o)
        .filter(|o| matches!(o.kind.as_str(), "mean_dim" | "sum_dim" | "sum_dims"))
        .collect();
    if !(power(2.0) || product) || reductions.is_empty() {
        return None;
    }
    let means = cone.has("mean_dim") || cone.has("div_scalar") || cone.has("mul_scalar");
    let centred = operations().any(|(n, o)| {
        let of_parameter = |&argument: &Argument| parameter_behind(captured, wiring, argument).is_some();
        o.kind == "sub" && of_two(n) && !wiring.arguments[n].iter().any(of_parameter)
    });
    match (centred, means) {
        (false, false) => Some(Norm::Length),
        (false, true) => Some(Norm::Rms),
        (true, _) => Some(over(captured, wiring, cone, &reductions, shape)),
    }
}

/// Whether it subtracts and divides by parameters, as a batch norm does when it isn't trained.
fn has_running_statistics(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> bool {
    let reads = |kind: &str| {
        cone.members.iter().any(|&number| {
            let arguments = &wiring.arguments[number];
            let last = arguments.last().copied();
            captured.operation(number).kind == kind
                && arguments.len() == 2
                && last.is_some_and(|argument| behind_root(captured, wiring, argument).is_some())
        })
    };
    let subtracts = cone.members.iter().any(|&number| {
        let arguments = &wiring.arguments[number];
        captured.operation(number).kind == "sub"
            && arguments.len() == 2
            && parameter_behind(captured, wiring, arguments[1]).is_some()
    });
    subtracts && (reads("div") || reads("mul"))
}

/// The parameter whose root an argument is, directly or as a reciprocal.
fn behind_root(captured: &Captured, wiring: &Wiring, argument: Argument) -> Option<usize> {
    let (mut argument, mut root) = (argument, false);
    loop {
        let Place::Operation(number) = argument.place else {
            return parameter_behind(captured, wiring, argument).filter(|_| root);
        };
        let operation = captured.operation(number);
        let passes = match operation.kind.as_str() {
            "sqrt" => {
                root = true;
                true
            }
            "powf_scalar" | "powi_scalar" => {
                root |= matches!(operation.value(), Some(0.5 | -0.5));
                root
            }
            "recip" | "add_scalar" | "clamp_min" => true,
            _ => operation.is_movement() && !operation.joins(),
        };
        argument = *wiring.arguments[number].first().filter(|_| passes)?;
    }
}

/// Which norm it is by the axes over which the means are taken.
fn over(
    captured: &Captured,
    wiring: &Wiring,
    cone: &Cone<'_>,
    reductions: &[&Operation],
    shape: &[usize],
) -> Norm {
    let widest = reductions.iter().filter_map(|o| o.inputs.first()).max_by_key(|t| t.elements());
    let Some(read) = widest.map(of_type) else { return Norm::Layer };
    let mut axes: Vec<usize> = reductions.iter().flat_map(|operation| axes(operation)).collect();
    axes.sort_unstable();
    axes.dedup();
    let rank = read.len();
    if read != shape {
        let channels = shape.get(1).copied().unwrap_or(1);
        let last_alone = axes == [rank - 1] && read.last() == shape.last();
        return match read.get(1) {
            Some(_) if last_alone || rank < 3 => Norm::Layer,
            Some(&groups) if groups == channels => Norm::Instance,
            _ => Norm::Group,
        };
    }
    if axes.first() == Some(&0) && rank > 1 {
        return Norm::Batch;
    }
    let behind_channels = rank > 2 && axes.first() == Some(&2) && axes.len() == rank - 2;
    if behind_channels && (rank > 3 || scales_channels(captured, wiring, cone)) {
        Norm::Instance
    } else {
        Norm::Layer
    }
}

/// The axes that a reduction takes away.
fn axes(operation: &Operation) -> Vec<usize> {
    let text = operation.attribute("axis").or_else(|| operation.attribute("axes")).unwrap_or_default();
    text.trim_matches(['[', ']']).split(',').filter_map(|axis| axis.trim().parse().ok()).collect()
}

/// Whether a parameter of the norm has a value for every channel, the second axis.
fn scales_channels(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> bool {
    cone.members.iter().flat_map(|&number| &wiring.arguments[number]).any(|&argument| {
        let tensor = captured.tensor(captured.node(argument.place), argument.output);
        parameter_behind(captured, wiring, argument).is_some()
            && tensor.is_some_and(|t| t.axes.len() > 2 && t.axes[1].size > 1 && t.axes[2].size == 1)
    })
}

/// What brings the parameters into the form in which the members read them, if nobody else reads that.
fn prepared(captured: &Captured, wiring: &Wiring, members: &[usize]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for argument in members.iter().flat_map(|&member| &wiring.arguments[member]) {
        let (mut argument, mut chain) = (*argument, Vec::new());
        if parameter_behind(captured, wiring, argument).is_none() {
            continue;
        }
        while let Place::Operation(number) = argument.place {
            let ours = |user: &usize| members.contains(user) || chain.contains(user);
            if members.contains(&number) || !wiring.users[number].iter().all(ours) {
                break;
            }
            chain.push(number);
            let Some(&before) = wiring.arguments[number].first() else { break };
            argument = before;
        }
        found.extend(chain);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The field of the module whose parameters are read.
fn name(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> Option<String> {
    let arguments = cone.members.iter().flat_map(|&number| &wiring.arguments[number]);
    let parameter = arguments.filter_map(|&argument| parameter_behind(captured, wiring, argument)).min();
    field(captured, parameter?)
}
