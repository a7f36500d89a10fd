//! A disk that remembers in which order it was changed and what of it is safe, and that can lose power.
//!
//! What a power cut may leave, more of it than any one file system would: of each file, the changes up to its last
//! `fsync` and any number of those after it, the last one perhaps torn, or the new length with zeros in place of what
//! was written; of each folder, the names up to its own last `fsync` and any number of changes after it. Nothing else
//! is taken for granted: not that the `fsync` of a file saves its name, nor that of a folder the folder's own name, nor
//! any order between two files or folders. Only a rename is done whole or not at all.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::calls::{Call, Descriptor, Place};
use super::cut::rendered;

/// A file or folder, whatever it is called.
pub(super) type Node = usize;
pub(super) const ROOT: Node = 0;

#[derive(Clone, Debug)]
pub(super) enum Content {
    Folder(BTreeMap<String, Node>),
    File(Vec<u8>),
}

/// What is changed at once.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Names in folders, and what they mean from now on.
    Names(Vec<(Node, String, Option<Node>)>),
    Bytes {
        file: Node,
        offset: usize,
        bytes: Vec<u8>,
    },
    Length {
        file: Node,
        length: usize,
    },
}

impl Change {
    /// The files and folders that are changed.
    pub(super) fn nodes(&self) -> Vec<Node> {
        match self {
            Self::Names(names) => names.iter().map(|(folder, ..)| *folder).collect(),
            Self::Bytes { file, .. } | Self::Length { file, .. } => vec![*file],
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    Change(Change),
    Sync(Node),
}

/// An open file.
#[derive(Clone, Copy)]
struct Open {
    node: Node,
    position: usize,
    appends: bool,
}

/// Everything below a folder: the files with their bytes, folders without any.
pub(super) type Tree = BTreeMap<String, Option<Vec<u8>>>;

/// How much of what was not safe is there after a power cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Survives {
    Nothing,
    Everything,
    /// All names, but of files what was safe, or as many zeros as were written.
    Names {
        zeros: bool,
    },
    /// All bytes, but of folders what was safe.
    Bytes,
    /// Of each file and folder something else.
    Something,
}

/// What was written to where there is no file of this disk.
pub(super) struct Words {
    /// Events before it.
    pub(super) events: usize,
    pub(super) descriptor: Descriptor,
    pub(super) text: String,
}

pub(super) struct Disk {
    root: std::path::PathBuf,
    /// As it was in the beginning.
    pub(super) initial: Vec<Content>,
    /// As the program sees it.
    pub(super) nodes: Vec<Content>,
    pub(super) events: Vec<Event>,
    /// What the program said to whoever runs it.
    pub(super) said: Vec<Words>,
    open: BTreeMap<Descriptor, Open>,
}

impl Disk {
    /// A disk with what is in a folder, all of it safe.
    pub(super) fn new(root: &Path, tree: &Tree) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            initial: Vec::new(),
            nodes: vec![Content::Folder(BTreeMap::new())],
            events: Vec::new(),
            said: Vec::new(),
            open: BTreeMap::new(),
        };
        // A folder comes before what is in it.
        for (path, bytes) in tree {
            let content = bytes.clone().map_or(Content::Folder(BTreeMap::new()), Content::File);
            let (folder, name) =
                disk.named(&Place { folder: None, path: path.into() }).expect("it is below the root");
            disk.add(folder, &name, content);
        }
        disk.initial = disk.nodes.clone();
        disk.events.clear();
        disk
    }

    /// Moments at which the power can go: before the first event, and after each.
    pub(super) fn moments(&self) -> usize {
        self.events.len() + 1
    }

    /// What the program sees in the end.
    pub(super) fn tree(&self) -> Tree {
        rendered(&self.nodes)
    }

    fn names_in(&mut self, folder: Node) -> &mut BTreeMap<String, Node> {
        match &mut self.nodes[folder] {
            Content::Folder(names) => names,
            Content::File(_) => panic!("a file is used as a folder"),
        }
    }

    /// The folder and the name of a place; None if it isn't below the root.
    fn named(&mut self, place: &Place) -> Option<(Node, String)> {
        let (mut folder, path) = match place.folder {
            Some(folder) => (self.open.get(&folder)?.node, place.path.as_path()),
            None if place.path.is_absolute() => (ROOT, place.path.strip_prefix(&self.root).ok()?),
            None => (ROOT, place.path.as_path()),
        };
        let mut parts = path.components().filter(|part| *part != Component::CurDir).map(|part| match part {
            Component::Normal(name) => name.to_str().expect("names are UTF-8").to_owned(),
            _ => panic!("{} goes up", path.display()),
        });
        let mut name = parts.next()?;
        for next in parts {
            folder = *self.names_in(folder).get(&name)?;
            name = next;
        }
        Some((folder, name))
    }

    fn find(&mut self, place: &Place) -> Option<Node> {
        if place.path.is_absolute() && place.path == self.root {
            return Some(ROOT);
        }
        if place.path == Path::new(".") {
            return Some(place.folder.map_or(ROOT, |folder| self.open[&folder].node));
        }
        let (folder, name) = self.named(place)?;
        self.names_in(folder).get(&name).copied()
    }

    fn add(&mut self, folder: Node, name: &str, content: Content) -> Node {
        self.nodes.push(content);
        let node = self.nodes.len() - 1;
        self.change(Change::Names(vec![(folder, name.to_owned(), Some(node))]));
        node
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.nodes, &change);
        self.events.push(Event::Change(change));
    }

    fn write(&mut self, descriptor: Descriptor, bytes: Vec<u8>) {
        let Some(Open { node, position, appends }) = self.open.get(&descriptor).copied() else {
            let (events, text) = (self.events.len(), String::from_utf8_lossy(&bytes).into_owned());
            self.said.push(Words { events, descriptor, text });
            return;
        };
        let offset = if appends { self.bytes(node).len() } else { position };
        self.open.get_mut(&descriptor).unwrap().position = offset + bytes.len();
        self.change(Change::Bytes { file: node, offset, bytes });
    }

    fn bytes(&self, node: Node) -> &[u8] {
        match &self.nodes[node] {
            Content::File(bytes) => bytes,
            Content::Folder(_) => panic!("a folder is used as a file"),
        }
    }

    /// Does what a program has done. What isn't below the root is passed over.
    pub(super) fn call(&mut self, call: Call) {
        match call {
            Call::Open { place, creates, truncates, appends, gives } => {
                self.open.remove(&gives);
                let found = self.find(&place);
                let node = match found {
                    None if creates => self
                        .named(&place)
                        .map(|(folder, name)| self.add(folder, &name, Content::File(Vec::new()))),
                    found => found,
                };
                let Some(node) = node else { return };
                if found.is_some() && truncates && !self.bytes(node).is_empty() {
                    self.change(Change::Length { file: node, length: 0 });
                }
                self.open.insert(gives, Open { node, position: 0, appends });
            }
            Call::Close(file) => drop(self.open.remove(&file)),
            Call::Duplicate { from, to } => {
                match self.open.get(&from).copied() {
                    Some(open) => self.open.insert(to, open),
                    None => self.open.remove(&to),
                };
            }
            Call::Seek { file, position } => {
                if let Some(open) = self.open.get_mut(&file) {
                    open.position = position;
                }
            }
            Call::Write { file, bytes } => self.write(file, bytes),
            Call::WriteAt { file, offset, bytes } => {
                if let Some(open) = self.open.get(&file) {
                    self.change(Change::Bytes { file: open.node, offset, bytes });
                }
            }
            Call::Copy { from, to, length } => {
                let Some(Open { node, position, .. }) = self.open.get(&from).copied() else {
                    assert!(!self.open.contains_key(&to), "what is copied from elsewhere isn't known");
                    return;
                };
                let bytes = self.bytes(node)[position..position + length].to_vec();
                self.open.get_mut(&from).unwrap().position += length;
                self.write(to, bytes);
            }
            Call::Resize { file, length } => {
                if let Some(open) = self.open.get(&file) {
                    self.change(Change::Length { file: open.node, length });
                }
            }
            Call::Sync(file) => {
                if let Some(open) = self.open.get(&file) {
                    self.events.push(Event::Sync(open.node));
                }
            }
            names => self.rename(&names),
        }
    }

    /// Does what changes names alone.
    fn rename(&mut self, call: &Call) {
        let changed = match call {
            Call::MakeFolder(place) => {
                if let Some((folder, name)) = self.named(place) {
                    self.add(folder, &name, Content::Folder(BTreeMap::new()));
                }
                return;
            }
            Call::Remove(place) => self.named(place).map(|(folder, name)| vec![(folder, name, None)]),
            Call::Rename { from, to } => self
                .moved(from, to)
                .map(|(node, from, to)| vec![(from.0, from.1, None), (to.0, to.1, Some(node))]),
            Call::Link { from, to } => {
                self.moved(from, to).map(|(node, _, to)| vec![(to.0, to.1, Some(node))])
            }
            Call::Exchange { one, other } => {
                let swapped = self.find(other);
                self.moved(one, other)
                    .map(|(node, one, other)| vec![(one.0, one.1, swapped), (other.0, other.1, Some(node))])
            }
            other => panic!("{other:?} changes no names"),
        };
        if let Some(names) = changed {
            self.change(Change::Names(names));
        }
    }

    #[expect(clippy::type_complexity, reason = "what is moved, from where, and to where")]
    fn moved(&mut self, from: &Place, to: &Place) -> Option<(Node, (Node, String), (Node, String))> {
        Some((self.find(from)?, self.named(from)?, self.named(to)?))
    }
}

/// Does a change to files and folders.
pub(super) fn apply(nodes: &mut [Content], change: &Change) {
    match change {
        Change::Names(names) => {
            for (folder, name, node) in names {
                let Content::Folder(names) = &mut nodes[*folder] else { panic!("{name} is in a file") };
                match node {
                    Some(node) => names.insert(name.clone(), *node),
                    None => names.remove(name),
                };
            }
        }
        Change::Bytes { file, offset, bytes } => {
            let content = content(nodes, *file);
            content.resize(content.len().max(offset + bytes.len()), 0);
            content[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        Change::Length { file, length } => content(nodes, *file).resize(*length, 0),
    }
}

fn content(nodes: &mut [Content], file: Node) -> &mut Vec<u8> {
    match &mut nodes[file] {
        Content::File(bytes) => bytes,
        Content::Folder(_) => panic!("a folder is written to"),
    }
}
