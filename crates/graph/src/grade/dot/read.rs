//! From words to boxes and lines.
//!
//! What is open stands on a list, so that no file, however nested, takes more of the stack than another.

use std::collections::HashMap;

use super::DotError;
use super::words::{Word, Words};
use crate::grade::labels;
use crate::grade::redrawing::Redrawing;

/// How deep braces may be nested.
const DEPTH: usize = 200;
/// How many lines there may be: `{a b c} -> {d e f}` is nine.
const LINES: usize = 1_000_000;

/// What is given to boxes by `node [...]`, in braces and what is within them.
#[derive(Clone, Debug, Default)]
struct Defaults {
    label: Option<Label>,
    is_record: bool,
}

#[derive(Clone, Debug)]
enum Label {
    Text(String),
    Html(String),
}

/// What is known of a box.
#[derive(Debug)]
struct Found {
    name: String,
    label: Option<Label>,
    is_record: bool,
    is_hidden: bool,
    of: Option<String>,
}

/// Braces that are open.
#[derive(Debug, Default)]
struct Open {
    boxes: Vec<usize>,
    defaults: Defaults,
    /// What is joined by the arrows of the statement that is being read.
    ends: Vec<Vec<usize>>,
    /// Whether an arrow came last.
    leads_on: bool,
}

struct Reader<'a> {
    words: Words<'a>,
    /// A word that was looked at too early.
    ahead: Option<Word>,
    boxes: Vec<Found>,
    known: HashMap<String, usize>,
    lines: Vec<(usize, usize)>,
    open: Vec<Open>,
}

