//! What the commands of `train` say of themselves, for the book's list of commands.

use anyhow::{Context, Result};

use super::call;

/// The help of every command, each below a line `$ train … --help`.
pub(super) fn text() -> Result<String> {
    let mut text = String::new();
    for name in commands(&call(&["--help"], None)?) {
        let help = call(&[&name, "--help"], None)?;
        text += &section(&[&name], &help);
        for part in commands(&help) {
            text += &section(&[&name, &part], &call(&[&name, &part, "--help"], None)?);
        }
    }
    Ok(text)
}

fn section(command: &[&str], help: &str) -> String {
    let lines: Vec<&str> = help.trim().lines().map(str::trim_end).collect();
    format!("$ train {} --help\n{}\n\n", command.join(" "), lines.join("\n"))
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
        let text = section(&["data", "add"], "Adds \n\n  $ no\n") + &section(&["copy"], "Copies");
        let expected = [("train data add", "Adds\n\n  $ no"), ("train copy", "Copies")];
        assert_eq!(sections(&text).unwrap(), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(sections("$ nothing").is_err());
    }
}
