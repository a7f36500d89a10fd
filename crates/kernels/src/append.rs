//! Tensors that grow by a position at a time, in place.

use burn::backend::TensorMetadata;
use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::Shape;

use crate::elements;

/// Positions for which there is room at first, and a factor by which it grows.
const ROOM: (usize, usize) = (16, 2);

/// Joins `[batch, heads, length, d_k]` and `[batch, heads, more, d_k]` along the third axis. There is room behind the positions of
/// what comes out, so that the next ones are written there, unless somebody else has the tensor by then.
pub(crate) fn append(past: FlexTensor, new: &FlexTensor) -> FlexTensor {
    let [batch, heads, length, d_k] = past.shape().dims::<4>();
    let [_, _, more, _] = new.shape().dims::<4>();
    assert_eq!(
        new.shape().dims::<4>(),
        [batch, heads, more, d_k],
        "what is appended to {:?} has another shape",
        past.shape()
    );
    let (mut grown, room) = match room(&past) {
        Some(room) if room >= length + more && past.is_unique() => (past, room),
        _ => {
            let room = ((length + more) * ROOM.1).max(ROOM.0);
            let mut larger = vec![0.0; batch * heads * room * d_k];
            write(&mut larger, &past, room, 0);
            (elements::tensor(larger, [batch, heads, room, d_k]), room)
        }
    };
    write(grown.storage_mut(), new, room, length);
    let strides = [heads * room * d_k, room * d_k, d_k, 1].map(|stride| stride as isize);
    let shape = Shape::from([batch, heads, length + more, d_k]);
    grown.with_layout(Layout::new(shape, strides.to_vec(), 0))
}

/// For how many positions there is room, if the tensor is one that was appended to.
fn room(tensor: &FlexTensor) -> Option<usize> {
    let [batch, heads, _, d_k] = tensor.shape().dims::<4>();
    let layout = tensor.layout();
    let strides = [0, 1, 2, 3].map(|axis| usize::try_from(layout.strides()[axis]).unwrap_or(0));
    let room = strides[1].checked_div(d_k)?;
    let is_ours = strides == [heads * room * d_k, room * d_k, d_k, 1]
        && layout.start_offset() == 0
        && tensor.storage::<f32>().len() == batch * heads * room * d_k;
    is_ours.then_some(room)
}

/// Writes positions of each head to where they belong, from `first` on.
fn write(to: &mut [f32], from: &FlexTensor, room: usize, first: usize) {
    let [batch, heads, length, d_k] = from.shape().dims::<4>();
    let from = elements::strided(from.clone());
    let all = &from.storage::<f32>()[from.layout().start_offset()..];
    let strides: [usize; 4] = elements::strides(&from);
    for sentence in 0..batch {
        for head in 0..heads {
            for position in 0..length {
                let start = sentence * strides[0] + head * strides[1] + position * strides[2];
                let to = &mut to[((sentence * heads + head) * room + first + position) * d_k..][..d_k];
                if strides[3] == 1 {
                    to.copy_from_slice(&all[start..start + d_k]);
                } else {
                    to.iter_mut().enumerate().for_each(|(k, to)| *to = all[start + k * strides[3]]);
                }
            }
        }
    }
}
