//! The book's list of commands: what every command says of itself.

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Command;

use crate::models::{self, helps};
use crate::{paths, tasks};

/// `{{#help PROGRAM}}`: a heading for each command, its first line, and all that it takes behind a click.
pub(crate) fn of(program: &str) -> Result<String> {
    let sections = match program {
        _ if helps::PROGRAMS.contains(&program) => {
            let path = models::figures().join(helps::file(program));
            let text = fs::read_to_string(&path).with_context(|| format!("no {}", paths::shown(&path)))?;
            helps::sections(&text)?
        }
        "xtask" => own(&mut tasks()),
        _ => bail!(
            "there is no help of {program:?}; there is that of xtask, {}",
            helps::PROGRAMS.join(" and ")
        ),
    };
    Ok(sections.iter().map(|(command, help)| section(command, help)).collect())
}

/// The help of the tasks, but for what is hidden.
fn own(program: &mut Command) -> Vec<(String, String)> {
    let mut sections = Vec::new();
    program.build();
    for task in program.get_subcommands_mut().filter(|task| !task.is_hide_set() && task.get_name() != "help")
    {
        sections.push((
            format!("cargo xtask {}", task.get_name()),
            task.render_help().to_string().trim().to_owned(),
        ));
        for part in task.get_subcommands_mut().filter(|part| part.get_name() != "help") {
            let name = part.get_bin_name().unwrap_or_default().to_owned();
            sections.push((name, part.render_help().to_string().trim().to_owned()));
        }
    }
    sections
}

/// One command, in Markdown. A fence of tildes, since a help has backticks.
fn section(command: &str, help: &str) -> String {
    let about = capitalised(help.lines().next().unwrap_or_default());
    let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    format!(
        "### `{command}`\n\n{about}.\n\n<details><summary>All that it takes</summary>\n\n~~~text,wrap\n{help}\n~~~\n\n</details>\n\n",
        about = about.trim_end_matches('.'),
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
    fn every_task_is_listed_and_nothing_hidden() {
        let text = of("xtask").unwrap();
        for heading in ["### `cargo xtask book`", "### `cargo xtask bench train`", "### `cargo xtask ci`"] {
            assert!(text.contains(heading), "{heading} is missing in {text}");
        }
        assert!(!text.contains("mdbook") && !text.contains("`cargo xtask help`"), "{text}");
        assert!(of("cat").unwrap_err().to_string().contains("xtask, train and lab"));
    }

    #[test]
    fn a_section_is_a_heading_a_sentence_and_all_the_rest_behind_a_click() {
        let text = section("train copy", "copies\n\nUsage: train `copy` \n");
        assert!(text.starts_with("### `train copy`\n\nCopies.\n\n<details>"), "{text}");
        assert!(text.contains("~~~text,wrap\ncopies\n\nUsage: train `copy`\n~~~\n\n</details>"), "{text}");
    }
}
