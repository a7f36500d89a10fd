//! A tree over all operations: scopes, recognised groups, single operations.

use std::collections::HashSet;

use super::pattern::Pattern;
use super::wiring::Wiring;
use crate::captured::{Captured, ScopeId};

pub(crate) type ItemId = usize;

/// What an item of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A span; the root too.
    Scope(ScopeId),
    /// Operations whose parameters are in the same module, where there are no spans.
    Module,
    /// A recognised group.
    Pattern(Pattern),
    /// A single operation.
    Operation(usize),
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) what: What,
    pub(crate) name: String,
    /// Its number among the siblings of its name, if there are several: its own in the list that holds the module, or
    /// else by the order of the calls.
    pub(crate) index: Option<usize>,
    /// Whether that is its own number.
    pub(crate) own: bool,
    /// The number that a reader is told.
    pub(crate) shown: Option<usize>,
    /// The so manieth call of the same module among its siblings, counted from one.
    pub(crate) call: usize,
    pub(crate) parent: Option<ItemId>,
    pub(crate) children: Vec<ItemId>,
    /// First operation, in program order.
    pub(crate) first: usize,
    /// What the whole of a scope was recognised as.
    pub(crate) recognised: Option<Pattern>,
    /// Number of children that are not dead ends.
    live: usize,
}

/// The tree over all operations: each is in exactly one place.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) items: Vec<Item>,
    /// The item of each operation.
    pub(crate) leaves: Vec<ItemId>,
    /// Whether each operation only makes masks.
    pub(crate) masks: Vec<bool>,
    /// New items that their parents don't list yet.
    adopted: Vec<ItemId>,
}

impl Tree {
    pub(crate) const ROOT: ItemId = 0;

    /// The operations in their scopes, nothing recognised yet.
    pub(super) fn of_scopes(captured: &Captured, wiring: &Wiring) -> Self {
        let scopes = &captured.scopes;
        let item = |what, name: &str| Item {
            what,
            name: name.to_owned(),
            index: None,
            own: false,
            shown: None,
            call: 1,
            parent: None,
            children: Vec::new(),
            first: usize::MAX,
            recognised: None,
            live: 0,
        };
        let mut items: Vec<_> =
            scopes.iter().enumerate().map(|(id, scope)| item(What::Scope(id), &scope.name)).collect();
        for (id, scope) in scopes.iter().enumerate() {
            items[id].parent = scope.parent;
        }
        let homes = homes(captured, wiring);
        let mut leaves = Vec::with_capacity(homes.len());
        for (number, &home) in homes.iter().enumerate() {
            leaves.push(items.len());
            items.push(Item {
                parent: Some(home),
                first: number,
                ..item(What::Operation(number), &captured.operation(number).kind)
            });
        }
        // A parent comes before its children, so that going backwards settles the children first.
        for id in (1..items.len()).rev() {
            if let Some(parent) = items[id].parent {
                items[parent].first = items[parent].first.min(items[id].first);
                items[parent].children.push(id);
            }
        }
        let firsts: Vec<_> = items.iter().map(|item| item.first).collect();
        for item in &mut items {
            item.children.sort_by_key(|&child| (firsts[child], child));
            // A scope whose operations were all given to the scopes that read them.
            item.children.retain(|&child| firsts[child] != usize::MAX);
        }
        for id in 0..items.len() {
            let dead = |&&child: &&ItemId| matches!(items[child].what, What::Operation(n) if !wiring.live[n]);
            items[id].live = items[id].children.len() - items[id].children.iter().filter(dead).count();
        }
        Self { items, leaves, masks: vec![false; captured.operation_count()], adopted: Vec::new() }
    }

    /// Puts `members`, children of one item, into a new item in the place of the first. If they are all its children,
    /// the item itself is recognised instead, unless it is the root. Does nothing if something outside stands between the members.
    pub(crate) fn group(&mut self, wiring: &Wiring, pattern: Pattern, name: &str, members: &[usize]) {
        let mut members: Vec<_> = members.to_vec();
        members.sort_unstable();
        members.dedup();
        let Some(parent) = members.first().and_then(|&first| self.items[self.leaves[first]].parent) else {
            return;
        };
        let together = members.iter().all(|&number| self.items[self.leaves[number]].parent == Some(parent));
        if !together || !is_convex(wiring, &members) {
            return;
        }
        let live = members.iter().filter(|&&number| wiring.live[number]).count();
        // The whole program is not called after the one thing in it.
        if self.items[parent].live <= live && parent != Self::ROOT {
            self.items[parent].recognised = Some(pattern);
            return;
        }
        let ids: Vec<_> = members.iter().map(|&number| self.leaves[number]).collect();
        self.adopt(parent, What::Pattern(pattern), name, &ids);
        self.items[parent].live -= live.saturating_sub(1);
    }

    /// Puts `members`, children of `parent` in program order, into a new item. The parent's list of children follows
    /// when [`Tree::settle`] is called.
    pub(crate) fn adopt(&mut self, parent: ItemId, what: What, name: &str, members: &[ItemId]) -> ItemId {
        let id = self.items.len();
        self.items.push(Item {
            what,
            name: name.to_owned(),
            index: None,
            own: false,
            shown: None,
            call: 1,
            parent: Some(parent),
            children: members.to_vec(),
            first: members.iter().map(|&member| self.items[member].first).min().unwrap_or(usize::MAX),
            recognised: None,
            live: members.len(),
        });
        for &member in members {
            self.items[member].parent = Some(id);
        }
        self.adopted.push(id);
        id
    }

