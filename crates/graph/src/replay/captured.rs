//! From a recording to a program.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use burn::backend::ir::{self, IrVisitorMut, OperationIr, TensorIr, TensorStatus};
use burn::backend::{DType, Shape};

use super::program::{Program, TensorId};
use crate::capture::{ClosureError, Remains, Session, Sizes, Symbol, assemble_whole, record, symbolic_whole};
use crate::error::CaptureError;
use crate::graph::ComputationGraph;
use crate::operation::TensorType;

/// As [`crate::capture`], with the program that the graph is a picture of.
///
/// Nothing is computed here either. Weights come along if the module has some when it is moved to the recording device;
/// otherwise they are told later, see [`Program`]. A batch norm should be told them: clones share its running statistics,
/// and with one of them moved, all would be left on the recording device.
///
/// ```
/// use burn::backend::{Flex, FlexDevice};
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let linear = LinearConfig::new(3, 2).init(&device);
/// let (graph, mut program) = graph::capture_program("linear", |session| {
///     let linear = linear.clone().to_device(session.device());
///     session.parameters(&linear);
///     let x = session.input("x", Tensor::<2>::zeros([5, 3], session.device()));
///     session.output("y", linear.forward(x));
///     Ok(())
/// })?;
/// assert_eq!(graph.count("matmul"), 1);
///
/// let x = Tensor::<2>::ones([5, 3], &device);
/// program.set_input("x", x.to_data())?;
/// let replayed = program.replay::<Flex>(&FlexDevice)?;
/// let y = Tensor::<2>::from_data(replayed.output("y")?, &device);
/// assert!(y.all_close(linear.forward(x), None, Some(1e-6)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`crate::capture`].
pub fn capture_program<F>(name: &str, closure: F) -> Result<(ComputationGraph, Program), CaptureError>
where
    F: FnOnce(&Session) -> Result<(), ClosureError>,
{
    let (graph, remains) = record(name, true, closure).and_then(assemble_whole)?;
    Ok((ComputationGraph::new(graph), program(name, remains)))
}

/// As [`crate::capture_symbolic`], with the program at the first of the two sizes: [`Program::types`] then has names for the
/// axes of its tensors.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Tensor;
/// use graph::Symbol;
///
/// let symbols = [Symbol::new("rows", 5, 7), Symbol::new("width", 3, 11)];
/// let (graph, program) = graph::capture_program_symbolic("linear", &symbols, |session, sizes| {
///     let linear = LinearConfig::new(sizes["width"], 2).init(session.device());
///     session.parameters(&linear);
///     let x = Tensor::<2>::zeros([sizes["rows"], sizes["width"]], session.device());
///     session.output("y", linear.forward(session.input("x", x)));
///     Ok(())
/// })?;
/// let y = program.output("y").unwrap().number();
/// assert_eq!(program.types(&graph)[y].to_string(), "[rows, 2]");
/// # Ok::<(), graph::CaptureError>(())
/// ```
///
/// # Errors
///
/// As [`crate::capture_symbolic`].
pub fn capture_program_symbolic<F>(
    name: &str,
    symbols: &[Symbol],
    closure: F,
) -> Result<(ComputationGraph, Program), CaptureError>
where
    F: Fn(&Session, &Sizes) -> Result<(), ClosureError>,
{
    let (graph, remains) = symbolic_whole(name, symbols, closure)?;
    Ok((graph, program(name, remains)))
}

/// Tensors by the ids that Burn gave them, which are others each time, and their numbers here, which aren't.
#[derive(Default)]
struct Numbers {
    known: HashMap<ir::TensorId, TensorId>,
    tensors: Vec<TensorIr>,
}

impl Numbers {
    /// A new number.
    fn next(&mut self, tensor: &TensorIr) -> TensorId {
        let id = TensorId::new(self.tensors.len());
        self.tensors.push(TensorIr { id: id.ir(), status: TensorStatus::ReadOnly, ..tensor.clone() });
        id
    }

    /// The number of a tensor that is given; a new one if it is met for the first time.
    fn of(&mut self, tensor: &TensorIr) -> TensorId {
        if let Some(&known) = self.known.get(&tensor.id) {
            return known;
        }
        let id = self.next(tensor);
        self.known.insert(tensor.id, id);
        id
    }
}

