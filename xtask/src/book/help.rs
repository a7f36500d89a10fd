//! The book's list of commands: what every command says of itself.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{helps, paths};

/// `{{#help PROGRAM}}`: a heading for each command, its first line, and all that it takes behind a click.
pub(crate) fn of(program: &str) -> Result<String> {
    let known = helps::PROGRAMS;
    ensure!(
        known.contains(&program),
        "there is no help of {program:?}; there is that of {}",
        known.join(" and ")
    );
    let path = paths::figures().join(helps::file(program));
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", paths::shown(&path)))?;
    Ok(helps::sections(&text)?.iter().map(|(command, help)| section(command, help)).collect())
}

/// One command, in Markdown. A fence of tildes, since a help has backticks.
fn section(command: &str, help: &str) -> String {
    let about = capitalised(help.lines().next().unwrap_or_default());
    let end = if about.ends_with(['.', '?', '!']) { "" } else { "." };
    let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    format!(
        "### `{command}`\n\n{about}{end}\n\n<details><summary>All that it takes</summary>\n\n~~~text,wrap\n{help}\n~~~\n\n</details>\n\n"
    )
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_has_its_commands() {
        for (program, heading) in [
            ("train", "### `train copy`"),
            ("lab", "### `lab check`"),
            ("xtask", "### `cargo xtask bench train`"),
        ] {
            let text = of(program).unwrap();
            assert!(text.contains(heading), "{heading} is missing in {text}");
        }
        assert!(of("cat").unwrap_err().to_string().contains("train and lab and xtask"));
    }

    #[test]
    fn a_section_is_a_heading_a_sentence_and_all_the_rest_behind_a_click() {
        let text = section("train copy", "copies\n\nUsage: train `copy` \n");
        assert!(text.starts_with("### `train copy`\n\nCopies.\n\n<details>"), "{text}");
        assert!(
            section("a", "is it?").contains("Is it?\n\n") && section("a", "it is.").contains("It is.\n\n")
        );
        assert!(text.contains("~~~text,wrap\ncopies\n\nUsage: train `copy`\n~~~\n\n</details>"), "{text}");
    }
}
