//! What was made long before the layer that alone reads it, and has its like in all layers of the list: an empty cache, a
//! state that begins with zeros. Left where it was made, it would tell layers apart that are the same.

use std::collections::HashMap;

use super::flow::{Flow, Lists};
use super::modules::Path;

/// Gives it its place in the layer. Says what belongs before which child.
pub(super) fn place(flow: &Flow<'_>, lists: Lists, placed: &mut [Option<Path>]) -> Vec<(usize, usize)> {
    let lists: Vec<_> = lists.into_values().filter(|blocks| blocks.len() > 1).collect();
    let mut home: HashMap<usize, (usize, usize)> = HashMap::new();
    for (number, blocks) in lists.iter().enumerate() {
        for (place, block) in blocks.iter().enumerate() {
            home.extend((block.first..=block.last).map(|unit| (unit, (number, place))));
        }
    }
    // By list and block: what the block has for itself.
    let mut own: HashMap<usize, Vec<Vec<usize>>> = HashMap::new();
    for unit in (0..placed.len()).filter(|&unit| placed[unit].is_none()) {
        let Some((list, place)) = reader(flow, &home, unit).filter(|_| flow.made_of_nothing(unit).is_some())
        else {
            continue;
        };
        if unit < lists[list][place].first {
            own.entry(list).or_insert_with(|| vec![Vec::new(); lists[list].len()])[place].push(unit);
        }
    }
    let alike = |a: &Vec<usize>, b: &Vec<usize>| {
        let same = |(&a, &b): (&usize, &usize)| {
            flow.kind(a) == flow.kind(b) && flow.made_of_nothing(a) == flow.made_of_nothing(b)
        };
        a.len() == b.len() && a.iter().zip(b).all(same)
    };
    let mut early = Vec::new();
    for (list, own) in own.into_iter().filter(|(_, own)| own.windows(2).all(|pair| alike(&pair[0], &pair[1])))
    {
        for (block, own) in lists[list].iter().zip(own) {
            for unit in own {
                placed[unit] = Some(block.path.clone());
                early.push((unit, block.first));
            }
        }
    }
    early.sort_unstable();
    early
}

/// The block in which all is that reads a child.
fn reader(flow: &Flow<'_>, home: &HashMap<usize, (usize, usize)>, unit: usize) -> Option<(usize, usize)> {
    let mut readers = flow.users[unit].iter().map(|user| home.get(user.as_ref()?).copied());
    let first = readers.next()??;
    readers.all(|reader| reader == Some(first)).then_some(first)
}
