//! Tensors that grow by a position at a time, and whose rows change places, in place.

use std::collections::HashMap;

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

/// Takes some rows of the batch, in any order and as often as is said. Room for more positions stays, and as long as nobody else has
/// the tensor, a row that stays where it is isn't touched.
pub(crate) fn reorder(mut past: FlexTensor, rows: &[usize]) -> FlexTensor {
    let [batch, heads, length, d_k] = past.shape().dims::<4>();
    assert!(rows.iter().all(|row| *row < batch), "rows {rows:?} of {batch}");
    let room = room(&past);
    if let Some(room) = room.filter(|_| rows.len() == batch && past.is_unique()) {
        move_rows(past.storage_mut(), rows, [heads, room, length, d_k]);
        return past;
    }
    let room = room.unwrap_or(length);
    let mut chosen = vec![0.0; rows.len() * heads * room * d_k];
    for (to, from) in chosen.chunks_exact_mut((heads * room * d_k).max(1)).zip(rows) {
        write(to, &past.narrow(0, *from, 1), room, 0);
    }
    let strides = [heads * room * d_k, room * d_k, d_k, 1].map(|stride| stride as isize);
    let layout = Layout::new(Shape::from([rows.len(), heads, length, d_k]), strides.to_vec(), 0);
    elements::tensor(chosen, [rows.len(), heads, room, d_k]).with_layout(layout)
}

/// Moves rows within a tensor with room. What is overwritten before it is moved is copied first.
fn move_rows(all: &mut [f32], rows: &[usize], [heads, room, length, d_k]: [usize; 4]) {
    let place = |row: usize, head: usize| (row * heads + head) * room * d_k;
    let used = length * d_k;
    let moves = || rows.iter().copied().enumerate().filter(|(to, from)| to != from);
    let mut copies = HashMap::new();
    for (_, from) in moves().filter(|(_, from)| rows[*from] != *from) {
        copies.entry(from).or_insert_with(|| {
            let mut copy = Vec::with_capacity(heads * used);
            (0..heads).for_each(|head| copy.extend_from_slice(&all[place(from, head)..][..used]));
            copy
        });
    }
    for (to, from) in moves() {
        for head in 0..heads {
            match copies.get(&from) {
                Some(copy) => {
                    all[place(to, head)..][..used].copy_from_slice(&copy[head * used..][..used]);
                }
                None => {
                    let start = place(from, head);
                    all.copy_within(start..start + used, place(to, head));
                }
            }
        }
    }
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
