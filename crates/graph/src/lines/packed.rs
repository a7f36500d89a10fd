//! A net as it is searched: a state that leads to one other alone, and for free, is one with it, and the edges of each
//! state lie side by side.

use super::net::{Edge, Net, State, What};

/// A net, with states of its own.
pub(super) struct Packed<'a> {
    pub(super) states: usize,
    pub(super) start: State,
    pub(super) end: Option<State>,
    free: Lists<(State, u32)>,
    back: Lists<(State, u32)>,
    acts: Lists<(State, &'a What)>,
}

impl<'a> Packed<'a> {
    pub(super) fn new(net: &'a Net) -> Self {
        let stands = stands(net);
        let mut numbers = vec![0; stands.len()];
        let mut states = 0;
        // The order stays.
        for state in (0..stands.len()).filter(|&state| stands[state] == state) {
            numbers[state] = states;
            states += 1;
        }
        let number = |state: State| numbers[stands[state]];
        let (mut free, mut back, mut acts) = (Vec::new(), Vec::new(), Vec::new());
        for state in (0..stands.len()).filter(|&state| stands[state] == state) {
            let from = numbers[state];
            for Edge { to, what } in &net.edges[state] {
                let to = number(*to);
                match what {
                    What::Free(_) if to == from => {}
                    What::Free(price) => {
                        free.push((from, (to, *price)));
                        back.push((to, (from, *price)));
                    }
                    what => acts.push((from, (to, what))),
                }
            }
        }
        Self {
            states,
            start: number(net.start),
            end: net.end.map(number),
            free: Lists::new(states, &free),
            back: Lists::new(states, &back),
            acts: Lists::new(states, &acts),
        }
    }

    /// The states that are reached from one without a token, and at what price.
    pub(super) fn free(&self, state: State) -> &[(State, u32)] {
        self.free.of(state)
    }

    /// The states from which one is reached without a token, and at what price.
    pub(super) fn back(&self, state: State) -> &[(State, u32)] {
        self.back.of(state)
    }

    /// The states that are reached from one with a token, and what that is.
    pub(super) fn acts(&self, state: State) -> &[(State, &'a What)] {
        self.acts.of(state)
    }
}

/// For each state the one that it is one with.
fn stands(net: &Net) -> Vec<State> {
    let mut stands: Vec<Option<State>> = vec![None; net.edges.len()];
    for first in 0..net.edges.len() {
        let (mut at, mut way) = (first, Vec::new());
        while stands[at].is_none() {
            // A circle ends where it began.
            stands[at] = Some(at);
            let [Edge { to, what: What::Free(0) }] = net.edges[at][..] else { break };
            way.push(at);
            at = to;
        }
        let last = stands[at];
        way.into_iter().for_each(|state| stands[state] = last);
    }
    stands.into_iter().enumerate().map(|(state, stands)| stands.unwrap_or(state)).collect()
}

/// A list for each state, all in one piece.
struct Lists<T> {
    all: Vec<T>,
    /// Where each list begins, and where the last one ends.
    begins: Vec<usize>,
}

impl<T: Copy> Lists<T> {
    /// Sorts items by their states, each list in the order of the items.
    fn new(states: usize, items: &[(State, T)]) -> Self {
        let mut begins = vec![0; states + 1];
        items.iter().for_each(|&(state, _)| begins[state + 1] += 1);
        for state in 0..states {
            begins[state + 1] += begins[state];
        }
        let (mut next, mut order) = (begins.clone(), vec![0; items.len()]);
        for (item, &(state, _)) in items.iter().enumerate() {
            order[next[state]] = item;
            next[state] += 1;
        }
        Self { all: order.into_iter().map(|item| items[item].1).collect(), begins }
    }

    fn of(&self, state: State) -> &[T] {
        &self.all[self.begins[state]..self.begins[state + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_in_a_row_are_one() {
        let mut net = Net::default();
        let [start, a, b, c, end] = [(); 5].map(|()| net.state());
        net.free(start, a);
        net.free(a, b);
        net.edge(b, c, What::Word(0, 0, 0));
        net.edge(b, end, What::Free(3));
        net.free(c, end);
        (net.start, net.end) = (start, Some(end));
        let packed = Packed::new(&net);
        assert_eq!((packed.states, packed.start, packed.end), (2, 0, Some(1)));
        assert_eq!((packed.free(0), packed.free(1)), (&[(1, 3)][..], &[][..]));
        assert_eq!((packed.back(1), packed.acts(0).len(), packed.acts(0)[0].0), (&[(0, 3)][..], 1, 1));
    }

    #[test]
    fn a_circle_of_nothing_is_one_state() {
        let mut net = Net::default();
        let [start, a, b] = [(); 3].map(|()| net.state());
        net.free(start, a);
        net.free(a, b);
        net.free(b, a);
        let packed = Packed::new(&net);
        assert_eq!((packed.states, packed.start, packed.free(0).len()), (1, 0, 0));
    }
}
