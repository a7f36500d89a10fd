//! What is changed when a program is carried out: a tensor, or a part of it, is replaced.

use std::ops::Range;
use std::sync::Arc;

use burn::backend::ir::TensorIr;
use burn::tensor::TensorData;

use super::error::{EditError, ValueError};
use super::program::{Program, TensorId};

/// A tensor, or a part of it, that is replaced as soon as it is there. What comes after reads what was put in its place.
///
/// ```
/// use burn::backend::{Flex, FlexDevice};
/// use burn::tensor::{Device, Tensor};
/// use graph::Edit;
///
/// let (_, mut program) = graph::capture_program("squares", |session| {
///     let x = session.input("x", Tensor::<1>::zeros([3], session.device()));
///     session.output("sum", (x.clone() * x).sum());
///     Ok(())
/// })?;
/// let of = |values: [f32; 3]| Tensor::<1>::from_floats(values, &Device::flex()).into_data();
/// let squares = program.results(0)[0];
///
/// // One run, and another.
/// program.set_input("x", of([1.0, 2.0, 3.0]))?;
/// let other = program.replay::<Flex>(&FlexDevice)?;
/// program.set_input("x", of([5.0, 7.0, 11.0]))?;
///
/// // The other run with one number of the first: 25 + 4 + 121.
/// let patch = Edit::value(squares, other.value(squares)?).part(0, 1..2);
/// let patched = program.run().edit(patch)?.replay::<Flex>(&FlexDevice)?;
/// assert_eq!(patched.output("sum")?.to_vec::<f32>()?, [150.0]);
///
/// // Without it: 25 + 121.
/// let off = program.run().edit(Edit::zeros(squares).part(0, 1..2))?.replay::<Flex>(&FlexDevice)?;
/// assert_eq!(off.output("sum")?.to_vec::<f32>()?, [146.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Edit {
    tensor: TensorId,
    /// Axes of which only a part is meant.
    part: Vec<(usize, Range<usize>)>,
    by: By,
}

#[derive(Clone, Debug, PartialEq)]
enum By {
    Zeros,
    Through,
    Tensor(TensorId),
    Value(TensorData),
}

impl Edit {
    /// Zeros instead of a tensor; of booleans, `false`.
    pub fn zeros(tensor: TensorId) -> Self {
        Self { tensor, part: Vec::new(), by: By::Zeros }
    }

    /// What the tensor was made of instead of it, as if its operation did nothing. If the operation takes several tensors of
    /// that shape and type, it is the first that is no parameter and no constant.
    pub fn through(tensor: TensorId) -> Self {
        Self { tensor, part: Vec::new(), by: By::Through }
    }

    /// Another tensor of the same program instead of it, which is there before. With what enters a box instead of what leaves it, the
    /// box does nothing.
    pub fn tensor(tensor: TensorId, from: TensorId) -> Self {
        Self { tensor, part: Vec::new(), by: By::Tensor(from) }
    }

    /// A value instead of it, such as that of the same tensor in another run.
    pub fn value(tensor: TensorId, value: TensorData) -> Self {
        Self { tensor, part: Vec::new(), by: By::Value(value) }
    }

    /// Only a part of the tensor is replaced, by the same part of what takes its place: of an axis, outermost is 0, only
    /// these places. Of `[batch, heads, query, key]`, head 3 is `.part(1, 3..4)`, and that of the first sentence alone
    /// `.part(0, 0..1).part(1, 3..4)`.
    pub fn part(mut self, axis: usize, places: Range<usize>) -> Self {
        self.part.push((axis, places));
        self
    }

    /// The same with everything checked.
    pub(super) fn check(self, program: &Program) -> Result<Checked, EditError> {
        let unknown = |tensor: TensorId| EditError::Unknown {
            program: program.name().to_owned(),
            tensor: tensor.number(),
        };
        let known = program.ir(self.tensor).ok_or_else(|| unknown(self.tensor))?;
        let called = || program.called(self.tensor);
        let shape = known.shape.to_vec();
        if let Some((axis, places)) = self.part.iter().find(|(axis, places)| !is_part(*axis, places, &shape))
        {
            let (axis, places) = (*axis, places.clone());
            return Err(EditError::Part { tensor: called(), shape, axis, places });
        }
        let part = (!self.part.is_empty()).then(|| whole(&self.part, &shape));
        let same = |from: TensorId| {
            let from = program.ir(from);
            from.is_some_and(|from| from.shape == known.shape && from.dtype == known.dtype)
        };
        let with = match self.by {
            By::Zeros => With::Zeros,
            By::Value(value) => With::Value(program.fitting(self.tensor, value)?),
            By::Tensor(from) => {
                let found = program.ir(from).ok_or_else(|| unknown(from))?;
                if !same(from) {
                    return Err(mismatch(called(), known, found).into());
                }
                With::Tensor(from)
            }
            By::Through => {
                let through = through(program, self.tensor, same);
                With::Tensor(through.ok_or_else(|| EditError::NoThrough { tensor: called() })?)
            }
        };
        match with {
            With::Tensor(from) if !is_before(program, from, self.tensor) => {
                Err(EditError::NotBefore { tensor: called(), from: program.called(from) })
            }
            with => Ok(Checked { tensor: self.tensor, part, with }),
        }
    }
}

