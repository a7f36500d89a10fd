//! `cargo xtask book`.

use std::fs;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use mdbook_driver::MDBook;
use tracing::Level;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

use super::preprocessor::Diagrams;
use crate::{diagrams, live, paths, show};

/// Builds the book and says where it is.
pub(crate) fn run() -> Result<()> {
    build()?;
    println!("The book is {}", paths::shown(&paths::book().join("index.html")));
    println!("`cargo xtask serve` serves it at http://127.0.0.1:3000, with its search and its themes");
    Ok(())
}

/// Draws the diagrams and builds the book around them.
pub(crate) fn build() -> Result<()> {
    let rendered = diagrams::render()?;
    diagrams::report(&diagrams::write(&paths::diagrams(), &rendered)?);
    let models = live::models()?;
    let mut figures = rendered;
    figures.extend(live::figures(&models)?);
    let step = show::step("Building the book");
    let complaints = Complaints::default();
    let subscriber = tracing_subscriber::registry().with(complaints.clone());
    let chapters = tracing::subscriber::with_default(subscriber, || -> Result<usize> {
        let mut book = MDBook::load(paths::docs()).context("cannot load docs/")?;
        book.with_preprocessor(Diagrams::new(figures));
        // What an earlier book left behind would hide broken links.
        let target = paths::book();
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("cannot remove {}", target.display()))?;
        }
        book.build()?;
        Ok(book.book.chapters().count())
    })?;
    complaints.none()?;
    let sizes = live::write(&models, &paths::book().join("live"))?;
    step.done(&format!("{chapters} chapters; models that run in it: {sizes}"));
    Ok(())
}

/// Warnings and errors of mdBook, which only logs them and goes on.
#[derive(Clone, Default)]
struct Complaints(Arc<Mutex<Vec<String>>>);

impl Complaints {
    fn none(&self) -> Result<()> {
        let found = self.0.lock().map(|found| found.join("\n  ")).unwrap_or_default();
        ensure!(found.is_empty(), "mdBook complains\n  {found}");
        Ok(())
    }
}

impl<S: tracing::Subscriber> Layer<S> for Complaints {
    fn on_event(&self, event: &tracing::Event<'_>, _context: LayerContext<'_, S>) {
        let ours = event.metadata().target().starts_with("mdbook");
        if ours && *event.metadata().level() <= Level::WARN {
            let mut message = Message(String::new());
            event.record(&mut message);
            if let Ok(mut found) = self.0.lock() {
                found.push(message.0);
            }
        }
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 += &format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_complaints_and_news_is_not() {
        let complaints = Complaints::default();
        let subscriber = tracing_subscriber::registry().with(complaints.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "mdbook_driver", "all is well");
            tracing::warn!(target: "elsewhere", "none of our business");
        });
        complaints.none().unwrap();
        let subscriber = tracing_subscriber::registry().with(complaints.clone());
        tracing::subscriber::with_default(
            subscriber,
            || tracing::warn!(target: "mdbook_html::x", "odd {}", 1),
        );
        assert_eq!(complaints.none().unwrap_err().to_string(), "mdBook complains\n  odd 1");
    }
}
