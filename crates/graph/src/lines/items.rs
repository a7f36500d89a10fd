//! The functions and types of a file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use syn::visit::Visit;
use syn::{Attribute, FnArg, ImplItem, Item, TraitItem, UseTree};

use super::code::{Code, Function, Pattern, Struct, Type};
use super::names::Name;
use super::read;

/// What a file declares.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) functions: Vec<Arc<Function>>,
    pub(super) structs: Vec<Struct>,
    /// All types, traits and functions, by name.
    pub(super) declares: HashSet<String>,
    /// Other names of types, and whose they are.
    pub(super) aliases: HashMap<String, String>,
    /// The modules that the file says it has.
    pub(super) modules: HashSet<String>,
    /// Names that are imported, and their paths.
    pub(super) uses: HashMap<String, String>,
    /// The modules of which all names are imported.
    pub(super) globs: Vec<String>,
    /// Traits that a type is bound by.
    pub(super) bounds: HashSet<String>,
}

/// Reads a file; one that can't be parsed declares nothing.
pub(super) fn items(file: &Arc<str>, text: &str) -> Items {
    let mut found = Items::default();
    if let Ok(parsed) = syn::parse_file(text) {
        Bounds(&mut found.bounds).visit_file(&parsed);
        collect(file, &parsed.items, &mut found);
    }
    found
}

fn collect(file: &Arc<str>, items: &[Item], found: &mut Items) {
    for item in items {
        match item {
            Item::Fn(item) => {
                found.declares.insert(item.sig.ident.to_string());
                found.function(file, (None, None), &item.attrs, &item.sig, &item.block);
            }
            Item::Impl(item) => {
                let owner = match read::type_of(&item.self_ty, file) {
                    Type::Named(name) => Some(name),
                    _ => None,
                };
                let of_trait = item.trait_.as_ref().map(|(_, path, _)| read::name_of(path, file));
                for part in &item.items {
                    if let ImplItem::Fn(part) = part {
                        let of = (owner.clone(), of_trait.clone());
                        found.function(file, of, &part.attrs, &part.sig, &part.block);
                    }
                }
            }
            Item::Trait(item) => {
                found.declares.insert(item.ident.to_string());
                for part in &item.items {
                    if let TraitItem::Fn(part) = part
                        && let Some(block) = &part.default
                    {
                        let of = (None, Some(Name::new(&item.ident.to_string(), file)));
                        found.function(file, of, &part.attrs, &part.sig, block);
                    }
                }
            }
            Item::Struct(item) => found.structure(item.ident.to_string(), &item.fields, file),
            Item::Enum(item) => {
                found.structure(item.ident.to_string(), &syn::Fields::Unit, file);
                for variant in &item.variants {
                    found.structure(format!("{}::{}", item.ident, variant.ident), &variant.fields, file);
                }
            }
            Item::Type(item) => {
                let name = item.ident.to_string();
                if let Type::Named(of) = read::type_of(&item.ty, file) {
                    found.aliases.insert(name.clone(), of.path.to_string());
                }
                found.declares.insert(name);
            }
            Item::Use(item) => found.uses(&item.tree, ""),
            Item::Mod(item) if !is_test(&item.attrs) => {
                found.modules.insert(item.ident.to_string());
                if let Some((_, items)) = &item.content {
                    collect(file, items, found);
                }
            }
            _ => {}
        }
    }
}

impl Items {
    fn function(
        &mut self,
        file: &Arc<str>,
        (owner, of_trait): (Option<Name>, Option<Name>),
        attributes: &[Attribute],
        signature: &syn::Signature,
        block: &syn::Block,
    ) {
        let line = signature.ident.span().start().line as u32;
        let first = attributes.iter().map(|attribute| attribute.pound_token.spans[0].start().line as u32);
        let first = first.min().unwrap_or(line).min(line);
        let open = block.brace_token.span.open().start().line as u32;
        let end = block.brace_token.span.close().end().line as u32;
        let mut reader = read::Reader { file };
        let body = Code::Block(reader.block(block));
        let mut nested = Nested::default();
        nested.visit_block(block);
        nested.0.into_iter().for_each(|item| collect(file, std::slice::from_ref(item), self));
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(read::pattern(&typed.pat, read::type_of(&typed.ty, file), file)),
        });
        let parameters: Vec<Pattern> = parameters.collect();
        let returns = match &signature.output {
            syn::ReturnType::Default => Type::Unknown,
            syn::ReturnType::Type(_, of) => match (read::type_of(of, file), &owner) {
                (Type::Named(name), Some(owner)) if &*name.path == "Self" => Type::Named(owner.clone()),
                (of, _) => of,
            },
        };
        let instruments = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "instrument")
        };
        self.functions.push(Arc::new(Function {
            name: signature.ident.to_string(),
            owner,
            of_trait,
            file: file.clone(),
            parameters,
            returns,
            head: (first, open),
            line,
            end,
            has_span: attributes.iter().any(instruments),
            body,
        }));
    }

    fn structure(&mut self, name: String, fields: &syn::Fields, file: &Arc<str>) {
        let fields = fields.iter().enumerate().map(|(number, field)| {
            let name = field.ident.as_ref().map_or_else(|| number.to_string(), ToString::to_string);
            (name, read::type_of(&field.ty, file))
        });
        self.structs.push(Struct { name: name.clone(), fields: fields.collect() });
        self.declares.insert(name);
    }

    /// Notes where names come from.
    fn uses(&mut self, tree: &UseTree, before: &str) {
        let path = |name: &syn::Ident| match before {
            "" => name.to_string(),
            before if name == "self" => before.to_owned(),
            before => format!("{before}::{name}"),
        };
        match tree {
            UseTree::Path(of) => self.uses(&of.tree, &path(&of.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.uses(tree, before)),
            UseTree::Name(of) => {
                let full = path(&of.ident);
                let name = full.rsplit("::").next().unwrap_or(&full).to_owned();
                self.uses.insert(name, full);
            }
            UseTree::Rename(of) => {
                // Without a name, a trait is imported all the same.
                let name = if of.rename == "_" { path(&of.ident) } else { of.rename.to_string() };
                self.uses.insert(name, path(&of.ident));
            }
            UseTree::Glob(_) => self.globs.push(before.to_owned()),
        }
    }
}

/// The traits that types are bound by.
struct Bounds<'b>(&'b mut HashSet<String>);

impl<'a> Visit<'a> for Bounds<'_> {
    fn visit_trait_bound(&mut self, bound: &'a syn::TraitBound) {
        let parts: Vec<String> = bound.path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.0.insert(parts.join("::"));
        syn::visit::visit_trait_bound(self, bound);
    }
}

/// The items that are declared in a function.
#[derive(Default)]
struct Nested<'a>(Vec<&'a Item>);

impl<'a> Visit<'a> for Nested<'a> {
    fn visit_item(&mut self, item: &'a Item) {
        self.0.push(item);
    }
}

/// Whether it is compiled for unit tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}
