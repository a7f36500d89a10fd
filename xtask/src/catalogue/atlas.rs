//! Each place its own picture: from the diagrams of the table down, every closed box leads to a diagram of its inside.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result, ensure};
use graph::view::{BoxId, BoxKind, View, ViewBox};

use super::alike;
use super::captures::{Captured, Graphs};
use super::diagram::Diagram;
use super::names::tell;
use super::table::{Entry, TABLE};

/// Place of a sheet in the atlas.
pub(super) type SheetId = usize;

/// A diagram, what it shows, and where its boxes lead.
pub(super) struct Sheet {
    pub(super) diagram: Diagram,
    pub(super) view: View,
    /// The diagram above, if the table has one for it.
    up: Option<&'static str>,
    /// By the key of a box.
    inside: HashMap<String, SheetId>,
    /// What else has a place that is equal to this.
    also: BTreeSet<Captured>,
}

/// Where a box leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// To its inside, or to that of what is around it.
    Down(SheetId),
    /// To where it comes from or goes to.
    Up(SheetId),
}

/// All diagrams.
pub(super) struct Atlas<'a> {
    pub(super) graphs: &'a Graphs,
    pub(super) sheets: Vec<Sheet>,
    /// The sheet that a box with that path leads to.
    places: HashMap<(Captured, String), SheetId>,
    /// Sheets of places by what they show. One model's boxes don't lead into another.
    shown: HashMap<(Captured, String), SheetId>,
    /// The paths of all scopes.
    scopes: HashMap<Captured, HashSet<String>>,
}

/// What is known of closed boxes: how many boxes a picture of the scope would have, and whether anything comes in.
type Closed = HashMap<(Captured, String), (usize, bool)>;

impl Sheet {
    fn tell_of_others(&mut self) {
        let others = self.also.iter().filter(|&&other| other != self.diagram.captured);
        for other in others.map(|other| other.name()) {
            self.view.description += &format!(" It is the same in {other}.");
        }
    }
}

impl<'a> Atlas<'a> {
    /// The diagrams of the table, and all that follow from them.
    pub(super) fn new(graphs: &'a Graphs) -> Result<Self> {
        let mut scopes = HashMap::new();
        for captured in Captured::ALL {
            let graph = graphs.of(captured)?;
            scopes.insert(captured, (0..graph.scopes().len()).map(|scope| graph.path(scope)).collect());
        }
        let mut atlas =
            Self { graphs, sheets: Vec::new(), places: HashMap::new(), shown: HashMap::new(), scopes };
        let mut closed = Closed::new();
        // The wholes come first: of equal places, that which is reached from a whole has the picture.
        let is_whole = |entry: &&Entry| entry.root.is_empty() && !entry.captured.is_foreign();
        let (wholes, others): (Vec<_>, Vec<_>) = TABLE.iter().partition(is_whole);
        let mut next = 0;
        for entries in [wholes, others] {
            for entry in entries {
                atlas.add_entry(entry)?;
            }
            while next < atlas.sheets.len() {
                atlas.open_boxes(next, &mut closed)?;
                next += 1;
            }
        }
        atlas.sheets.iter_mut().for_each(Sheet::tell_of_others);
        Ok(atlas)
    }

    fn add_entry(&mut self, entry: &'static Entry) -> Result<()> {
        let text = str::to_owned;
        let mut diagram = Diagram {
            id: text(entry.id),
            name: text(entry.name),
            title: text(entry.title),
            description: text(entry.description),
            captured: entry.captured,
            path: text(entry.root),
            shown: entry.shown,
        };
        let view = diagram.view(self.graphs)?;
        if !entry.root.is_empty() {
            diagram.path.clone_from(&view.boxes[View::ROOT].key);
        }
        self.add(diagram, view, entry.up, entry.is_inside)?;
        Ok(())
    }

    fn add(
        &mut self,
        diagram: Diagram,
        view: View,
        up: Option<&'static str>,
        is_inside: bool,
    ) -> Result<SheetId> {
        let id = self.sheets.len();
        let known = self.sheets.iter().find(|sheet| sheet.diagram.id == diagram.id);
        ensure!(
            known.is_none(),
            "two diagrams are called {}: of {} and of {}",
            diagram.id,
            known.map_or("", |sheet| &sheet.diagram.path),
            diagram.path
        );
        if is_inside {
            self.places.insert((diagram.captured, diagram.path.clone()), id);
        }
        self.sheets.push(Sheet { diagram, view, up, inside: HashMap::new(), also: BTreeSet::new() });
        Ok(id)
    }

    /// Finds a sheet for every box of a sheet, and makes those that are missing.
    fn open_boxes(&mut self, sheet: SheetId, closed: &mut Closed) -> Result<()> {
        let captured = self.sheets[sheet].diagram.captured;
        if captured.is_foreign() {
            return Ok(());
        }
        for id in 1..self.sheets[sheet].view.boxes.len() {
            let Some(place) = self.place(sheet, id, closed)? else { continue };
            if let Some(found) = self.sheet_of(captured, &place)? {
                let key = self.sheets[sheet].view.boxes[id].key.clone();
                self.sheets[sheet].inside.insert(key, found);
            }
        }
        Ok(())
    }

