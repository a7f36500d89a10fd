//! `cargo xtask redraw`: a diagram that was drawn from memory, held against the one that was captured.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use graph::view::View;
use graph::{Picture, Redrawing};

use crate::catalogue::{self, Graphs};
use crate::show;

/// What bad input ends with, as clap's own errors do.
const BAD_INPUT: u8 = 2;
/// Nobody draws more than so many bytes.
const MOST: u64 = 16 << 20;

#[derive(Debug, Subcommand)]
pub(crate) enum Redraw {
    /// Grade a drawing: which boxes and lines are right, which ways around are missing. Exit with 2 if it is no drawing.
    Grade {
        /// The drawing, in Graphviz's language: `digraph { Inputs -> "Input Embedding" -> Add }`.
        file: PathBuf,
        /// The diagram that it is held against, by the name of its file in diagrams/.
        #[arg(long, value_name = "ID", default_value = "transformer")]
        diagram: String,
    },
    /// Print a drawing to begin with: the boxes of a diagram without their names and lines.
    Blank {
        /// The diagram, by the name of its file in diagrams/.
        #[arg(value_name = "ID", default_value = "transformer")]
        diagram: String,
    },
}

/// Grades, or prints. Errors end in one line and exit code 2.
pub(crate) fn run(redraw: &Redraw) -> ExitCode {
    let result = match redraw {
        Redraw::Grade { file, diagram } => grade(file, diagram),
        Redraw::Blank { diagram } => view(diagram).map(|view| blank(diagram, &view)),
    };
    let written = result.and_then(|text| match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the answer"),
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error);
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn view(diagram: &str) -> Result<View> {
    catalogue::view(&Graphs::new()?, diagram)
}

/// What is said of a drawing.
fn grade(file: &Path, diagram: &str) -> Result<String> {
    let shown = file.display();
    // Quickly, before anything is captured.
    let drawing = Redrawing::from_dot(&read(file)?).with_context(|| format!("cannot read {shown}"))?;
    told(&drawing, &view(diagram)?).with_context(|| format!("cannot grade {shown}"))
}

fn told(drawing: &Redrawing, view: &View) -> Result<String> {
    let grade = Picture::of(view).grade(drawing)?;
    let so = match grade.boxes().f1().min(grade.lines().f1()) {
        _ if grade.is_exact() => "Every box and every line is where it belongs.",
        0.8.. => "You know your way around.",
        0.4.. => "You have seen it. Look once more at what is missing, and draw it again.",
        _ => "Everybody begins like this. Look at the picture for a minute, cover it, and draw it again.",
    };
    Ok(format!("{}, drawn from memory\n{grade}{so}\n", view.title))
}

/// A text file of reasonable size.
fn read(file: &Path) -> Result<String> {
    let read = || -> Result<String> {
        let mut text = String::new();
        File::open(file)?.take(MOST + 1).read_to_string(&mut text)?;
        ensure!(text.len() as u64 <= MOST, "it has more than {} MiB", MOST >> 20);
        Ok(text)
    };
    read().with_context(|| format!("cannot read {}", file.display()))
}

/// A diagram's boxes without names and lines, and what to do with them.
fn blank(diagram: &str, view: &View) -> String {
    format!(
        "// {title}, to be drawn from memory: give each box its name, and write the lines, such as `b1 -> b2;`.\n\
         // Then: cargo xtask redraw grade FILE --diagram {diagram}\n{}",
        view.to_blank_dot(),
        title = view.title,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transformer() -> View {
        view("transformer").unwrap()
    }

    #[test]
    fn an_exact_copy_is_one() {
        let view = transformer();
        let picture = Picture::of(&view);
        let drawing = Redrawing::from_dot(&view.to_dot()).unwrap();
        let grade = picture.grade(&drawing).unwrap();
        assert_eq!((grade.boxes().f1(), grade.lines().f1(), grade.is_exact()), (1.0, 1.0, true));
        let text = told(&drawing, &view).unwrap();
        assert!(text.contains("It is an exact copy") && text.contains("F1 1.00"), "{text}");
    }

    #[test]
    fn a_copy_without_residuals_names_each() {
        let view = transformer();
        let mut bare = view.clone();
        bare.edges.retain(|edge| edge.role != graph::view::EdgeRole::Residual);
        let drawing = Redrawing::from_dot(&bare.to_dot()).unwrap();
        let grade = Picture::of(&view).grade(&drawing).unwrap();
        assert_eq!(grade.boxes().f1(), 1.0);
        assert_eq!(grade.lines().precision(), 1.0);
        let expected = [
            "the way around Multi-Head Attention of the Encoder layer",
            "the way around Feed Forward of the Encoder layer",
            "the way around Masked Multi-Head Attention of the Decoder layer",
            "the way around Multi-Head Attention of the Decoder layer",
            "the way around Feed Forward of the Decoder layer",
        ];
        assert_eq!(grade.missing_ways(), expected);
        assert!(grade.missing_lines().is_empty() && grade.extra_lines().is_empty(), "{grade}");
    }

    #[test]
    fn a_blank_is_a_drawing_without_names() {
        let view = transformer();
        let text = blank("transformer", &view);
        let drawing = Redrawing::from_dot(&text).unwrap();
        assert!(drawing.names().all(str::is_empty) && drawing.counts().0 == Picture::of(&view).counts().0);
        assert!(text.contains("subgraph cluster_") && !text.contains("Multi-Head"), "{text}");
        let filled = text.replacen("label=\"\", box=\"input:src\"", "label=\"inputs\", box=\"input:src\"", 1);
        let told = told(&Redrawing::from_dot(&filled).unwrap(), &view).unwrap();
        assert!(told.contains("Boxes: 1 of "), "{told}");
    }

    #[test]
    fn bad_input_is_told_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.dot");
        for (bytes, reason) in [
            (
                &b"A drawing of mine"[..],
                "this is no DOT: it should begin with `digraph {`, but it begins with \"A\"",
            ),
            (b"", "there is nothing in it"),
            (b"\xff\xfe\x00", "stream did not contain valid UTF-8"),
            (b"graph { a -- b }", "lines need a direction"),
            (b"digraph {\n a -> ;\n}", "line 2: expected a box after ->, found \";\""),
            (b"digraph { One -> Two }", "no box of the drawing has a name that is in the picture"),
            (b"digraph { }", "there is no box with a name in the drawing"),
        ] {
            std::fs::write(&file, bytes).unwrap();
            let error = format!("{:#}", grade(&file, "transformer").unwrap_err());
            assert!(error.contains(reason) && !error.contains('\n'), "{error}");
        }
        let error = format!("{:#}", grade(&folder.path().join("none"), "transformer").unwrap_err());
        assert!(error.contains("cannot read") && error.contains("none"), "{error}");
        assert!(view("hole").unwrap_err().to_string().contains("there is no diagram \"hole\"; there are "));
    }
}
