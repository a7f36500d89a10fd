//! Where in the source a span was entered, and from where that function was called: read off the stack.

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::lines::Place;

/// No more of the stack is looked at.
const DEEPEST: usize = 200;

/// The innermost places of the stack that lie in a source of somebody's own, at most `count`, this crate's left out.
///
/// Dependencies from a registry have no line tables, or none that say more than the line that calls them.
pub(super) fn places(count: usize) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::with_capacity(count);
    let mut depth = 0;
    backtrace::trace(|frame| {
        depth += 1;
        for place in resolved(frame.ip()).iter() {
            if found.len() < count {
                found.push(place.clone());
            }
        }
        depth < DEEPEST && found.len() < count
    });
    found
}

/// A stack that was walked, and is asked later for its places: those far out may be in libraries whose line tables take
/// long to load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stack(Vec<usize>);

impl Stack {
    /// The stack as it is.
    pub(super) fn here() -> Self {
        let mut addresses = Vec::new();
        backtrace::trace(|frame| {
            addresses.push(frame.ip() as usize);
            addresses.len() < DEEPEST
        });
        Self(addresses)
    }

    /// As [`places`] of it.
    pub(super) fn places(&self, count: usize) -> Vec<Place> {
        let mut found: Vec<Place> = Vec::with_capacity(count);
        for &address in &self.0 {
            if found.len() == count {
                break;
            }
            let places = resolved(address as *mut c_void);
            found.extend(places.iter().take(count - found.len()).cloned());
        }
        found
    }
}

/// The places of an address, the innermost of what was inlined there first. Each address is looked up once.
fn resolved(address: *mut c_void) -> Arc<[Place]> {
    type Known = Mutex<HashMap<usize, Arc<[Place]>>>;
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Known::default);
    let key = address as usize;
    if let Some(places) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return places.clone();
    }
    let mut places: Vec<Place> = Vec::new();
    backtrace::resolve(address, |symbol| {
        let file = symbol.filename().and_then(Path::to_str).map(plain).filter(|file| is_own(file));
        if let (Some(file), Some(line)) = (file, symbol.lineno()) {
            places.push(Place { file: file.into(), line });
        }
    });
    let places: Arc<[Place]> = places.into();
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, places.clone());
    places
}

/// Whether it is the source of a crate that is neither from a registry, nor of the compiler, nor this one.
fn is_own(file: &str) -> bool {
    let this = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    let foreign = file.contains("/registry/src/") || file.contains("/rustc/") || file.starts_with(this);
    !foreign && Path::new(file).is_file()
}

/// The path with forward slashes, without the ways up and down again that a module with a `#[path]` has.
pub(super) fn plain(file: &str) -> String {
    let file = file.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in file.split('/') {
        match parts.last() {
            Some(&last) if part == ".." && !matches!(last, ".." | "") => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}
