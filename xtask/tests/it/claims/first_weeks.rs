//! What chapters of the first weeks say without a number, beside the results that their numbers are inserted from.

use serde_json::Value;

use super::results;

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| match key.parse::<usize>() {
        Ok(index) => &value[index],
        Err(_) => &value[key],
    })
}

fn number(value: &Value, path: &str) -> f64 {
    at(value, path).as_f64().unwrap_or_else(|| panic!("no number at {path}"))
}

#[test]
fn the_noise_scale_grows_but_not_steadily() {
    let results = results("noise-scale");
    let of = |path: &str| number(&results, path);
    let runs = results["runs"].as_array().unwrap();
    assert!(runs.len() >= 5 && of("courses.correlation.count") == runs.len() as f64, "a distribution");
    let tokens = of("courses.tokens");
    for run in runs {
        let run = run.as_array().unwrap();
        assert_eq!(run.len() as f64, of("courses.points"), "all runs have the same points");
        assert!(
            run.iter().all(|point| point["tokens"].as_f64() == Some(tokens)),
            "a dotted line is straight"
        );
        let ends = [run.first().unwrap(), run.last().unwrap()].map(|point| &point["step"]);
        assert_eq!(ends, [at(&results, "courses.steps.0"), at(&results, "courses.steps.1")]);
    }
    let [begin, end] = ["begin", "end"].map(|end| of(&format!("courses.{end}.mean")));
    assert!(begin < tokens && tokens < end, "on the whole it grows");
    assert!(of("courses.falls.least") > 5.0, "no run rises steadily");
    assert!(of("courses.begin.most") < of("courses.end.least"), "in every run");
}

#[test]
fn what_the_noise_scale_is_good_for() {
    let results = results("noise-scale");
    let of = |path: &str| number(&results, path);
    assert_eq!(of("step_sizes.2.batch"), of("fixture.expected.scale"));
    let steps = |n: usize| of(&format!("frontier.points.{n}.steps"));
    assert!((1.8..2.0).contains(&(steps(0) / steps(1))), "nearly half of the steps");
    assert!(steps(9) < steps(8) && steps(9) > 0.9 * steps(8), "hardly fewer");
    let critical = of("frontier.critical");
    assert!((of("frontier.noise_scale.0")..of("frontier.noise_scale.1")).contains(&critical));
    let off = |name: &str| of(name) - of("fixture.expected.scale");
    assert!(off("fixture.mean_quotient") > 0.3 && off("fixture.median_quotient").abs() < 0.1, "too large");
}

#[test]
fn noise_helps_a_little() {
    let results = results("noise-scale");
    let of = |path: &str| number(&results, path);
    let way = |n: usize, name: &str| of(&format!("generalisation.{n}.{name}"));
    for (n, rate, batch) in
        [(0, 0.02, 8.0), (4, 0.02, 128.0), (5, 0.08, 8.0), (9, 0.08, 128.0), (10, 0.24, 8.0)]
    {
        assert_eq!((way(n, "rate"), way(n, "batch")), (rate, batch));
    }
    let [helped, error] = [0, 1].map(|n| of(&format!("generalisation.5.below_full.{n}")));
    assert!(helped > error && helped < 0.15 * way(9, "held_out.mean"), "a little: {helped} ± {error}");
    assert!(of("generalisation.0.below_full.0").abs() < 0.005, "hardly a difference");
    assert!(
        way(4, "training.mean") > 10.0 * way(9, "training.mean"),
        "less of the noise is learned by heart"
    );
    assert!(
        way(0, "held_out.mean") < way(5, "held_out.mean")
            && way(4, "held_out.mean") < way(9, "held_out.mean")
    );
    assert!(way(9, "held_out.mean") - way(9, "stopped.mean") > helped, "stopping does more");
    assert!(way(10, "astray") > 0.0 && at(&results, "generalisation.10.held_out").is_null());
}

#[test]
fn the_detour_explains_nothing_and_the_updates_all() {
    let results = results("batch-detour");
    let of = |path: &str| number(&results, path);
    let accuracy = |way: &str| of(&format!("summary.{way}.accuracy.mean"));
    let drop = accuracy("small") - accuracy("large");
    assert!(drop > 0.1, "a drop that one sees: {drop}");
    assert!(of("summary.bias_at_most") < 0.1, "small even in the worst order");
    assert!(of("summary.bias.most") < 0.02, "next to nothing in a random one");
    let same = |way: &str| of(&format!("summary.same_updates.{way}.mean"));
    assert_eq!(of("summary.same_updates.updates"), of("large.batches"));
    assert!((same("small") - same("large")).abs() < 0.3 * drop, "after as many updates they are alike");
    assert!(of("test.scored") < 0.1 * of("test.images"), "of ten images nine are never looked at");
}

#[test]
fn other_models_are_asked_for_the_word_that_does_not_fit() {
    let results = results("surprisal");
    let of = |path: &str| number(&results, path);
    let runs = at(&results, "small.runs").as_array().unwrap();
    assert!(runs.len() >= 5 && of("small.expected.count") == runs.len() as f64, "a distribution");
    let seeds: Vec<f64> = runs.iter().map(|run| run["seed"].as_f64().unwrap()).collect();
    assert!(seeds.windows(2).all(|pair| pair[1] == pair[0] + 1.0) && seeds[0] == 1.0, "none was left out");
    let book = super::json("models/austen/config.json");
    let wider = |name: &str| book["model"][name].as_f64().unwrap() > of(&format!("small.{name}"));
    assert!(wider("d_model") && of("small.layers") < book["model"]["n_layers"].as_f64().unwrap(), "smaller");
    assert!(of("small.steps") < book["training"]["steps"].as_f64().unwrap());
    assert!(of("small.book") < of("small.perplexity.least"), "they know less");
    assert!(of("small.expected.least") < of("small.expected.most"), "off by some frames through luck alone");
    assert!(of("small.always") > of("small.never"), "more agreement than not");
}

#[test]
fn spacing_helps_a_learner_who_is_made_so() {
    let results = results("remember");
    let of = |path: &str| number(&results, path);
    let plan = |learner: &str, name: &str, value: &str| {
        let plans = at(&results, &format!("{learner}.1.plans")).as_array().unwrap();
        number(plans.iter().find(|outcome| outcome["plan"] == name).unwrap(), value)
    };
    let known = |learner: &str, name: &str| plan(learner, name, "known.mean");
    assert!(known("spacing", "massed") < known("spacing", "never") + 0.05, "at once: next to nothing");
    assert!(known("spacing", "even") < known("spacing", "sm2"));
    let before = |name: &str| plan("spacing", name, "before.mean");
    let at_the_test = known("spacing", "sm2") - known("spacing", "even");
    assert!(before("sm2") - before("even") > at_the_test, "the larger difference is on the way there");
    assert!(plan("spacing", "sm2", "right") > plan("spacing", "even", "right"));
    let best = known("constant", "massed");
    let others = ["never", "even", "sm2"].map(|name| known("constant", name));
    assert!(others.iter().all(|other| *other < best), "everything is turned round");
    assert_eq!(
        ["never", "massed", "even", "sm2"],
        [0, 1, 2, 3].map(|n| at(&results, &format!("spacing.1.plans.{n}.plan")).as_str().unwrap())
    );
    assert!(of("once.2") < of("once.1") && of("once.1") < of("once.0"));
}
