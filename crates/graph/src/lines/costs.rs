//! What it costs to be in the states of a net, and how that spreads to states that are reached without a token.

use super::net::State;

/// States that are so much dearer than the cheapest are given up.
const GIVEN_UP: u32 = 40;

/// The costs of the states that a way can be in, in the order of the states.
pub(super) type Column = Vec<(State, u32)>;

/// The costs of some states: an entry for every state there is, so that none has to be searched for.
pub(super) struct Costs {
    of: Vec<u32>,
    /// The states that have a cost.
    set: Vec<State>,
}

/// The cost of a state that has none.
const NONE: u32 = u32::MAX;

impl Costs {
    /// No costs; there are so many states.
    pub(super) fn new(states: usize) -> Self {
        Self { of: vec![NONE; states], set: Vec::new() }
    }

    /// The costs of a column alone.
    pub(super) fn load(&mut self, column: &Column) {
        self.clear();
        column.iter().for_each(|&(state, cost)| _ = self.offer(state, cost));
    }

    pub(super) fn clear(&mut self) {
        self.set.drain(..).for_each(|state| self.of[state] = NONE);
    }

    pub(super) fn get(&self, state: State) -> Option<u32> {
        Some(self.of[state]).filter(|&cost| cost != NONE)
    }

    /// Sets the cost of a state, unless it is cheaper already; says whether that is so.
    pub(super) fn offer(&mut self, state: State, cost: u32) -> bool {
        let known = &mut self.of[state];
        if *known == NONE {
            self.set.push(state);
        }
        let is_cheaper = cost < *known;
        if is_cheaper {
            *known = cost;
        }
        is_cheaper
    }

    /// All costs, in the order of the states.
    pub(super) fn column(&mut self) -> Column {
        self.set.sort_unstable();
        self.set.iter().map(|&state| (state, self.of[state])).collect()
    }
}

/// States that are yet to be gone on from, by how much dearer they are than the cheapest.
pub(super) struct Spreader {
    open: Vec<Vec<State>>,
}

impl Spreader {
    pub(super) fn new() -> Self {
        Self { open: vec![Vec::new(); GIVEN_UP as usize + 1] }
    }

    /// Adds what is reached on `edges`, each a state and a price, if it is `inside` at that cost. What is much dearer than
    /// the cheapest goes.
    pub(super) fn spread<'e>(
        &mut self,
        costs: &mut Costs,
        edges: impl Fn(State) -> &'e [(State, u32)],
        inside: impl Fn(State, u32) -> bool,
    ) {
        let Some(best) = costs.set.iter().map(|&state| costs.of[state]).min() else { return };
        let above = |cost: u32| (cost - best) as usize;
        for &state in costs.set.iter().filter(|&&state| costs.of[state] <= best + GIVEN_UP) {
            self.open[above(costs.of[state])].push(state);
        }
        for cost in best..=best + GIVEN_UP {
            while let Some(state) = self.open[above(cost)].pop() {
                // It was reached more cheaply since.
                if costs.of[state] != cost {
                    continue;
                }
                for &(to, price) in edges(state) {
                    let cost = cost + price;
                    if cost <= best + GIVEN_UP && inside(to, cost) && costs.offer(to, cost) {
                        self.open[above(cost)].push(to);
                    }
                }
            }
        }
        let Costs { of, set } = costs;
        set.retain(|&state| {
            let stays = of[state] <= best + GIVEN_UP;
            if !stays {
                of[state] = NONE;
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_way_to_each_state_counts_and_dear_ones_are_given_up() {
        let edges: [&[(State, u32)]; 6] =
            [&[(1, 3), (2, 1)], &[(3, 1)], &[(1, 1)], &[(0, 0), (4, 40)], &[], &[]];
        let mut costs = Costs::new(6);
        costs.offer(0, 7);
        costs.offer(5, 7 + GIVEN_UP + 1);
        Spreader::new().spread(&mut costs, |state| edges[state], |_, _| true);
        assert_eq!(costs.column(), [(0, 7), (1, 9), (2, 8), (3, 10)]);
        Spreader::new().spread(&mut costs, |state| edges[state], |_, _| true);
        assert_eq!(costs.column().len(), 4, "nothing is new");
        costs.clear();
        costs.offer(1, 0);
        Spreader::new().spread(&mut costs, |state| edges[state], |state, _| state != 0);
        assert_eq!((costs.get(3), costs.get(0)), (Some(1), None));
    }
}
