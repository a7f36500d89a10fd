//! Which boxes there are, and which operation is in which box.

use super::builder::{Builder, Entry, Owner};
use super::labels::{Style, SubjectKind, Visibility};
use crate::fold::{ItemId, Pattern, What, is_residual, is_trivial};
use crate::view::{BoxId, BoxKind};

impl Builder<'_> {
    /// Makes the root's box and all below.
    pub(super) fn boxes_of(&mut self, root: ItemId) {
        let style = self.style(root);
        let entry = Entry { items: vec![root], norm: None, style };
        let id = self.add_box(&entry, None);
        self.boxes[id].kind = BoxKind::Scope;
        self.fill(id, root, 1);
    }

    /// Makes the boxes inside `frame`, which stands for `item`. `level` counts from the root's children.
    fn fill(&mut self, frame: BoxId, item: ItemId, level: usize) {
        let entries = self.entries(item, frame);
        for entry in self.join_norms(entries) {
            self.place(&entry, frame, level);
        }
    }

    fn place(&mut self, entry: &Entry, parent: BoxId, level: usize) {
        let id = self.add_box(entry, Some(parent));
        let item = entry.items[0];
        if entry.items.len() > 1 {
            let copies = entry.items.iter().enumerate().map(|(copy, &other)| (other, (item, copy)));
            self.copies.extend(copies);
            self.run_boxes.insert(item, id);
            self.recurrent.extend(Some(item).filter(|_| self.repeats.is_shared(&entry.items)));
        }
        if entry.norm.is_none() && self.is_open(item, level) && self.is_worth_opening(item, id) {
            self.boxes[id].kind = BoxKind::Scope;
            self.frames.push((id, item, level));
            self.fill(id, item, level + 1);
        } else {
            for operation in self.operations_of(entry) {
                self.owners[operation] = Owner::Leaf(id);
            }
            return;
        }
        // What stands for an operation of the first copy stands for the same one of all others.
        let first = self.tree.operations(item);
        for &other in entry.items.iter().skip(1) {
            for (&original, operation) in first.iter().zip(self.tree.operations(other)) {
                self.owners[operation] = self.owners[original];
                self.originals.insert(operation, original);
            }
        }
    }

    fn is_open(&self, item: ItemId, level: usize) -> bool {
        match self.tree.items[item].what {
            What::Operation(_) => false,
            _ if self.opened.contains(&item) => true,
            What::Pattern(_) => false,
            // What is one layer, or makes one mask, is one box.
            _ if self.tree.items[item].recognised.is_some_and(Pattern::is_one_box)
                && !self.options.every_operation =>
            {
                false
            }
            _ => {
                let is_asked = level < self.opening.depth && !self.opening.shut.contains(&item);
                is_asked && !self.options.closes(&self.tree.path(item))
            }
        }
    }

    /// Opening a scope that holds one operation would draw a frame around a box that says the same.
    fn is_worth_opening(&mut self, item: ItemId, frame: BoxId) -> bool {
        match self.entries(item, frame).as_slice() {
            [] => false,
            [only] => {
                let what = self.tree.items[only.items[0]].what;
                only.items.len() > 1 || matches!(what, What::Scope(_) | What::Module)
            }
            _ => true,
        }
    }

    /// What is to be shown inside `item`, dissolved scopes replaced by what is in them. Hides what is not shown.
    fn entries(&mut self, item: ItemId, frame: BoxId) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.collect(item, frame, &mut entries);
        entries
    }

    fn collect(&mut self, item: ItemId, frame: BoxId, entries: &mut Vec<Entry>) {
        let children = &self.tree.items[item].children;
        let runs = match self.options.fold_repeats {
            true => self.fold.runs(item).to_vec(),
            false => (0..children.len()).map(|place| place..place + 1).collect(),
        };
        // Layers that are not opened alike don't look alike.
        let runs = runs.into_iter().flat_map(|run| {
            let run = &children[run];
            run.chunk_by(|&a, &b| self.opened_inside(a) == self.opened_inside(b)).collect::<Vec<_>>()
        });
        for items in runs.collect::<Vec<_>>() {
            let items = items.to_vec();
            let style = self.style(items[0]);
            let is_pattern = matches!(self.tree.items[items[0]].what, What::Pattern(_));
            match style.visibility {
                Visibility::Dissolved => items.iter().for_each(|&item| self.collect(item, frame, entries)),
                Visibility::Hidden => self.own(&items, Owner::Hidden(frame)),
                Visibility::Bridged => self.own(&items, Owner::Bridged(frame)),
                Visibility::Shown if is_pattern && self.options.every_operation => {
                    items.iter().for_each(|&item| self.collect(item, frame, entries));
                }
                Visibility::Shown if self.is_dead(items[0]) => self.own(&items, Owner::Hidden(frame)),
                Visibility::Shown if style == Style::default() && self.is_noise(items[0]) => {
                    self.own(&items, Owner::Bridged(frame));
                }
                Visibility::Shown => entries.push(Entry { items, norm: None, style }),
            }
        }
    }

    /// Which of the scopes in an item were asked to be open, by their place in it.
    fn opened_inside(&self, item: ItemId) -> Vec<usize> {
        if !self.opened.contains(&item) {
            return Vec::new();
        }
        let mut opened = Vec::new();
        let mut rest = vec![item];
        let mut place = 0;
        while let Some(item) = rest.pop() {
            if self.opened.contains(&item) {
                opened.push(place);
            }
            place += 1;
            rest.extend(self.tree.items[item].children.iter().rev());
        }
        opened
    }

    /// Whether an item moves data and is not to be shown for that.
    fn is_noise(&self, item: ItemId) -> bool {
        if self.options.every_operation {
            return false;
        }
        match self.tree.items[item].what {
            What::Operation(number) => {
                let operation = self.captured.operation(number);
                is_trivial(operation)
                    || (!self.options.movement && operation.is_movement() && !operation.joins())
            }
            What::Pattern(Pattern::Movement) => {
                let moves = self.tree.operations(item);
                !self.options.movement
                    || moves.iter().all(|&number| is_trivial(self.captured.operation(number)))
            }
            _ => false,
        }
    }

    fn own(&mut self, items: &[ItemId], owner: Owner) {
        for operation in items.iter().flat_map(|&item| self.tree.operations(item)) {
            self.owners[operation] = owner;
        }
    }

    fn is_dead(&self, item: ItemId) -> bool {
        !self.tree.operations(item).iter().any(|&operation| self.wiring.live[operation])
    }

    /// Joins every residual addition with the norm directly after it, if nothing else reads the sum.
    fn join_norms(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let norm = entry.items[0];
            if let Some(last) = joined.last_mut().filter(|last| last.norm.is_none())
                && self.options.fold_add_norm
                && entry.items.len() == 1
                && self.is_normed(last.items[0], norm)
            {
                last.norm = Some(norm);
                let path = format!("{}/add_norm", self.tree.path(self.parent(norm)));
                last.style = self.ask(&path, "add_norm", SubjectKind::Pattern(Pattern::AddNorm), norm);
            } else {
                joined.push(entry);
            }
        }
        joined
    }

    fn is_normed(&self, add: ItemId, norm: ItemId) -> bool {
        let What::Operation(add) = self.tree.items[add].what else { return false };
        let operations = self.tree.operations(norm);
        let live: Vec<usize> = operations.into_iter().filter(|&number| self.wiring.live[number]).collect();
        let item = &self.tree.items[norm];
        let recognised = match item.what {
            What::Pattern(pattern) => Some(pattern),
            _ => item.recognised,
        };
        let is_norm = match live.as_slice() {
            [only] => self.captured.operation(*only).is_norm(),
            _ => matches!(recognised, Some(Pattern::Norm(_))),
        };
        is_norm
            && self.wiring.outputs[add].is_empty()
            && live.iter().any(|&number| self.wiring.producer(number, 0) == Some(add))
            && self.wiring.users[add].iter().all(|user| live.contains(user) || !self.wiring.live[*user])
            && is_residual(self.captured, self.wiring, add)
    }
}
