//! Every link inside the book leads somewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use percent_encoding::percent_decode_str;

use super::html::Page;

/// Checks all pages under a folder and says how many links there are.
///
/// # Errors
///
/// If a link leads nowhere, or an anchor is there twice.
pub(crate) fn check(book: &Path) -> Result<usize> {
    let pages = pages(book)?;
    ensure!(!pages.is_empty(), "there are no pages in {}; `cargo xtask book` makes them", book.display());
    let mut broken = Vec::new();
    let mut count = 0;
    for (name, page) in &pages {
        for anchor in &page.repeated {
            broken.push(format!("{name}: the id {anchor:?} is there twice"));
        }
        for (line, link) in &page.links {
            if is_external(link) {
                continue;
            }
            count += 1;
            if let Err(reason) = follow(book, &pages, name, link) {
                broken.push(format!("{name}:{line}: {link:?}: {reason}"));
            }
        }
    }
    ensure!(broken.is_empty(), "{} broken links\n  {}", broken.len(), broken.join("\n  "));
    Ok(count)
}

/// With a scheme, or on another host.
fn is_external(link: &str) -> bool {
    let scheme = link.split_once(':').map(|(scheme, _)| scheme);
    link.starts_with("//")
        || scheme.is_some_and(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn follow(book: &Path, pages: &BTreeMap<String, Page>, from: &str, link: &str) -> Result<(), String> {
    let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = target.split_once('?').map_or(target, |(path, _)| path);
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = resolve(from, &decode(target)).ok_or("it leads out of the book")?;
    let path = if book.join(&path).is_dir() { join(&path, "index.html") } else { path };
    match pages.get(&path) {
        Some(page) if anchor.is_empty() || page.anchors.contains(&decode(anchor)) => Ok(()),
        Some(_) => Err(format!("{path} has no such anchor")),
        None if book.join(&path).is_file() => Ok(()),
        None => Err(format!("there is no {path}")),
    }
}

/// The file that `target` means on page `from`; none if it is outside.
fn resolve(from: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(from.to_owned());
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (start, target) = target.strip_prefix('/').map_or((folder, target), |rest| ("", rest));
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// All pages by their path in the book.
fn pages(book: &Path) -> Result<BTreeMap<String, Page>> {
    let mut pages = BTreeMap::new();
    for path in html_files(book)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(book).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        pages.insert(name, Page::read(&text));
    }
    Ok(pages)
}

/// All HTML files in a folder and below, in order.
pub(crate) fn html_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}; `cargo xtask book` makes it", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn good_links_are_counted() {
        let book = book(&[
            ("index.html", "<a href='deep/page.html#here'><a href='#own'><a href='https://x.y/z'><p id=own>"),
            ("deep/page.html", "<p id=here><a href='../index.html'><a href='../'><img src='/a%20b.png?v=1'>"),
            ("a b.png", ""),
        ]);
        assert_eq!(check(book.path()).unwrap(), 5);
    }

    #[test]
    fn broken_links_are_named() {
        let book = book(&[
            (
                "index.html",
                "<p id=a><p id=a>\n<a href='page.html#none'><a href='none.html'><a href='../out.html'>",
            ),
            ("page.html", ""),
        ]);
        let error = check(book.path()).unwrap_err().to_string();
        for part in [
            "4 broken links",
            "index.html: the id \"a\" is there twice",
            "index.html:2: \"page.html#none\": page.html has no such anchor",
            "index.html:2: \"none.html\": there is no none.html",
            "index.html:2: \"../out.html\": it leads out of the book",
        ] {
            assert!(error.contains(part), "{part:?} is missing in {error}");
        }
    }

    #[test]
    fn a_book_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path()).unwrap_err().to_string().contains("cargo xtask book"));
    }
}
