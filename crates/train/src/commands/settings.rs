//! `settings.toml` of a run that goes on otherwise than it began.

use toml::Value;

use crate::run::schedule::Schedule;
use crate::run::training::TrainingConfig;

/// The settings of a run, with what has changed since it began: each line stays where it is, and what is new comes last.
#[must_use]
pub(super) fn changed(text: &str, training: &TrainingConfig) -> String {
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let (rate, value, warmup) = match training.schedule {
        Schedule::Noam { factor, warmup } => ("lr_factor", factor, warmup),
        Schedule::Cosine { peak, warmup } => ("lr", peak, warmup),
    };
    let mut now = vec![
        ("steps", training.steps.map(number)),
        ("minutes", training.minutes.map(Value::Float)),
        ("epochs", training.epochs.map(number)),
        (rate, Some(Value::Float(value))),
        ("warmup", Some(number(warmup))),
        ("clip", training.clip.map(Value::Float)),
        ("patience", training.patience.map(number)),
    ];
    let mut lines = Vec::new();
    for line in text.lines() {
        let name = line.split_once('=').map_or("", |(name, _)| name.trim());
        match now.iter().position(|(changeable, _)| *changeable == name) {
            Some(place) => lines.extend(set(now.remove(place))),
            None => lines.push(line.to_owned()),
        }
    }
    lines.extend(now.into_iter().filter_map(set));
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A line of settings; none if there is no value.
fn set((name, value): (&str, Option<Value>)) -> Option<String> {
    value.map(|value| format!("{name} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::training::tests::training;

    #[test]
    fn what_has_changed_is_said_in_its_place_and_what_has_not_stays() {
        let text = "corpus = \"a = b\"\nsteps = 6\nlr_factor = 1.0\nwarmup = 10\nseed = 5\n";
        assert_eq!(changed(text, &training()), text);
        let other = TrainingConfig {
            steps: None,
            epochs: Some(2),
            clip: Some(1.5),
            schedule: Schedule::Noam { factor: 0.25, warmup: 10 },
            ..training()
        };
        let expected =
            "corpus = \"a = b\"\nlr_factor = 0.25\nwarmup = 10\nseed = 5\nepochs = 2\nclip = 1.5\n";
        assert_eq!(changed(text, &other), expected);
    }
}
