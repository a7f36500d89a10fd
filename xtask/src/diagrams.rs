//! `cargo xtask diagrams`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::catalogue::{self, Graphs, Rendered};
use crate::files::persist;
use crate::{architecture, paths, show};

/// Writes the diagrams, or checks that they are what the code draws.
pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        return verify_all();
    }
    let mut changed = write(&paths::diagrams(), &render()?)?;
    changed.extend(announce(&paths::architecture())?);
    report(&changed);
    Ok(())
}

/// Fails if the model or a diagram is another than the one that is committed. The model comes first: it says why.
pub(crate) fn verify_all() -> Result<()> {
    architecture::compare(&paths::architecture())?;
    verify(&paths::diagrams(), &render()?)?;
    println!("diagrams/ holds what the code draws");
    Ok(())
}

/// Saves the model's graph, if it is another, so that it is seen in the changes of a commit.
fn announce(path: &Path) -> Result<Option<String>> {
    let text = architecture::text()?;
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(None);
    }
    persist(path, &text)?;
    Ok(Some(format!("{} (the model's architecture)", paths::shown(path))))
}

/// Draws one scope of the post-norm model, `depth` levels deep, to a file below target/.
pub(crate) fn open(path: &str, depth: usize) -> Result<()> {
    let (svg, report) = catalogue::render_scope(path, depth)?;
    let file = paths::root().join("target").join("open.svg");
    fs::create_dir_all(paths::root().join("target"))?;
    persist(&file, &with_newline(&svg))?;
    println!("{}: {report}", paths::shown(&file));
    Ok(())
}

/// Captures the model and draws all diagrams; fails if one of them is ugly in a way that can be measured.
pub(crate) fn render() -> Result<Vec<Rendered>> {
    let step = show::step("Capturing the model and drawing its diagrams");
    let graphs = Graphs::new()?;
    let rendered = catalogue::render_all(&graphs)?;
    rendered.iter().try_for_each(measured)?;
    step.done(&format!("{} diagrams, {}", rendered.len(), catalogue::lines(&graphs)));
    Ok(rendered)
}

/// Fails if a diagram is ugly in a way that can be measured.
pub(crate) fn measured(diagram: &Rendered) -> Result<()> {
    let narrow = diagram.narrow.iter().map(|narrow| ("narrow ", &narrow.report));
    for (kind, report) in [("", &diagram.report)].into_iter().chain(narrow) {
        let (id, faults) = (&diagram.id, report.faults());
        ensure!(faults == 0, "the {kind}diagram {id} has {faults} faults, expected none: {report}");
    }
    Ok(())
}

/// Lists what was written.
pub(crate) fn report(changed: &[String]) {
    match changed {
        [] => println!("diagrams/ was up to date"),
        files => println!("changed: {}", files.join(", ")),
    }
}

/// Writes what differs, removes what is no diagram any more, and names both.
pub(crate) fn write(folder: &Path, rendered: &[Rendered]) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let changed = differences(folder, rendered)?;
    let wanted = files(rendered);
    for name in changed.keys() {
        let path = folder.join(name);
        match wanted.get(name) {
            Some(content) => persist(&path, content)?,
            None => fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    Ok(changed.into_iter().map(|(name, state)| format!("diagrams/{name} ({state})")).collect())
}

/// Fails if a file is not what was drawn.
pub(crate) fn verify(folder: &Path, rendered: &[Rendered]) -> Result<()> {
    let stale = differences(folder, rendered)?;
    let names: Vec<_> = stale.iter().map(|(name, state)| format!("diagrams/{name} ({state})")).collect();
    ensure!(
        stale.is_empty(),
        "the diagrams are not what the code draws: {}\n`cargo xtask diagrams` writes them anew",
        names.join(", ")
    );
    Ok(())
}

/// Names of the files that differ, and how.
fn differences(folder: &Path, rendered: &[Rendered]) -> Result<BTreeMap<String, &'static str>> {
    let wanted = files(rendered);
    let mut differing = BTreeMap::new();
    for (name, content) in &wanted {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(found) if found == content.as_bytes() => {}
            Ok(_) => {
                differing.insert(name.clone(), "stale");
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                differing.insert(name.clone(), "new");
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
    let extra = present(folder)?.into_iter().filter(|name| !wanted.contains_key(name));
    differing.extend(extra.map(|name| (name, "no longer drawn")));
    Ok(differing)
}

/// Every diagram is a picture and a text that says the same.
fn files(rendered: &[Rendered]) -> BTreeMap<String, String> {
    let of = |diagram: &Rendered| {
        let Rendered { id, svg, text, .. } = diagram;
        [(format!("{id}.svg"), with_newline(svg)), (format!("{id}.html"), with_newline(text))]
    };
    rendered.iter().flat_map(of).collect()
}

fn with_newline(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// Pictures and texts in the folder.
fn present(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if !folder.exists() {
        return Ok(names);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path: PathBuf = entry?.path();
        let ours = path.extension().is_some_and(|extension| extension == "svg" || extension == "html");
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        names.extend(name.filter(|_| ours));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(id: &str, svg: &str) -> Rendered {
        let text = |text: &str| text.to_owned();
        Rendered {
            id: text(id),
            title: text("T"),
            description: text("D"),
            svg: text(svg),
            text: text("<ul></ul>"),
            ..Rendered::default()
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let first = [rendered("a", "<svg>1</svg>"), rendered("b", "<svg>2</svg>")];
        let changed = write(folder.path(), &first).unwrap();
        assert_eq!(changed.len(), 4, "{changed:?}");
        assert_eq!(write(folder.path(), &first).unwrap(), Vec::<String>::new());
        let second = [rendered("a", "<svg>3</svg>")];
        let changed = write(folder.path(), &second).unwrap();
        let expected = [
            "diagrams/a.svg (stale)",
            "diagrams/b.html (no longer drawn)",
            "diagrams/b.svg (no longer drawn)",
        ];
        assert_eq!(changed, expected);
        assert_eq!(fs::read_to_string(folder.path().join("a.svg")).unwrap(), "<svg>3</svg>\n");
        assert_eq!(present(folder.path()).unwrap().len(), 2);
    }

    #[test]
    fn a_stale_diagram_fails_the_check_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[rendered("a", "<svg>1</svg>")]).unwrap();
        verify(folder.path(), &[rendered("a", "<svg>1</svg>")]).unwrap();
        let error = verify(folder.path(), &[rendered("a", "<svg>2</svg>")]).unwrap_err().to_string();
        assert!(
            error.contains("diagrams/a.svg (stale)") && error.contains("cargo xtask diagrams"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(folder.path().join("a.svg")).unwrap(), "<svg>1</svg>\n");
    }
}