/// An edit that makes sense.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) tensor: TensorId,
    /// A range for each axis.
    pub(super) part: Option<Vec<Range<usize>>>,
    pub(super) with: With,
}

#[derive(Clone, Debug)]
pub(super) enum With {
    Zeros,
    Tensor(TensorId),
    Value(Arc<TensorData>),
}

fn mismatch(tensor: String, known: &TensorIr, found: &TensorIr) -> ValueError {
    if known.shape == found.shape {
        return ValueError::dtype(tensor, known.dtype, super::error::name(found.dtype));
    }
    ValueError::Shape { tensor, expected: known.shape.to_vec(), found: found.shape.to_vec() }
}

/// What the operation of a tensor takes that may stand for it.
fn through(program: &Program, tensor: TensorId, same: impl Fn(TensorId) -> bool) -> Option<TensorId> {
    let operation = program.operations.get(program.step_of(tensor)?)?;
    let fitting: Vec<TensorId> = operation.inputs().map(TensorId::of).filter(|&input| same(input)).collect();
    let is_kept = |input: &TensorId| {
        let parameter = program.parameters().any(|(_, kept)| kept == *input);
        parameter || program.constants().any(|(_, kept)| kept == *input)
    };
    fitting.iter().find(|input| !is_kept(input)).or(fitting.first()).copied()
}

/// Whether a tensor is there when another is made. What is given is there from the beginning, in the order of numbers.
fn is_before(program: &Program, from: TensorId, tensor: TensorId) -> bool {
    match (program.step_of(from), program.step_of(tensor)) {
        (None, None) => from < tensor,
        (from, tensor) => from < tensor,
    }
}

fn is_part(axis: usize, places: &Range<usize>, shape: &[usize]) -> bool {
    shape.get(axis).is_some_and(|&size| places.start <= places.end && places.end <= size)
}

/// A range for each axis.
fn whole(part: &[(usize, Range<usize>)], shape: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = shape.iter().map(|&size| 0..size).collect();
    for (axis, places) in part {
        ranges[*axis] = places.clone();
    }
    ranges
}

/// The pieces of memory that hold a part of a tensor, in elements.
pub(super) fn pieces(shape: &[usize], part: &[Range<usize>]) -> Vec<Range<usize>> {
    let (Some((last, outer)), Some(&width)) = (part.split_last(), shape.last()) else {
        // A single number has no axes.
        return std::iter::once(0..1).collect();
    };
    let mut rows = vec![0];
    for (range, &size) in outer.iter().zip(shape) {
        rows = rows.into_iter().flat_map(|row| range.clone().map(move |index| row * size + index)).collect();
    }
    rows.into_iter().map(|row| row * width + last.start..row * width + last.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_in_pieces() {
        let pieces = |shape: &[usize], part: &[(usize, Range<usize>)]| -> Vec<(usize, usize)> {
            let found = super::pieces(shape, &whole(part, shape));
            found.into_iter().map(|piece| (piece.start, piece.end)).collect()
        };
        assert_eq!(pieces(&[3, 5], &[(0, 1..3), (1, 2..4)]), [(7, 9), (12, 14)]);
        assert_eq!(pieces(&[2, 3, 5], &[(0, 1..2), (1, 0..2)]), [(15, 20), (20, 25)]);
        assert_eq!(pieces(&[2, 3], &[(0, 1..2)]), [(3, 6)]);
        assert_eq!(pieces(&[7], &[(0, 2..2)]), [(2, 2)]);
        assert_eq!(pieces(&[], &[]), [(0, 1)], "a single number");
        assert_eq!(pieces(&[5], &[(0, 0..3), (0, 1..2)]), [(1, 2)], "what is said last is meant");
    }

    #[test]
    fn a_part_lies_within() {
        assert!(is_part(0, &(0..3), &[3, 5]) && is_part(1, &(5..5), &[3, 5]));
        #[allow(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        let backwards = 2..1;
        for (axis, places) in [(0, 0..4), (1, 0..1), (0, backwards)] {
            assert!(!is_part(axis, &places, &[3]), "{axis}, {places:?}");
        }
    }
}
