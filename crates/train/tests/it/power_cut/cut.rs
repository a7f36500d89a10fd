//! What is left of a disk that lost power.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::disk::{Change, Content, Disk, Event, Node, ROOT, Survives, Tree, apply};

/// A power cut at one moment.
pub(super) struct Cut<'a> {
    disk: &'a Disk,
    /// What was changed before it.
    changes: Vec<&'a Change>,
    /// Which of the changes are those of a file or folder.
    of: BTreeMap<Node, Vec<usize>>,
    /// How many of them are safe.
    safe: BTreeMap<Node, usize>,
}

/// What is in the place of a file's first change that is lost.
#[derive(Clone, Copy, PartialEq)]
enum Lost {
    Nothing,
    /// Its beginning.
    Torn,
    /// The length is there, the bytes aren't.
    Zeros,
}

impl<'a> Cut<'a> {
    pub(super) fn new(disk: &'a Disk, moment: usize) -> Self {
        let mut cut = Self { disk, changes: Vec::new(), of: BTreeMap::new(), safe: BTreeMap::new() };
        for event in &disk.events[..moment] {
            match event {
                Event::Change(change) => {
                    for node in change.nodes() {
                        let of = cut.of.entry(node).or_default();
                        // A rename within a folder is one change of it.
                        if of.last() != Some(&cut.changes.len()) {
                            of.push(cut.changes.len());
                        }
                    }
                    cut.changes.push(change);
                }
                Event::Sync(node) => {
                    cut.safe.insert(*node, cut.of.get(node).map_or(0, Vec::len));
                }
            }
        }
        cut.save_both_ends();
        cut
    }

    /// A rename from folder to folder is done whole: if one of the two has it, so has the other, with all before it.
    fn save_both_ends(&mut self) {
        loop {
            let before = self.safe.clone();
            for (node, safe) in &before {
                for change in &self.of.get(node).map_or(&[][..], Vec::as_slice)[..*safe] {
                    for other in self.changes[*change].nodes() {
                        let needed = self.place(other, *change) + 1;
                        let safe = self.safe.entry(other).or_insert(0);
                        *safe = needed.max(*safe);
                    }
                }
            }
            if self.safe == before {
                return;
            }
        }
    }

    /// Which of a node's changes this is.
    fn place(&self, node: Node, change: usize) -> usize {
        self.of[&node].iter().position(|found| *found == change).expect("it is a change of the node")
    }

    fn is_file(&self, node: Node) -> bool {
        matches!(self.disk.nodes[node], Content::File(_))
    }

    /// How many changes of each file and folder are there.
    fn kept(&self, survives: Survives, random: &mut ChaCha8Rng) -> BTreeMap<Node, usize> {
        let mut choose = |node: Node, all: usize| {
            let safe = self.safe.get(&node).copied().unwrap_or(0);
            let has_all = match survives {
                Survives::Nothing => false,
                Survives::Everything => true,
                Survives::Names { .. } => !self.is_file(node),
                Survives::Bytes => self.is_file(node),
                Survives::Something => return safe + (random.next_u64() % (all - safe + 1) as u64) as usize,
            };
            if has_all { all } else { safe }
        };
        let mut kept: BTreeMap<Node, usize> =
            self.of.iter().map(|(node, changes)| (*node, choose(*node, changes.len()))).collect();
        loop {
            let before = kept.clone();
            for (node, kept_of_it) in &before {
                for lost in &self.of[node][*kept_of_it..] {
                    for other in self.changes[*lost].nodes() {
                        let most = self.place(other, *lost);
                        let kept = kept.get_mut(&other).unwrap();
                        *kept = most.min(*kept);
                    }
                }
            }
            if kept == before {
                return kept;
            }
        }
    }

    /// Everything that is on the disk when the power is back.
    pub(super) fn tree(&self, survives: Survives, random: &mut ChaCha8Rng) -> Tree {
        let kept = self.kept(survives, random);
        let lost: BTreeMap<Node, Lost> = kept.keys().map(|node| (*node, lost(survives, random))).collect();
        let mut nodes = self.disk.initial.clone();
        let empty = |content: &Content| match content {
            Content::Folder(_) => Content::Folder(BTreeMap::new()),
            Content::File(_) => Content::File(Vec::new()),
        };
        nodes.extend(self.disk.nodes[nodes.len()..].iter().map(empty));
        for (index, change) in self.changes.iter().enumerate() {
            let node = change.nodes()[0];
            let place = self.place(node, index);
            if place < kept[&node] {
                apply(&mut nodes, change);
                continue;
            }
            let Change::Bytes { file, offset, bytes } = change else { continue };
            let file_is =
                |nodes: &[Content]| matches!(&nodes[*file], Content::File(found) if found.len() <= *offset);
            match lost[&node] {
                Lost::Torn if place == kept[&node] => {
                    let length = (random.next_u64() % bytes.len().max(1) as u64) as usize;
                    let bytes = bytes[..length].to_vec();
                    apply(&mut nodes, &Change::Bytes { file: *file, offset: *offset, bytes });
                }
                Lost::Zeros if file_is(&nodes) => {
                    let bytes = vec![0; bytes.len()];
                    apply(&mut nodes, &Change::Bytes { file: *file, offset: *offset, bytes });
                }
                _ => {}
            }
        }
        rendered(&nodes)
    }
}

fn lost(survives: Survives, random: &mut ChaCha8Rng) -> Lost {
    match survives {
        Survives::Names { zeros: true } => Lost::Zeros,
        Survives::Something => [Lost::Nothing, Lost::Torn, Lost::Zeros][(random.next_u64() % 3) as usize],
        _ => Lost::Nothing,
    }
}

/// Everything below the root.
pub(super) fn rendered(nodes: &[Content]) -> Tree {
    let mut tree = Tree::new();
    render(nodes, ROOT, "", &mut tree);
    tree
}

fn render(nodes: &[Content], folder: Node, path: &str, tree: &mut Tree) {
    let Content::Folder(names) = &nodes[folder] else { panic!("{path} is no folder") };
    for (name, node) in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        match &nodes[*node] {
            Content::File(bytes) => drop(tree.insert(path, Some(bytes.clone()))),
            Content::Folder(_) => {
                tree.insert(path.clone(), None);
                render(nodes, *node, &path, tree);
            }
        }
    }
}
