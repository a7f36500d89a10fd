//! What is wrong with the rooms of some sources.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::{Edges, circles};
use super::resolve::{Mention, Modules, Place, mentions};
use super::source::Source;
use super::table::{Ban, Plan};

/// Every fault, in words that name the files, the lines and the paths.
pub(crate) fn faults(sources: &[Source], plan: &Plan) -> Vec<String> {
    let (modules, mentions) = mentions(sources);
    let house = House { rooms: rooms(sources, &modules), sources, modules };
    let mut faults = house.against_the_table(plan);
    let mut levels: BTreeMap<Vec<String>, Edges> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for mention in &mentions {
        if let Some(ban) = plan.bans.iter().find(|ban| house.breaks(mention, ban)) {
            faults.push(format!("{}: {}", house.told(mention), ban.why));
        } else if !mention.written.test
            && let Some((level, from, to)) = house.edge(mention)
        {
            // A file is told once of a room that it must not use.
            if told.insert((mention.source, to.clone())) {
                faults.extend(house.upward(mention, plan, &level, &from, &to));
            }
            let edges = levels.entry(level).or_default();
            edges.entry((from, to)).or_insert_with(|| house.told(mention));
        }
    }
    for (level, edges) in &levels {
        faults.extend(circles(edges).iter().map(|circle| round(level, circle, edges)));
    }
    faults.dedup();
    faults
}

/// The rooms of each crate; what only tests compile is none.
fn rooms(sources: &[Source], modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.beside) {
        if !modules.is_test(&source.krate, &source.module) {
            rooms.entry(source.krate.clone()).or_default().insert(source.room().to_owned());
        }
    }
    rooms
}

struct House<'a> {
    sources: &'a [Source],
    modules: Modules,
    rooms: BTreeMap<String, BTreeSet<String>>,
}

impl House<'_> {
    /// Rooms that the table has and the sources don't, and the other way round.
    fn against_the_table(&self, plan: &Plan) -> Vec<String> {
        let set = |krate: &str| self.rooms.get(krate).cloned().unwrap_or_default();
        let mut faults = Vec::new();
        for (krate, planned) in plan.crates {
            let found = set(krate);
            let planned: Vec<&str> = planned.split_whitespace().collect();
            let gone = planned.iter().filter(|room| !found.contains(**room));
            faults.extend(
                gone.map(|room| format!("the table has a room {room} of {krate}, which is not there")),
            );
            let new = found.iter().filter(|room| !planned.contains(&room.as_str()));
            faults.extend(new.map(|room| format!("the room {room} of {krate} has no place in the table")));
        }
        let known = |krate: &String| plan.crates.iter().any(|(name, _)| name == krate);
        let new = self.rooms.keys().filter(|krate| !known(krate));
        faults.extend(new.map(|krate| format!("the crate {krate} has no place in the table")));
        faults
    }

    /// What a path leads to, by names from the crate on.
    fn full(&self, place: &Place) -> Vec<String> {
        match place {
            Place::Outside(path) => path.clone(),
            Place::Inside { krate, module, rest } => {
                [std::slice::from_ref(krate), &module[..], rest].concat()
            }
        }
    }

    fn breaks(&self, mention: &Mention, ban: &Ban) -> bool {
        let source = &self.sources[mention.source];
        let (krate, room) = ban.from.split_once("::").map_or((ban.from, None), |(k, room)| (k, Some(room)));
        let applies = source.krate == krate
            && room.is_none_or(|room| room == source.room())
            && !ban.but.contains(&source.room());
        // Of what tests are made of, only whole crates are forbidden.
        let whole = |to: &str| room.is_none() && !to.contains("::");
        let full = self.full(&mention.place);
        applies && ban.to.iter().any(|to| (!mention.written.test || whole(to)) && leads_to(&full, to))
    }

    /// What uses what, and the module in which both lie: nothing for the workspace, whose rooms are the crates.
    fn edge(&self, mention: &Mention) -> Option<(Vec<String>, String, String)> {
        let source = &self.sources[mention.source];
        let Place::Inside { krate, module, .. } = &mention.place else { return None };
        let krate = krate.split(' ').next()?;
        if krate != source.krate {
            return Some((vec![], source.krate.clone(), krate.to_owned()));
        }
        let here = &mention.written.module;
        let room = |first: &String| self.rooms.get(krate).is_some_and(|rooms| rooms.contains(first));
        let target = module.first().filter(|first| room(first));
        let target = target.map_or_else(|| self.root_room(krate, &mention.place), String::as_str);
        if target != source.room() {
            return Some((vec![krate.to_owned()], source.room().to_owned(), target.to_owned()));
        }
        let shared = here.iter().zip(module).take_while(|(a, b)| a == b).count();
        let level = [&[krate.to_owned()], &here[..shared]].concat();
        Some((level, here.get(shared)?.clone(), module.get(shared)?.clone())).filter(|_| shared > 0)
    }

    fn root_room(&self, krate: &str, place: &Place) -> &str {
        let Place::Inside { krate: tree, .. } = place else { return "lib" };
        let has_library = self.rooms.get(krate).is_some_and(|rooms| rooms.contains("lib"));
        if has_library && tree == krate { "lib" } else { "main" }
    }

    /// Whether an edge leads to what the table has further up.
    fn upward(
        &self,
        mention: &Mention,
        plan: &Plan,
        level: &[String],
        from: &str,
        to: &str,
    ) -> Option<String> {
        let place = |name: &str| match level {
            [] => plan.crates.iter().position(|(krate, _)| *krate == name),
            [krate] => {
                let (_, rooms) = plan.crates.iter().find(|(name, _)| name == krate)?;
                rooms.split_whitespace().position(|room| room == name)
            }
            _ => None,
        };
        let is_up = place(from)? > place(to)?;
        let told = || {
            format!(
                "{}: {from} lies below {to} in the table, and uses only what is below it",
                self.told(mention)
            )
        };
        is_up.then(told)
    }

    /// A path with its line, and the file that it leads to.
    fn told(&self, mention: &Mention) -> String {
        let path = mention.written.segments.join("::");
        let start = format!("{}:{} names `{path}`", self.sources[mention.source].file, mention.written.line);
        match &mention.place {
            Place::Inside { krate, module, .. } => format!("{start} in {}", self.modules.file(krate, module)),
            Place::Outside(full) if full.join("::") != path => {
                format!("{start}, which is `{}`", full.join("::"))
            }
            Place::Outside(_) => start,
        }
    }
}

/// Whether a path begins with these names, or has them anywhere if they come after `**::`.
fn leads_to(full: &[String], to: &str) -> bool {
    let anywhere = to.strip_prefix("**::");
    let names: Vec<&str> = anywhere.unwrap_or(to).split("::").collect();
    let mut windows = full.windows(names.len());
    if anywhere.is_some() {
        windows.any(|part| part == names)
    } else {
        windows.next().is_some_and(|part| part == names)
    }
}

fn round(level: &[String], circle: &[String], edges: &Edges) -> String {
    let within = if level.is_empty() { "the workspace".to_owned() } else { level.join("::") };
    let next = circle.iter().cycle().skip(1);
    let evidence = circle.iter().zip(next).filter_map(|(from, to)| edges.get(&(from.clone(), to.clone())));
    let evidence: Vec<&str> = evidence.map(String::as_str).collect();
    let names = [circle, &circle[..1]].concat().join(" -> ");
    format!("a circle in {within}, {names}:\n    {}", evidence.join("\n    "))
}
