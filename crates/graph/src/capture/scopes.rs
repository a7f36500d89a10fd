//! A `tracing` layer that orders spans against operations.
//!
//! On entering and leaving a span it creates a one-element tensor on the recording device. That marker appears among
//! the recorded operations, so whatever stands between two markers belongs to the span entered by the first.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use burn::backend::Capture;
use burn::tensor::{Device, Tensor};
use tracing::span::Id;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::frames::{Stack, places, plain};
use super::ids::IdMap;
use crate::lines::At;
use crate::view::Source;

/// A span that was entered, before anything is known of its operations.
#[derive(Clone, Debug)]
pub(crate) struct RecordedScope {
    pub(crate) name: String,
    pub(crate) source: Option<Source>,
    /// Where it was entered, as far as the stack tells.
    pub(crate) at: At,
    /// Index of the enclosing scope; the first scope is the root and its own parent.
    pub(crate) parent: usize,
}

/// The spans of one capture and where they begin and end.
#[derive(Debug)]
pub(crate) struct Scopes {
    /// All scopes; the first stands for everything outside of any span.
    pub(crate) scopes: Vec<RecordedScope>,
    /// For each marker tensor: the scope that operations after it belong to.
    pub(super) markers: IdMap<usize>,
    /// The line that asked for the capture, and those that led there.
    pub(super) asked: Stack,
    stack: Vec<usize>,
    active: bool,
}

impl Default for Scopes {
    fn default() -> Self {
        let root = RecordedScope { name: String::new(), source: None, at: At::default(), parent: 0 };
        Self {
            scopes: vec![root],
            markers: IdMap::default(),
            asked: Stack::default(),
            stack: vec![0],
            active: true,
        }
    }
}

impl Scopes {
    fn current(&self) -> usize {
        self.stack.last().copied().unwrap_or(0)
    }
}

/// Handle on the scopes being recorded, shared with the layer.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    device: Device,
    scopes: Arc<Mutex<Scopes>>,
    /// Whether it is asked where spans are entered.
    lines: bool,
}

impl Recorder {
    pub(crate) fn new(device: Device, lines: bool) -> Self {
        let recorder = Self { device, scopes: Arc::default(), lines };
        if lines {
            recorder.lock().asked = Stack::here();
        }
        recorder
    }

    /// Where the span is entered that is being entered.
    fn at(&self) -> At {
        if !self.lines || !self.lock().active {
            return At::default();
        }
        let mut places = places(2).into_iter();
        At { own: places.next(), call: places.next() }
    }

    /// Runs `body` with this thread's spans recorded.
    pub(crate) fn record<T>(&self, body: impl FnOnce() -> T) -> T {
        keep_callsites_enabled();
        let subscriber = Registry::default().with(self.clone());
        let result = tracing::subscriber::with_default(subscriber, body);
        // A guard that outlives the closure must not touch the device again.
        self.lock().active = false;
        result
    }

    /// What was recorded.
    pub(crate) fn take(&self) -> Scopes {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Scopes> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the stack of open scopes and marks the place.
    fn mark(&self, change: impl FnOnce(&mut Scopes)) {
        if !self.lock().active {
            return;
        }
        let marker = Tensor::<1>::from_floats([0.0], &self.device).try_into_primitive::<Capture>();
        let mut scopes = self.lock();
        change(&mut scopes);
        if let Ok(marker) = marker {
            let current = scopes.current();
            scopes.markers.insert(marker.id(), current);
        }
    }
}

/// The scope that a span was given when it was first entered.
struct ScopeOf(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let known = span.extensions().get::<ScopeOf>().map(|scope| scope.0);
        let mut entered = None;
        // The stack is walked before anything is locked.
        let mut at = if known.is_none() { self.at() } else { At::default() };
        self.mark(|scopes| {
            let scope = known.unwrap_or_else(|| {
                let parent = scopes.current();
                let name = span.name();
                let name = name.strip_prefix("r#").unwrap_or(name).to_owned();
                let source = source(span.metadata());
                scopes.scopes.push(RecordedScope { name, source, at: std::mem::take(&mut at), parent });
                scopes.scopes.len() - 1
            });
            scopes.stack.push(scope);
            entered = Some(scope);
        });
        if let (None, Some(scope)) = (known, entered) {
            span.extensions_mut().insert(ScopeOf(scope));
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let scope = context.span(id).and_then(|span| span.extensions().get::<ScopeOf>().map(|scope| scope.0));
        let Some(scope) = scope else { return };
        self.mark(|scopes| {
            // Guards may be dropped out of order: close this one, wherever it stands.
            if let Some(position) = scopes.stack.iter().rposition(|&open| open == scope) {
                scopes.stack.remove(position);
            }
        });
    }
}

fn source(metadata: &Metadata<'_>) -> Option<Source> {
    Some(Source { file: portable(metadata.file()?), line: metadata.line()? })
}

/// The path with forward slashes, without the part before a registry's package that differs between machines, and
/// without the ways up and down again that a module with a `#[path]` has.
fn portable(file: &str) -> String {
    let file = plain(file);
    let package = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    package.map_or(file.as_str(), |(_, package)| package).to_owned()
}

/// With a single subscriber alive, `tracing` asks the *current thread's* one whether a callsite that is met for the
/// first time is of interest, and remembers the answer for all threads. A second subscriber that is always there
/// makes it ask every one, so that a span first met on another thread is not lost.
fn keep_callsites_enabled() {
    static SECOND: OnceLock<Dispatch> = OnceLock::new();
    SECOND.get_or_init(|| Dispatch::new(NoSubscriber::new()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_the_same_on_every_machine() {
        let windows = r"crates\model\src\attention.rs";
        assert_eq!(portable(windows), "crates/model/src/attention.rs");
        let registry =
            "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/burn-nn-0.22.1/src/lib.rs";
        assert_eq!(portable(registry), "burn-nn-0.22.1/src/lib.rs");
        assert_eq!(portable("a/tests/it/../../examples/mlp.rs"), "a/examples/mlp.rs");
        assert_eq!(portable("../../b/./c.rs"), "../../b/./c.rs", "what is above the workspace stays");
        assert_eq!(portable("/../c.rs"), "/../c.rs");
    }

    /// In the program of the unit tests, which has no other capture: with one beside it, `tracing` would ask every
    /// subscriber anyhow.
    #[test]
    fn a_span_first_met_on_another_thread_is_recorded() {
        fn met() {
            tracing::info_span!("met").in_scope(|| ());
        }
        let device = Device::capture();
        let recorder = Recorder::new(device.clone(), false);
        let captured = device.capture_scope(|scope| {
            recorder.record(|| {
                std::thread::spawn(met).join().unwrap();
                met();
            });
            scope.complete([], [])
        });
        assert!(captured.is_ok());
        let names: Vec<_> = recorder.take().scopes.into_iter().map(|scope| scope.name).collect();
        assert_eq!(names, ["", "met"]);
    }
}
