//! Reads a file: which names its modules have, and which paths its code writes down.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Meta, UseTree};

use super::source::Source;
use super::tokens;

/// A path as the code has it, not yet resolved.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The first is empty where the path begins with `::`, and the last has its `!` where a macro is called.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// The module in which it stands.
    pub(crate) module: Vec<String>,
    /// Whether only tests compile it.
    pub(crate) test: bool,
}

/// What a module has of names, besides the modules in it.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// What is defined here.
    pub(crate) defined: Vec<String>,
    /// What `use` brings here, and the path behind it.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
    /// Paths of which everything is brought here.
    pub(crate) globs: Vec<Vec<String>>,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) modules: BTreeMap<Vec<String>, Names>,
    pub(crate) written: Vec<Written>,
    /// Modules that only tests compile.
    pub(crate) tests: Vec<Vec<String>>,
}

/// Reads a file.
pub(crate) fn read(source: &Source) -> File {
    let parsed = syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.file));
    let mut reader = Reader { file: File::default(), module: source.module.clone(), test: source.beside };
    reader.file.modules.entry(source.module.clone()).or_default();
    reader.visit_file(&parsed);
    reader.file
}

struct Reader {
    file: File,
    module: Vec<String>,
    test: bool,
}

impl Reader {
    fn write(&mut self, segments: Vec<String>, span: Span) {
        let (line, module) = (span.start().line, self.module.clone());
        self.file.written.push(Written { segments, line, module, test: self.test });
    }

    fn names(&mut self) -> &mut Names {
        self.file.modules.entry(self.module.clone()).or_default()
    }

    fn tokens(&mut self, tokens: proc_macro2::TokenStream, texts: bool) {
        for (segments, span) in tokens::paths(tokens, texts) {
            self.write(segments, span);
        }
    }

    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            UseTree::Name(name) if name.ident == "self" => {
                self.bring(before.last(), before, name.ident.span())
            }
            UseTree::Name(name) => {
                self.bring(Some(&name.ident.to_string()), &with(&name.ident), name.ident.span());
            }
            UseTree::Rename(renamed) => {
                let path = if renamed.ident == "self" { before.to_vec() } else { with(&renamed.ident) };
                self.bring(Some(&renamed.rename.to_string()), &path, renamed.ident.span());
            }
            UseTree::Glob(glob) => {
                self.names().globs.push(before.to_vec());
                self.write(before.to_vec(), glob.star_token.spans[0]);
            }
        }
    }

    /// A `use` inside of a function counts for the whole module, unless a name is there already.
    fn bring(&mut self, name: Option<&String>, path: &[String], span: Span) {
        if let Some(name) = name.filter(|name| *name != "_") {
            self.names().aliases.entry(name.clone()).or_insert_with(|| path.to_vec());
        }
        self.write(path.to_vec(), span);
    }

    /// Visits something that may be there for tests alone.
    fn under(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let outside = self.test;
        self.test |= attributes.iter().any(is_for_tests);
        visit(self);
        self.test = outside;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = name_and_attributes(item);
        if let Some(name) = name {
            self.names().defined.push(name);
        }
        self.under(attributes, |reader| visit::visit_item(reader, item));
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Fn(function) => &function.attrs[..],
            ImplItem::Const(constant) => &constant.attrs[..],
            _ => &[],
        };
        self.under(attributes, |reader| visit::visit_impl_item(reader, item));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        if self.test {
            self.file.tests.push(self.module.clone());
        }
        if module.content.is_some() {
            self.names();
        }
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let before = if item.leading_colon.is_some() { vec![String::new()] } else { vec![] };
        self.tree(&item.tree, &before);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string());
        let start = path.leading_colon.as_ref().map(|_| String::new());
        let segments: Vec<String> = start.into_iter().chain(names).collect();
        if let (2.., Some(first)) = (segments.len(), path.segments.first()) {
            self.write(segments, first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let mut segments: Vec<String> =
            called.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let (Some(last), Some(first)) = (segments.last_mut(), called.path.segments.first()) {
            last.push('!');
            self.write(segments, first.ident.span());
        }
        self.tokens(called.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if !attribute.path().is_ident("doc") {
            if let Meta::List(list) = &attribute.meta {
                self.tokens(list.tokens.clone(), true);
            }
            visit::visit_attribute(self, attribute);
        }
    }

    /// `pub(in super::super)` uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

/// `#[test]`, `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
    let condition = list.tokens.to_string().replace(' ', "");
    list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all(test,"))
}

fn name_and_attributes(item: &Item) -> (Option<String>, &[Attribute]) {
    let (name, attributes) = match item {
        Item::Const(item) => (Some(&item.ident), &item.attrs),
        Item::Enum(item) => (Some(&item.ident), &item.attrs),
        Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
        Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
        Item::Static(item) => (Some(&item.ident), &item.attrs),
        Item::Struct(item) => (Some(&item.ident), &item.attrs),
        Item::Trait(item) => (Some(&item.ident), &item.attrs),
        Item::Type(item) => (Some(&item.ident), &item.attrs),
        Item::Union(item) => (Some(&item.ident), &item.attrs),
        Item::Impl(item) => (None, &item.attrs),
        Item::Mod(item) => (None, &item.attrs),
        Item::Use(item) => (None, &item.attrs),
        _ => return (None, &[]),
    };
    (name.map(ToString::to_string), attributes)
}