/// Reads a drawing.
pub(super) fn read(text: &str) -> Result<Redrawing, DotError> {
    let mut reader = Reader {
        words: Words::new(text),
        ahead: None,
        boxes: Vec::new(),
        known: HashMap::new(),
        lines: Vec::new(),
        open: vec![Open::default()],
    };
    reader.head(text)?;
    while !reader.open.is_empty() {
        reader.statement()?;
    }
    if let Some(word) = reader.next()? {
        return Err(reader.expected("nothing after the graph", &word));
    }
    Ok(reader.drawn())
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<Word>, DotError> {
        match self.ahead.take() {
            Some(word) => Ok(Some(word)),
            None => self.words.next(),
        }
    }

    /// The next word, which must be there.
    fn some(&mut self) -> Result<Word, DotError> {
        let line = self.words.line();
        self.next()?.ok_or(DotError::Open { line, what: "the graph" })
    }

    /// Whether a sign comes next, which is then left behind.
    fn meets(&mut self, sign: char) -> Result<bool, DotError> {
        let word = self.next()?;
        if word == Some(Word::Sign(sign)) {
            return Ok(true);
        }
        self.ahead = word;
        Ok(false)
    }

    fn expected(&self, what: &'static str, found: &Word) -> DotError {
        DotError::Expected { line: self.words.line(), what, found: found.shown() }
    }

    /// `strict digraph NAME {`
    fn head(&mut self, text: &str) -> Result<(), DotError> {
        let begins = || text.split_whitespace().next().map(super::short);
        let no_dot = || begins().map_or(DotError::Empty, |found| DotError::NoDot { found });
        let mut word = self.words.next().map_err(|_| no_dot())?.ok_or(DotError::Empty)?;
        if word == Word::Key("strict") {
            word = self.some()?;
        }
        match word {
            Word::Key("digraph") => {}
            Word::Key("graph") => return Err(DotError::Undirected { line: self.words.line() }),
            other => return Err(DotError::NoDot { found: other.shown() }),
        }
        match self.some()? {
            Word::Sign('{') => Ok(()),
            Word::Name(_) | Word::Html(_) if self.meets('{')? => Ok(()),
            other => Err(self.expected("{ after digraph", &other)),
        }
    }

    /// The part of a statement that begins with the next word.
    fn statement(&mut self) -> Result<(), DotError> {
        let word = self.some()?;
        if !matches!(word, Word::Arrow | Word::Line | Word::Sign('[')) && !self.leads_on() {
            self.join(false)?;
        } else if self.leads_on() && !matches!(word, Word::Name(_) | Word::Key("subgraph") | Word::Sign('{'))
        {
            return Err(self.expected("a box after ->", &word));
        }
        match word {
            Word::Name(name) => self.named(name)?,
            Word::Sign('{') => self.enter()?,
            Word::Sign('}') => self.leave(),
            Word::Sign(';') => {}
            Word::Sign('[') if !self.here().ends.is_empty() => self.attributes_of_ends()?,
            Word::Key("subgraph") => match self.some()? {
                Word::Sign('{') => self.enter()?,
                Word::Name(_) | Word::Html(_) if self.meets('{')? => self.enter()?,
                other => return Err(self.expected("{ after subgraph", &other)),
            },
            Word::Key(key @ ("node" | "edge" | "graph")) => self.defaults(key)?,
            Word::Arrow if !self.here().ends.is_empty() => self.here().leads_on = true,
            Word::Line => return Err(DotError::Undirected { line: self.words.line() }),
            other => return Err(self.expected("a box, an arrow or }", &other)),
        }
        Ok(())
    }

    /// The innermost braces. There are some as long as anything is read.
    fn here(&mut self) -> &mut Open {
        if self.open.is_empty() {
            self.open.push(Open::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn leads_on(&mut self) -> bool {
        self.here().leads_on
    }

    fn enter(&mut self) -> Result<(), DotError> {
        if self.open.len() > DEPTH {
            return Err(DotError::Deep { line: self.words.line(), most: DEPTH });
        }
        let defaults = self.here().defaults.clone();
        self.open.push(Open { defaults, ..Open::default() });
        Ok(())
    }

    /// What is in braces may be the end of an arrow.
    fn leave(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        if let Some(around) = self.open.last_mut() {
            around.boxes.extend(&closed.boxes);
            around.ends.push(closed.boxes);
            around.leads_on = false;
        }
    }

    /// A box, or an attribute of the graph.
    fn named(&mut self, name: String) -> Result<(), DotError> {
        if self.meets('=')? {
            self.value()?;
            return Ok(());
        }
        // A port, and a side of it.
        for _ in 0..2 {
            if self.meets(':')? {
                self.value()?;
            }
        }
        let id = match self.known.get(&name) {
            Some(&id) => id,
            None => {
                let Defaults { label, is_record } = self.here().defaults.clone();
                self.known.insert(name.clone(), self.boxes.len());
                self.boxes.push(Found { name, label, is_record, is_hidden: false, of: None });
                self.boxes.len() - 1
            }
        };
        let here = self.here();
        here.boxes.push(id);
        here.ends.push(vec![id]);
        here.leads_on = false;
        Ok(())
    }

    fn value(&mut self) -> Result<Label, DotError> {
        match self.some()? {
            Word::Name(text) => Ok(Label::Text(text)),
            Word::Key(key) => Ok(Label::Text(key.to_owned())),
            Word::Html(text) => Ok(Label::Html(text)),
            other => Err(self.expected("a name or a text", &other)),
        }
    }

    /// All that stands in brackets, in one or several.
    fn attributes(&mut self) -> Result<Vec<(String, Label)>, DotError> {
        let mut found = Vec::new();
        loop {
            match self.some()? {
                Word::Sign(']') => {
                    if !self.meets('[')? {
                        return Ok(found);
                    }
                }
                Word::Sign(',' | ';') => {}
                Word::Name(name) => {
                    let value = if self.meets('=')? { self.value()? } else { Label::Text("true".to_owned()) };
                    found.push((name, value));
                }
                other => return Err(self.expected("a name or ] within [ ]", &other)),
            }
        }
    }

    fn defaults(&mut self, key: &str) -> Result<(), DotError> {
        if !self.meets('[')? {
            let word = self.some()?;
            return Err(self.expected("[ after node, edge or graph", &word));
        }
        let found = self.attributes()?;
        if key == "node" {
            let defaults = &mut self.here().defaults;
            for (name, value) in found {
                match name.as_str() {
                    "label" => defaults.label = Some(value),
                    "shape" => defaults.is_record = is_record(&value),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// What follows a box, or the last of several that are joined.
    fn attributes_of_ends(&mut self) -> Result<(), DotError> {
        let found = self.attributes()?;
        let is_hidden = found.iter().any(|(name, value)| name == "style" && has(value, "invis"));
        if self.here().ends.len() > 1 {
            return self.join(is_hidden);
        }
        let ids = self.here().ends.pop().unwrap_or_default();
        if let [id] = ids[..] {
            let of = &mut self.boxes[id];
            of.is_hidden |= is_hidden;
            for (name, value) in found {
                match (name.as_str(), value) {
                    ("label", value) => of.label = Some(value),
                    ("shape", value) => of.is_record = is_record(&value),
                    ("box", Label::Text(key)) => of.of = Some(key),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Ends a statement: each box of an end is joined to each of the next.
    fn join(&mut self, is_hidden: bool) -> Result<(), DotError> {
        let ends = std::mem::take(&mut self.here().ends);
        if is_hidden {
            return Ok(());
        }
        for pair in ends.windows(2) {
            if self.lines.len() + pair[0].len().saturating_mul(pair[1].len()) > LINES {
                return Err(DotError::Many { line: self.words.line(), most: LINES });
            }
            let each = |&from: &usize| pair[1].iter().map(move |&to| (from, to));
            self.lines.extend(pair[0].iter().flat_map(each));
        }
        Ok(())
    }

    fn drawn(self) -> Redrawing {
        let mut drawn = Redrawing::new();
        let mut ids = Vec::with_capacity(self.boxes.len());
        for of in &self.boxes {
            let label = match &of.label {
                None => of.name.clone(),
                Some(Label::Text(text)) => labels::text(text, &of.name, of.is_record),
                Some(Label::Html(text)) => labels::html(text),
            };
            ids.push((!of.is_hidden).then(|| match &of.of {
                Some(key) => drawn.place(key, label),
                None => drawn.add(label),
            }));
        }
        for (from, to) in self.lines {
            if let (Some(from), Some(to)) = (ids[from], ids[to]) {
                drawn.join(from, to);
            }
        }
        drawn
    }
}

fn has(value: &Label, word: &str) -> bool {
    matches!(value, Label::Text(text) if text.contains(word))
}

fn is_record(value: &Label) -> bool {
    has(value, "record")
}
