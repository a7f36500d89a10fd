//! What the commands of all programs say of themselves, for the book's list of commands.

use anyhow::{Context, Result, ensure};

use crate::process::cargo;

/// The programs whose help is written down.
pub(crate) const PROGRAMS: [&str; 3] = ["train", "lab", "xtask"];

/// Where the help of a program is, below `docs/src/figures`.
pub(crate) fn file(program: &str) -> String {
    format!("help-{program}.txt")
}

/// The help of every command of a program, each below a line `$ PROGRAM … --help`.
pub(crate) fn text(program: &str) -> Result<String> {
    let mut text = String::new();
    for name in commands(&help(&[program])?) {
        let own = help(&[program, &name])?;
        text += &section(&[program, &name], &own);
        for part in commands(&own) {
            text += &section(&[program, &name, &part], &help(&[program, &name, &part])?);
        }
    }
    Ok(text)
}

fn help(command: &[&str]) -> Result<String> {
    let (program, rest) = command.split_first().context("expected a program, found nothing")?;
    let run = ["run", "--quiet", "--package", *program, "--"];
    let output = cargo().args(run).args(rest).arg("--help").output().context("cannot start cargo")?;
    ensure!(output.status.success(), "`{} --help` ended with {}", command.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

fn section(command: &[&str], help: &str) -> String {
    let lines: Vec<&str> = help.trim().lines().map(str::trim_end).collect();
    // The tasks are called by Cargo.
    let cargo = if command.first() == Some(&"xtask") { "cargo " } else { "" };
    format!("$ {cargo}{} --help\n{}\n\n", command.join(" "), lines.join("\n"))
}

/// The commands that a help lists, but for `help` itself.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| line.starts_with("  ")).filter_map(|line| {
        // What a command does may go on in a line that is indented deeper.
        line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split_whitespace().next()
    });
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The sections of such a text: the command without `--help`, and what it says.
pub(crate) fn sections(text: &str) -> Result<Vec<(String, String)>> {
    let read = |section: &str| {
        let (command, help) = section.split_once('\n')?;
        Some((command.strip_suffix(" --help")?.to_owned(), help.trim().to_owned()))
    };
    let found = format!("\n{text}");
    let parts = found.split("\n$ ").skip(1);
    parts
        .map(|part| read(part).with_context(|| format!("expected a command and its help, found {part:?}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_help() {
        let help = "About\n\nCommands:\n  add   Adds\n        something\n  list  Lists\n  help  Helps\n\nOptions:\n  -h";
        assert_eq!(commands(help), ["add", "list"]);
        assert!(commands("About\n\nOptions:\n  -h").is_empty());
    }

    #[test]
    fn sections_come_back() {
        let text =
            section(&["train", "data", "add"], "Adds \n\n  $ no\n") + &section(&["train", "copy"], "Copies");
        let expected = [("train data add", "Adds\n\n  $ no"), ("train copy", "Copies")];
        assert_eq!(sections(&text).unwrap(), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(sections("$ nothing").is_err());
    }
}
