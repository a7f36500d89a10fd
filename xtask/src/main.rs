//! The project's tasks: `cargo xtask book`, `serve`, `diagrams`, `cards`, `models`, `bench`, `libtorch`, `sbom` and `ci`.

mod architecture;
mod bench;
mod book;
mod cards;
mod catalogue;
mod ci;
mod diagrams;
mod files;
mod helps;
mod libtorch;
mod live;
mod models;
mod paths;
mod process;
mod redraw;
mod sbom;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// To draw is to make a great many small texts, which the system's allocator is slow at. The one that training has is
/// as good at it, but takes a minute to compile.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tasks of the Annotated Transformer in Rust.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Capture the model, draw its diagrams and build the book.
    Book,
    /// Build the book and serve it on this machine.
    Serve {
        /// Port to listen on; 0 for any that is free.
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Serve the book that was built last, and build none.
        #[arg(long)]
        built: bool,
    },
    /// Capture the model and write diagrams/.
    Diagrams {
        /// Write nothing; fail if a file is not what the code draws.
        #[arg(long)]
        check: bool,
        /// Draw nothing; fail if the model is another than the one saved in this file, and say how.
        #[arg(long, value_name = "OLD.json", conflicts_with_all = ["check", "open"])]
        compare: Option<PathBuf>,
        /// Draw this scope instead, such as `decoder/layer.2/sublayer.1`, to target/open.svg; "" is the whole.
        #[arg(long, value_name = "PATH", conflicts_with = "check")]
        open: Option<String>,
        /// How many levels of it are opened.
        #[arg(long, default_value_t = 1, requires = "open", value_parser = clap::value_parser!(u8).range(1..))]
        depth: u8,
    },
    /// Write a deck of cards that Anki imports: key facts, questions, and pictures with a name covered.
    Cards {
        /// Folder of the deck and its pictures [default: target/cards].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Draw a diagram from memory, and have it graded.
    Redraw {
        #[command(subcommand)]
        redraw: redraw::Redraw,
    },
    /// Train the small models that the book shows, into models/, and write down what they do.
    Models {
        /// Train nothing; show anew what the models in models/ do.
        #[arg(long)]
        figures: bool,
    },
    /// Measure speed, beside a baseline measured in the same run.
    Bench {
        #[command(subcommand)]
        bench: bench::Bench,
    },
    /// Fetch LibTorch for `train --features tch`, and print the environment to build and run with:
    /// eval "$(cargo xtask libtorch)".
    Libtorch {
        /// Python that has pip.
        #[arg(long, default_value = "python3")]
        python: String,
    },
    /// List what a program is made of: its crates with their versions, licences and checksums, as CycloneDX JSON.
    Sbom {
        /// Crate of the workspace that the program is in.
        #[arg(long, default_value = "train")]
        package: String,
        /// Features it is built with besides those that are on by default, with commas between.
        #[arg(long, value_name = "LIST", default_value = "", hide_default_value = true)]
        features: String,
        /// Kind of machine it is built for, as Rust names it, or `all` [default: this one].
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
        /// Write to this file instead of standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Run everything that must hold before a change is merged.
    Ci,
    /// The book's preprocessor, as the mdbook program calls it.
    #[command(hide = true)]
    Mdbook {
        /// `supports RENDERER`, or nothing to preprocess the book on standard input.
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        // What is no drawing is bad input, and no failure.
        Task::Redraw { redraw } => return redraw::run(&redraw),
        Task::Book => book::run(),
        Task::Serve { port, built } => book::serve::run(port, built),
        Task::Diagrams { compare: Some(old), .. } => architecture::compare(&old),
        Task::Diagrams { open: Some(path), depth, .. } => diagrams::open(&path, depth.into()),
        Task::Diagrams { check, .. } => diagrams::run(check),
        Task::Cards { out } => cards::run(&out.unwrap_or_else(paths::cards)),
        Task::Models { figures } => models::run(figures),
        Task::Bench { bench } => bench::run(&bench),
        Task::Libtorch { python } => libtorch::run(&python),
        Task::Sbom { package, features, target, out } => {
            sbom::run(&sbom::Program { package, features, target }, out.as_deref())
        }
        Task::Ci => ci::run(),
        Task::Mdbook { arguments } => book::preprocessor::run_for_mdbook(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_book_lists_what_the_tasks_say_of_themselves() {
        let path = paths::figures().join(helps::file("xtask"));
        let committed = helps::sections(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut program = Cli::command();
        program.build();
        let mut found = Vec::new();
        for task in
            program.get_subcommands_mut().filter(|task| !task.is_hide_set() && task.get_name() != "help")
        {
            found.push((format!("cargo xtask {}", task.get_name()), task.render_help().to_string()));
            for part in task.get_subcommands_mut() {
                let name = part.get_bin_name().unwrap_or_default().to_owned();
                found.push((name, part.render_help().to_string()));
            }
        }
        found.retain(|(name, _)| !name.ends_with(" help"));
        let plain = |help: &str| help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        let found: Vec<_> = found.into_iter().map(|(name, help)| (name, plain(&help))).collect();
        assert_eq!(committed, found, "run `cargo xtask models --figures`");
    }
}
