//! From raw settings to one that is resolved: flags over a file over `defaults.toml`.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{ArgMatches, Args, Command};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::beginning::{Settings, implied};
use crate::files::sums;

/// Every default, written once.
const DEFAULTS: &str = include_str!("defaults.toml");

/// What ends training, and what says when the model is evaluated. In each group, what is said anew comes in place of all
/// that was said before.
const ALTERNATIVES: [&[&str]; 2] = [&["steps", "minutes", "epochs"], &["evaluate_steps", "evaluate_minutes"]];

/// Evaluations of a run that is ended by the clock.
const EVALUATIONS: f64 = 6.0;

/// The defaults of a command.
fn defaults(command: &str) -> Result<Settings> {
    let all: Map<String, Value> = toml::from_str(DEFAULTS).context("defaults.toml can't be used")?;
    match all.get(command) {
        Some(Value::Object(settings)) => Ok(settings.clone()),
        _ => bail!("defaults.toml has no [{command}]"),
    }
}

/// The settings of a command: its flags, over those of the file, over the defaults.
///
/// # Errors
///
/// If the file is missing or damaged, or has a field that is no setting or a value that makes none.
pub(super) fn resolve<F, P>(command: &str, file: Option<&Path>, flags: &F) -> Result<P>
where
    F: Args + Serialize,
    P: DeserializeOwned,
{
    let told = over(file.map(read::<F>).transpose()?.unwrap_or_default(), given(flags)?);
    let mut resolved = over(over(defaults(command)?, implied(command, &told)?), told.clone());
    let is_told = |names: &[&str]| names.iter().any(|&name| told.contains_key(name));
    let minutes = resolved.get("minutes").and_then(Value::as_f64);
    if let Some(minutes) =
        minutes.filter(|_| !is_told(ALTERNATIVES[1]) && resolved.contains_key("evaluate_steps"))
    {
        resolved.remove("evaluate_steps");
        resolved.insert("evaluate_minutes".to_owned(), (minutes / EVALUATIONS).into());
    }
    Ok(serde_json::from_value(Value::Object(resolved))?)
}

/// `upper` where it says something, else `lower`.
fn over(mut lower: Settings, upper: Settings) -> Settings {
    for names in ALTERNATIVES {
        if names.iter().any(|&name| upper.contains_key(name)) {
            lower.retain(|name, _| !names.contains(&name.as_str()));
        }
    }
    lower.extend(upper);
    lower
}

/// What was given of some flags.
fn given(flags: &impl Serialize) -> Result<Settings> {
    let Value::Object(mut settings) = serde_json::to_value(flags)? else { bail!("flags are no settings") };
    settings.retain(|_, value| !value.is_null());
    Ok(settings)
}

/// Reads a file of settings. Its values are read as those of flags are, so the same is refused in the same words.
fn read<F: Args + Serialize>(path: &Path) -> Result<Settings> {
    let text = sums::read_beside(path)?;
    let cannot_use = || format!("{} can't be used", path.display());
    let text = str::from_utf8(&text).with_context(cannot_use)?;
    let file: toml::Table = toml::from_str(text).with_context(cannot_use)?;
    parse::<F>(&file, text).with_context(cannot_use)
}