fn program(name: &str, mut remains: Remains) -> Program {
    let seen: HashMap<ir::TensorId, TensorIr> =
        remains.recorded.iter().flat_map(|op| op.nodes()).map(|tensor| (tensor.id, tensor.clone())).collect();
    let mut numbers = Numbers::default();
    let mut declared = |id: ir::TensorId, tensor: &TensorType| match seen.get(&id) {
        Some(tensor) => numbers.of(tensor),
        None => numbers.of(&unread(id, tensor)),
    };
    let inputs: Vec<_> =
        remains.inputs.iter().map(|input| (input.name.clone(), declared(input.id, &input.tensor))).collect();
    let parameters: Vec<_> = remains
        .parameters
        .iter()
        .map(|(id, parameter)| (parameter.paths.clone(), declared(*id, &parameter.tensor)))
        .collect();
    let given: HashSet<ir::TensorId> = numbers.known.keys().copied().collect();
    let wanted = wanted(&remains, &given);
    let mut names: HashMap<ir::TensorId, String> =
        remains.constants.iter().map(|constant| (constant.id, constant.name.clone())).collect();
    let (mut constants, mut operations) = (Vec::new(), Vec::new());
    for (mut operation, _) in
        std::mem::take(&mut remains.recorded).into_iter().zip(wanted).filter(|(_, w)| *w)
    {
        if let OperationIr::Init(init) = &operation {
            if !given.contains(&init.out.id) {
                constants.push((names.remove(&init.out.id), numbers.of(&init.out)));
            }
            continue;
        }
        // What nobody gave and nobody made is a constant without a value.
        for tensor in operation
            .inputs()
            .filter(|tensor| !numbers.known.contains_key(&tensor.id))
            .cloned()
            .collect::<Vec<_>>()
        {
            constants.push((names.remove(&tensor.id), numbers.of(&tensor)));
        }
        renumber(&mut operation, &mut numbers);
        operations.push(operation);
    }
    // In the order of their numbers, whatever the order of a hash.
    let mut computed: Vec<_> = names
        .into_iter()
        .filter_map(|(id, name)| {
            Some((Some(name), *numbers.known.get(&id).filter(|_| !given.contains(&id))?))
        })
        .collect();
    computed.sort_by_key(|(_, tensor)| *tensor);
    constants.extend(computed);
    let known = |id: &ir::TensorId| numbers.known.get(id).copied();
    let outputs =
        remains.outputs.iter().filter_map(|output| Some((output.name.clone(), known(&output.id)?))).collect();
    let shown = remains.results.iter().map(|ids| ids.iter().filter_map(known).collect()).collect();
    let values = remains.values.into_iter();
    let values = values.filter_map(|(id, value)| Some((known(&id)?, Arc::new(value)))).collect();
    let made_by = Program::makers(numbers.tensors.len(), &operations);
    let name = name.to_owned();
    let tensors = numbers.tensors;
    Program { name, tensors, inputs, parameters, constants, operations, outputs, shown, made_by, values }
}

/// Which recorded operations belong to the program: those of the graph, and those that make what these read.
fn wanted(remains: &Remains, given: &HashSet<ir::TensorId>) -> Vec<bool> {
    let mut needed: HashSet<ir::TensorId> = remains.outputs.iter().map(|output| output.id).collect();
    let mut wanted = vec![false; remains.recorded.len()];
    for (number, operation) in remains.recorded.iter().enumerate().rev() {
        let mut results = operation.outputs().map(|tensor| tensor.id);
        wanted[number] =
            !remains.initial[number] || results.any(|id| needed.contains(&id) && !given.contains(&id));
        if wanted[number] {
            needed.extend(operation.inputs().map(|tensor| tensor.id));
        }
    }
    wanted
}

/// A tensor that no operation has to do with.
fn unread(id: ir::TensorId, tensor: &TensorType) -> TensorIr {
    let sizes: Vec<usize> = tensor.axes.iter().map(|axis| axis.size).collect();
    TensorIr::uninit(id, Shape::from(sizes), DType::F32)
}

/// Gives the tensors of an operation their numbers. A result that stands for something given gets a number of its own,
/// so that nothing is made twice.
fn renumber(operation: &mut OperationIr, numbers: &mut Numbers) {
    struct Visitor<'a> {
        numbers: &'a Numbers,
        results: HashMap<ir::TensorId, TensorId>,
    }
    impl IrVisitorMut for Visitor<'_> {
        fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
            let (id, status) = match self.results.get(&tensor.id) {
                Some(&result) => (Some(result), TensorStatus::NotInit),
                None => (self.numbers.known.get(&tensor.id).copied(), TensorStatus::ReadOnly),
            };
            if let Some(id) = id {
                (tensor.id, tensor.status) = (id.ir(), status);
            }
        }
    }
    let mut results = HashMap::new();
    for tensor in operation.outputs() {
        let id = numbers.next(tensor);
        numbers.known.entry(tensor.id).or_insert(id);
        results.insert(tensor.id, id);
    }
    operation.visit_mut(&mut Visitor { numbers, results });
}