    /// The path of what a click on a box is to show, if that is another place than the sheet's.
    fn place(&self, sheet: SheetId, id: BoxId, closed: &mut Closed) -> Result<Option<String>> {
        let Sheet { diagram, view, .. } = &self.sheets[sheet];
        let found = &view.boxes[id];
        let scopes = &self.scopes[&diagram.captured];
        if is_boundary(found) {
            let made = found.key.split_once(':').map_or("", |(_, path)| path);
            return Ok(Some(made.to_owned()).filter(|path| path.ends_with("mask") && scopes.contains(path)));
        }
        if !view.is_leaf(id) {
            return Ok(scopes.contains(&found.key).then(|| found.key.clone()));
        }
        let around =
            found.parent.filter(|&parent| parent != View::ROOT).map(|parent| &view.boxes[parent].key);
        let around = around.unwrap_or(&diagram.path);
        let own = scopes.contains(&found.key).then(|| self.boxes_in(diagram.captured, &found.key, closed));
        let (inner, fed) = own.transpose()?.unwrap_or_default();
        if inner > 1 {
            return Ok(Some(found.key.clone()));
        }
        // One operation says nothing by itself. But what it is part of may have been taken apart.
        let parent = found.key.rsplit_once('/').map_or("", |(parent, _)| parent);
        if parent.len() > around.len() && scopes.contains(parent) {
            return Ok(Some(parent.to_owned()));
        }
        Ok((inner == 1 && fed).then(|| found.key.clone()))
    }

    /// How many boxes a picture of a scope would have, and whether anything comes in.
    fn boxes_in(&self, captured: Captured, path: &str, closed: &mut Closed) -> Result<(usize, bool)> {
        let place = (captured, path.to_owned());
        if let Some(&known) = closed.get(&place) {
            return Ok(known);
        }
        let view = Diagram::of(captured, path).view(self.graphs)?;
        let inside = view.boxes.iter().skip(1).filter(|found| !is_boundary(found)).count();
        let fed = view.boxes.iter().any(|found| is_boundary(found) && found.kind == BoxKind::Input);
        closed.insert(place, (inside, fed));
        Ok((inside, fed))
    }

    /// The sheet of a place, or of one that is equal to it; made if there is none.
    fn sheet_of(&mut self, captured: Captured, path: &str) -> Result<Option<SheetId>> {
        let place = (captured, path.to_owned());
        if let Some(&known) = self.places.get(&place) {
            return Ok(Some(known));
        }
        let kin = if captured.is_transformer() { Captured::PostNorm } else { captured };
        let alike = (kin, alike::description(self.graphs.of(captured)?, path)?);
        let found = match self.shown.get(&alike) {
            Some(&equal) => {
                self.sheets[equal].also.insert(captured);
                equal
            }
            None => {
                let diagram = Diagram::of(captured, path);
                let view = diagram.view(self.graphs).with_context(|| format!("cannot look into {path}"))?;
                let made = self.add(diagram, view, None, true)?;
                self.shown.insert(alike, made);
                made
            }
        };
        self.places.insert(place, found);
        Ok(Some(found))
    }

    /// The paths of a model's places that have a sheet, with what is inside of sheets that it shares with another model.
    pub(super) fn places_of(&self, captured: Captured) -> BTreeMap<String, SheetId> {
        let own = self.places.iter().filter(|((of, _), _)| *of == captured);
        let mut places: BTreeMap<String, SheetId> =
            own.map(|((_, path), &sheet)| (path.clone(), sheet)).collect();
        let mut open: Vec<(String, SheetId)> = places.clone().into_iter().collect();
        while let Some((path, sheet)) = open.pop() {
            let Sheet { diagram, inside, .. } = &self.sheets[sheet];
            for &inner in inside.values() {
                let shared = &self.sheets[inner].diagram.path;
                let place = match shared.strip_prefix(&diagram.path) {
                    Some(rest) => format!("{path}{rest}"),
                    None => shared.clone(),
                };
                if self.scopes[&captured].contains(&place) && !places.contains_key(&place) {
                    places.insert(place.clone(), inner);
                    open.push((place, inner));
                }
            }
        }
        places
    }

    /// Where a box of a sheet leads.
    pub(super) fn lead(&self, sheet: SheetId, found: &ViewBox) -> Option<Lead> {
        let down = self.sheets[sheet].inside.get(&found.key).filter(|&&inside| inside != sheet);
        let up = || self.up(sheet).filter(|_| is_boundary(found));
        down.map(|&inside| Lead::Down(inside)).or_else(|| up().map(Lead::Up))
    }

    /// The sheet above: of the nearest scope around that has one.
    pub(super) fn up(&self, sheet: SheetId) -> Option<SheetId> {
        let Sheet { diagram, up, .. } = &self.sheets[sheet];
        if let Some(id) = up {
            return self.sheets.iter().position(|sheet| sheet.diagram.id == *id);
        }
        let mut path = diagram.path.as_str();
        while !path.is_empty() {
            path = path.rsplit_once('/').map_or("", |(around, _)| around);
            let found = self.places.get(&(diagram.captured, path.to_owned())).copied();
            // A sub-layer is another look at a part of its layer.
            if let Some(found) = found.filter(|&found| !self.sheets[found].diagram.shown.norms_apart) {
                return Some(found);
            }
        }
        None
    }

    /// The sheets above, the whole first.
    pub(super) fn trail(&self, sheet: SheetId) -> Vec<SheetId> {
        let mut trail: Vec<_> = std::iter::successors(self.up(sheet), |&above| self.up(above)).collect();
        trail.reverse();
        trail
    }
}

impl Diagram {
    /// The diagram of a place.
    fn of(captured: Captured, path: &str) -> Self {
        let told = tell(captured, path);
        Self {
            id: told.id,
            name: told.name,
            title: told.title,
            description: told.description,
            captured,
            path: path.to_owned(),
            shown: told.shown,
        }
    }
}

/// Whether a box is what enters or leaves.
fn is_boundary(found: &ViewBox) -> bool {
    found.operations == 0 && matches!(found.kind, BoxKind::Input | BoxKind::Output)
}