fn parse<F: Args + Serialize>(file: &toml::Table, text: &str) -> Result<Settings> {
    let command = F::augment_args(Command::new("settings").no_binary_name(true));
    let known: Vec<&str> = command.get_arguments().map(|flag| flag.get_id().as_str()).collect();
    let read = |arguments: &[String]| {
        let matches = command.clone().try_get_matches_from(arguments);
        matches.map_err(|error| anyhow!("{}", first_line(&error)))
    };
    let mut arguments: Vec<String> = Vec::new();
    for (name, value) in file {
        let line = text.lines().position(|line| line.trim_start().starts_with(name)).unwrap_or_default() + 1;
        let is_known = known.contains(&name.as_str());
        ensure!(is_known, "line {line}: {name} is no setting; there are {}", known.join(", "));
        let value = match value {
            toml::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let argument = format!("--{}={value}", name.replace('_', "-"));
        read(std::slice::from_ref(&argument)).with_context(|| format!("line {line}"))?;
        arguments.push(argument);
    }
    given(&from_matches::<F>(&read(&arguments)?)?)
}

fn from_matches<F: Args>(matches: &ArgMatches) -> Result<F> {
    F::from_arg_matches(matches).map_err(|error| anyhow!("{}", first_line(&error)))
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// Adds to the help of every setting what it is by default.
pub(super) fn with_defaults(command: Command) -> Command {
    let Ok(defaults) = defaults(command.get_name()) else { return command };
    let ends = defaults.keys().filter(|name| ALTERNATIVES[0].contains(&name.as_str())).cloned();
    let ends: Vec<String> = ends.collect();
    command.mut_args(|flag| {
        let name = flag.get_id().to_string();
        let condition = match name.as_str() {
            _ if ends.contains(&name) => " if nothing else ends it",
            "evaluate_steps" => ", unless training ends by minutes",
            _ => "",
        };
        let value = match defaults.get(&name) {
            Some(Value::String(text)) => text.clone(),
            // As a file of settings has it.
            Some(value) => toml::Value::try_from(value).map_or(value.to_string(), |value| value.to_string()),
            None if name == "evaluate_minutes" => format!("--minutes divided by {EVALUATIONS}"),
            None => return flag,
        };
        let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
        flag.help(format!("{help} [default: {value}{condition}]"))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cli::lm::{LmFlags, LmPlan};
    use crate::cli::translate::{TranslateFlags, TranslatePlan};

    /// A plan by name of its settings.
    fn plan(arguments: &[&str], file: Option<&Path>) -> Result<Settings> {
        let command = TranslateFlags::augment_args(Command::new("translate").no_binary_name(true));
        let flags = from_matches::<TranslateFlags>(&command.try_get_matches_from(arguments)?)?;
        given(&TranslatePlan::resolve(&flags, file)?)
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_defaults() {
        let file = file("layers = 2\nd_model = 48\nsteps = 9\nnorm = \"post\"\n");
        let found = plan(&["--layers", "5"], Some(file.path())).unwrap();
        let of = |name: &str| found.get(name).cloned().unwrap_or_default();
        assert_eq!([of("layers"), of("d_model"), of("heads")], [5, 48, 4].map(Value::from));
        assert_eq!([of("steps"), of("minutes"), of("evaluate_steps")], [9.into(), Value::Null, 500.into()]);
        assert_eq!((of("norm"), of("corpus")), ("post".into(), "ding".into()));
        // What is written is read as the same again.
        let again = self::file(&toml::to_string(&found).unwrap());
        assert_eq!(plan(&[], Some(again.path())).unwrap(), found);
    }

    #[test]
    fn an_end_by_a_flag_comes_in_place_of_the_ends_in_the_file() {
        let file = file("minutes = 0.5\nepochs = 3\nevaluate_minutes = 0.1\nwarmup = 7\n");
        let of = |arguments: &[&str]| plan(arguments, Some(file.path())).unwrap();
        let found = of(&["--steps", "100000"]);
        assert!(found["steps"] == 100_000 && !found.contains_key("minutes") && !found.contains_key("epochs"));
        assert!(found["evaluate_minutes"] == 0.1 && found["warmup"] == 7);
        let found = of(&["--evaluate-steps", "9"]);
        assert!(found["evaluate_steps"] == 9 && !found.contains_key("evaluate_minutes"));
        assert!(found["minutes"] == 0.5 && found["epochs"] == 3);
    }

    #[test]
    fn training_by_the_clock_is_evaluated_by_the_clock() {
        let found = plan(&[], None).unwrap();
        assert!(found["minutes"] == 30.0 && found["evaluate_minutes"] == 5.0);
        assert!(!found.contains_key("evaluate_steps"));
    }

    #[test]
    fn what_a_file_says_wrongly_is_named() {
        for (text, parts) in [
            ("layers = 2\ncolour = 48\n", ["colour is no setting", "label_smoothing"]),
            ("dropout = nan\n", ["--dropout", "finite number"]),
            ("lr_factor = inf\n", ["--lr-factor", "finite number"]),
            ("norm = \"middle\"\n", ["pre or post", "middle"]),
            ("layers = -1\n", ["--layers", "-1"]),
            ("layers = [1]\n", ["--layers", "[1]"]),
            ("schedule = 3\n", ["noam or cosine", "3"]),
        ] {
            let file = file(text);
            let message = format!("{:#}", plan(&[], Some(file.path())).unwrap_err());
            let path = file.path().display().to_string();
            assert!(message.contains(&path) && parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }

    #[test]
    fn a_rate_that_the_schedule_does_not_go_by_is_refused_as_a_flag_and_left_out() {
        let message = plan(&["--lr", "0.1"], None).unwrap_err().to_string();
        assert!(message.contains("give --lr-factor"), "{message}");
        let found = plan(&["--schedule", "cosine", "--lr", "0.1"], None).unwrap();
        assert!(found["lr"] == 0.1 && !found.contains_key("lr_factor"));
        let file = file("schedule = \"cosine\"\nlr_factor = 2.0\n");
        assert!(plan(&[], Some(file.path())).unwrap()["lr"] == 0.001);
    }

    /// Whoever adds a setting adds its default; and no default is left of a setting that is gone.
    #[test]
    fn every_default_is_that_of_a_flag() {
        let check = |command: Command, name: &str| {
            let flags: Vec<String> = command.get_arguments().map(|flag| flag.get_id().to_string()).collect();
            for setting in defaults(name).unwrap().keys() {
                assert!(flags.contains(setting), "{name} has no flag {setting}");
            }
        };
        check(TranslateFlags::augment_args(Command::new("translate")), "translate");
        check(LmFlags::augment_args(Command::new("lm")), "lm");
        check(crate::cli::copy::CopyFlags::augment_args(Command::new("copy")), "copy");
        LmPlan::resolve(&LmFlags::default(), None).unwrap();
        crate::cli::copy::CopyPlan::resolve(&crate::cli::copy::CopyFlags::default(), None).unwrap();
    }

    #[test]
    fn help_shows_the_default_that_is_taken() {
        let command = LmFlags::augment_args(Command::new("lm"));
        let help = with_defaults(command).render_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "highest [default: 200]",
            "[default: cosine]",
            "[default: 30.0 if nothing else ends it]",
            "[default: 500, unless training ends by minutes]",
            "minutes [default: --minutes divided by 6]",
        ] {
            assert!(help.contains(part), "{part} is missing in {help}");
        }
    }
}
