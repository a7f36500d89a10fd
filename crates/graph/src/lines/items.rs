//! The functions and types of a file.

use std::collections::HashSet;
use std::sync::Arc;

use syn::visit::Visit;
use syn::{Attribute, FnArg, ImplItem, Item, TraitItem, UseTree};

use super::code::{Code, Function, Pattern, Struct, Type};
use super::read;

/// What a file declares.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) functions: Vec<Arc<Function>>,
    pub(super) structs: Vec<Struct>,
    /// Names that are Burn's here.
    pub(super) of_burn: HashSet<String>,
}

/// Reads a file; one that can't be parsed declares nothing.
pub(super) fn items(file: &Arc<str>, text: &str) -> Items {
    let mut found = Items::default();
    if let Ok(parsed) = syn::parse_file(text) {
        collect(file, &parsed.items, &mut found);
    }
    found
}

fn collect(file: &Arc<str>, items: &[Item], found: &mut Items) {
    for item in items {
        match item {
            Item::Fn(item) => found.function(file, None, &item.attrs, &item.sig, &item.block),
            Item::Impl(item) => {
                let owner = match read::type_of(&item.self_ty) {
                    Type::Named(name) => Some(name),
                    _ => None,
                };
                for part in &item.items {
                    if let ImplItem::Fn(part) = part {
                        found.function(file, owner.clone(), &part.attrs, &part.sig, &part.block);
                    }
                }
            }
            Item::Trait(item) => {
                for part in &item.items {
                    if let TraitItem::Fn(part) = part
                        && let Some(block) = &part.default
                    {
                        found.function(file, None, &part.attrs, &part.sig, block);
                    }
                }
            }
            Item::Struct(item) => found.structs.push(Struct {
                name: item.ident.to_string(),
                fields: item
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(number, field)| {
                        let name =
                            field.ident.as_ref().map_or_else(|| number.to_string(), ToString::to_string);
                        (name, read::type_of(&field.ty))
                    })
                    .collect(),
            }),
            Item::Use(item) => found.uses(&item.tree, false),
            Item::Mod(item) if !is_test(&item.attrs) => {
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
        owner: Option<Arc<str>>,
        attributes: &[Attribute],
        signature: &syn::Signature,
        block: &syn::Block,
    ) {
        let line = signature.ident.span().start().line as u32;
        let first = attributes.iter().map(|attribute| attribute.pound_token.spans[0].start().line as u32);
        let first = first.min().unwrap_or(line).min(line);
        let open = block.brace_token.span.open().start().line as u32;
        let end = block.brace_token.span.close().end().line as u32;
        let mut reader = read::Reader;
        let body = Code::Block(reader.block(block));
        let mut nested = Nested::default();
        nested.visit_block(block);
        nested.0.into_iter().for_each(|item| collect(file, std::slice::from_ref(item), self));
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(read::pattern(&typed.pat, read::type_of(&typed.ty))),
        });
        let parameters: Vec<Pattern> = parameters.collect();
        let returns = match &signature.output {
            syn::ReturnType::Default => Type::Unknown,
            syn::ReturnType::Type(_, of) => match (read::type_of(of), &owner) {
                (Type::Named(name), Some(owner)) if &*name == "Self" => Type::Named(owner.clone()),
                (of, _) => of,
            },
        };
        let instruments = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "instrument")
        };
        self.functions.push(Arc::new(Function {
            name: signature.ident.to_string(),
            owner,
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

    /// Notes which names come from Burn.
    fn uses(&mut self, tree: &UseTree, burn: bool) {
        let is_burn = |name: &syn::Ident| burn || name == "burn" || name.to_string().starts_with("burn_");
        match tree {
            UseTree::Path(path) => self.uses(&path.tree, is_burn(&path.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.uses(tree, burn)),
            UseTree::Name(name) if burn => _ = self.of_burn.insert(name.ident.to_string()),
            UseTree::Rename(name) if burn => _ = self.of_burn.insert(name.rename.to_string()),
            _ => {}
        }
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
