//! The list in the words of CycloneDX 1.5.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;

use super::tree::{Crate, Key, Tree};

/// The whole document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bom {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u8,
    metadata: Metadata,
    components: Vec<Component>,
    dependencies: Vec<Uses>,
}

#[derive(Serialize)]
struct Metadata {
    component: Component,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    name: String,
    version: String,
    /// Whether it is part of the program, or only builds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    licenses: Vec<License>,
    /// Where a registry has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<External>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum License {
    Expression(String),
    License { name: &'static str },
}

#[derive(Serialize)]
struct External {
    r#type: &'static str,
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uses {
    r#ref: String,
    depends_on: Vec<String>,
}

impl Bom {
    /// A list of all crates, sorted by name and version. Those that are not among the `linked` ones only build the program.
    /// Crates without a checksum are the project's own.
    pub(super) fn new(all: &Tree, linked: &Tree, sums: &BTreeMap<(&str, &str), &str>) -> Result<Self> {
        let sum = |key: &Key| sums.get(&(&key.0[..], &key.1[..])).copied();
        let reference = |key: &Key| match sum(key) {
            Some(_) => format!("pkg:cargo/{}@{}", key.0, key.1.replace('+', "%2B")),
            None => format!("{}@{}", key.0, key.1),
        };
        let component = |key: &Key, found: &Crate, scope: Scope| Component {
            r#type: if scope == Scope::Program { "application" } else { "library" },
            reference: reference(key),
            name: key.0.clone(),
            version: key.1.clone(),
            scope: scope.word(),
            hashes: sum(key)
                .map(|sum| Hash { alg: "SHA-256", content: sum.to_owned() })
                .into_iter()
                .collect(),
            licenses: vec![match &found.license[..] {
                "" => License::License { name: "in a file of the crate" },
                license => License::Expression(license.to_owned()),
            }],
            purl: sum(key).map(|_| reference(key)),
            external_references: Some(&found.repository)
                .filter(|url| !url.is_empty())
                .map(|url| External { r#type: "vcs", url: url.clone() })
                .into_iter()
                .collect(),
        };
        let own = all.crates.get(&all.program).context("the program is not among its crates")?;
        let others = all.crates.iter().filter(|(key, _)| **key != all.program);
        let scope = |key| if linked.crates.contains_key(key) { Scope::Required } else { Scope::Excluded };
        let uses = |(key, found): (&Key, &Crate)| Uses {
            r#ref: reference(key),
            depends_on: found.uses.iter().map(reference).collect(),
        };
        Ok(Self {
            bom_format: "CycloneDX",
            spec_version: "1.5",
            version: 1,
            metadata: Metadata { component: component(&all.program, own, Scope::Program) },
            components: others.map(|(key, found)| component(key, found, scope(key))).collect(),
            dependencies: all.crates.iter().map(uses).collect(),
        })
    }
}

/// What a crate is to the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Program,
    Required,
    Excluded,
}

impl Scope {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Program => None,
            Self::Required => Some("required"),
            Self::Excluded => Some("excluded"),
        }
    }
}