    /// Brings the lists of children up to date, all at once: one by one would take the square of their length.
    pub(super) fn settle(&mut self) {
        let mut changed: Vec<ItemId> = Vec::new();
        for id in std::mem::take(&mut self.adopted) {
            if let Some(parent) = self.items[id].parent {
                self.items[parent].children.push(id);
                changed.push(parent);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        for parent in changed {
            let mut children = std::mem::take(&mut self.items[parent].children);
            children.retain(|&child| self.items[child].parent == Some(parent));
            children.sort_by_key(|&child| (self.items[child].first, child));
            self.items[parent].children = children;
        }
    }

    /// Puts `members`, children of `parent` in sequence, into a new item. The parent's list of children is left alone.
    pub(super) fn enclose(&mut self, parent: ItemId, name: &str, members: &[ItemId]) -> ItemId {
        let id = self.adopt(parent, What::Module, name, members);
        self.adopted.pop();
        id
    }

    /// Moves the siblings of `module` among `members`, which are in sequence, into it.
    pub(super) fn absorb(&mut self, module: ItemId, members: &[ItemId]) -> ItemId {
        let mut children = Vec::with_capacity(members.len() + self.items[module].children.len());
        for &member in members {
            if member == module {
                children.append(&mut self.items[module].children);
            } else {
                self.items[member].parent = Some(module);
                children.push(member);
            }
        }
        let first = children.iter().map(|&child| self.items[child].first).min();
        self.items[module].first = first.unwrap_or(usize::MAX);
        self.items[module].children = children;
        module
    }

    /// Name with number: `layer.0`. Of a module that is called again, with the number of the call: `layer.0@2`.
    pub(crate) fn key(&self, id: ItemId) -> String {
        let Item { name, index, own, call, .. } = &self.items[id];
        match index {
            Some(index) if *call > 1 && *own => format!("{name}.{index}@{call}"),
            Some(index) => format!("{name}.{index}"),
            None => name.clone(),
        }
    }

    /// Keys from the root, which has none itself, down to `id`.
    pub(crate) fn path(&self, id: ItemId) -> String {
        let mut keys: Vec<_> = self
            .ancestors(id)
            .filter(|&ancestor| ancestor != Self::ROOT)
            .map(|item| self.key(item))
            .collect();
        keys.reverse();
        keys.join("/")
    }

    /// `id`, its parent, and so on up to the root.
    pub(crate) fn ancestors(&self, id: ItemId) -> impl Iterator<Item = ItemId> + '_ {
        std::iter::successors(Some(id), |&item| self.items[item].parent)
    }

    /// How many items are recognised as `pattern`.
    pub(crate) fn recognised(&self, pattern: Pattern) -> usize {
        let is = |what: What| what == What::Pattern(pattern);
        self.items.iter().filter(|item| item.recognised == Some(pattern) || is(item.what)).count()
    }

    /// All operations below `id`, depth first.
    pub(crate) fn operations(&self, id: ItemId) -> Vec<usize> {
        let (mut found, mut open) = (Vec::new(), vec![id]);
        while let Some(item) = open.pop() {
            match self.items[item].what {
                What::Operation(number) => found.push(number),
                _ => open.extend(self.items[item].children.iter().rev()),
            }
        }
        found
    }
}

/// The scope each operation is shown in: where it ran, but data made outside of any span goes to those who read it.
fn homes(captured: &Captured, wiring: &Wiring) -> Vec<ScopeId> {
    let mut homes: Vec<_> = (0..captured.operation_count()).map(|number| captured.scope_of[number]).collect();
    let chain = |scope: ScopeId| -> Vec<ScopeId> {
        let mut chain: Vec<_> =
            std::iter::successors(Some(scope), |&scope| captured.scopes[scope].parent).collect();
        chain.reverse();
        chain
    };
    for number in (0..homes.len()).rev() {
        let sinks = homes[number] == Captured::ROOT
            && wiring.is_constant(number)
            && wiring.outputs[number].is_empty();
        if !sinks {
            continue;
        }
        let common = wiring.users[number].iter().map(|&user| chain(homes[user])).reduce(|common, other| {
            common.into_iter().zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        });
        // What one of several calls begins with is not part of it: the others get it from the one before.
        let is_one_of_many = |scope: &ScopeId| captured.scopes[*scope].index.is_some();
        let common =
            common.map(|chain| chain.into_iter().take_while(|s| !is_one_of_many(s)).collect::<Vec<_>>());
        homes[number] = common.and_then(|common| common.last().copied()).unwrap_or(Captured::ROOT);
    }
    homes
}

/// Whether no operation outside of `members` (sorted) lies on a path between two of them.
fn is_convex(wiring: &Wiring, members: &[usize]) -> bool {
    let (Some(&first), Some(&last)) = (members.first(), members.last()) else { return true };
    let inside: HashSet<_> = members.iter().copied().collect();
    let mut outside: HashSet<usize> = HashSet::new();
    for number in first..=last {
        let sources = || (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot));
        let tainted = sources().any(|source| outside.contains(&source));
        if inside.contains(&number) {
            if tainted {
                return false;
            }
        } else if tainted || sources().any(|source| inside.contains(&source)) {
            outside.insert(number);
        }
    }
    true
}
