//! `cargo xtask bench train`: a training step, beside PyTorch, alone and beside a neighbour that wants the memory.

use anyhow::Result;
use console::style;

use super::asked::{self, Asked};
use super::baseline::{Baseline, Timed};
use super::floors::{STEPS, Step};
use super::hog::{self, Hog};
use super::spread::{Spread, verdict, verdict_heading};

/// Names of a step's sizes, as options and as columns.
const SIZES: [(&str, &str); 7] = [
    ("--layers", "N"),
    ("--d-model", "d"),
    ("--d-ff", "ff"),
    ("--heads", "h"),
    ("--vocab", "v"),
    ("--batch", "b"),
    ("--length", "l"),
];

pub(super) fn run(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    let Baseline { rounds, iters, .. } = baseline;
    println!(
        "\nSeconds of a step, tokens a second, and how many times as fast train is as PyTorch; rounds: {rounds}"
    );
    println!(
        "{:<31}  {:<6}  {:>7} {:>7}  {:>7} {:>7}  {}  {:>9}",
        "step",
        "beside",
        "train",
        "torch",
        "tok/s",
        "torch",
        verdict_heading("ratio"),
        "hog GB/s"
    );
    let mut memory = Vec::new();
    let mut worked_on = None;
    for step in &STEPS {
        let arguments = arguments(step);
        let alone = Pair::measure(baseline, &arguments, None)?;
        println!("{:<31}  {:<6}  {}", name(step), "-", alone.row(step.alone));
        let mut hog = Hog::start(hog::BYTES);
        let beside = Pair::measure(baseline, &arguments, Some(&mut hog))?;
        drop(hog);
        println!("{:<31}  {:<6}  {}", name(step), "hog", beside.row(step.beside_hog));
        let asked = if baseline.device == "flex" { asked::count(&arguments)? } else { None };
        memory.push(format!("{:<31}  {}", name(step), memory_row(&alone, asked.as_ref(), step.memory)));
        worked_on = alone.torch.last().and_then(|timed| timed.device.clone());
    }
    println!(
        "\nEach round takes the median of {iters} steps; shown is the median of all rounds, and how the ratio varied. The hog \
         is one\nthread that computes a = b + 3c over three arrays of {} MB, beside train and beside PyTorch; GB/s are what it \
         read and wrote\nfrom the start of each to its end. It takes its share of the cores, too.",
        hog::BYTES >> 20
    );
    print_memory(&memory);
    if let Some(device) = worked_on {
        println!("PyTorch says that it worked on {device}.");
    }
    Ok(())
}

/// The table of what both sides need, and what it says.
fn print_memory(rows: &[String]) {
    println!(
        "\nMiB: the most that the process had, without what lies on a GPU, and what train asks for in a step"
    );
    println!(
        "{:<31}  {:>7} {:>7}  {:>6}  {:>5}  {:>8} {:>8}  {:>6}",
        "step", "train", "torch", "ratio", "floor", "a step", "textbook", "ratio"
    );
    rows.iter().for_each(|row| println!("{row}"));
    println!(
        "\nWhat a step asks for is counted by the allocator, and not timed: all memory that it gives out, in its sizes, which \
         are\nup to a quarter larger. Nearly all of it is tensors; each is written and read at least once. With --textbook, \
         train computes as the book\nshows. Passes over memory that is there already are not counted."
    );
}

/// The command that times a step.
fn arguments(step: &Step) -> Vec<&'static str> {
    let options = SIZES.iter().zip(step.sizes).flat_map(|((option, _), size)| [*option, size]);
    ["step"].into_iter().chain(options).collect()
}

/// What a step is called in a table.
fn name(step: &Step) -> String {
    let sizes = SIZES.iter().zip(step.sizes).map(|((_, short), size)| format!("{short}{size}"));
    sizes.collect::<Vec<_>>().join(" ")
}

/// What a step took on both sides, round by round.
struct Pair {
    train: Vec<Timed>,
    torch: Vec<Timed>,
    /// Gigabytes a second of the hog, beside each.
    hog: Option<[Vec<f64>; 2]>,
}

impl Pair {
    fn measure(baseline: &Baseline, arguments: &[&str], mut hog: Option<&mut Hog>) -> Result<Self> {
        let (mut train, mut torch, mut reached) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
        let mut look = |place: usize, is_counted: bool| {
            if let Some(hog) = hog.as_deref_mut() {
                let gigabytes = hog.reached();
                if is_counted {
                    reached[place].push(gigabytes);
                }
            }
        };
        for _ in 0..baseline.rounds {
            look(0, false);
            train.push(baseline.train(arguments)?);
            look(0, true);
            torch.push(baseline.torch(arguments)?);
            look(1, true);
        }
        let hog = hog.is_some().then_some(reached);
        Ok(Self { train, torch, hog })
    }

    fn row(&self, floor: f64) -> String {
        let of = |side: &[Timed], value: fn(&Timed) -> f64| side.iter().map(value).collect::<Vec<f64>>();
        let [ours, theirs] = [&self.train, &self.torch].map(|side| of(side, |timed| timed.seconds));
        let [our_rate, their_rate] =
            [&self.train, &self.torch].map(|side| Spread::of(&of(side, |timed| timed.tokens_per_s)).median);
        let ratio = Spread::of_ratios(&theirs, &ours).verdict(Some(floor));
        let [ours, theirs] = [ours, theirs].map(|seconds| Spread::of(&seconds).median);
        let hog = self.hog.as_ref().map_or("-".to_owned(), |sides| {
            sides.each_ref().map(|reached| format!("{:.1}", Spread::of(reached).median)).join(" ")
        });
        format!("{ours:>7.3} {theirs:>7.3}  {our_rate:>7.0} {their_rate:>7.0}  {ratio}  {hog:>9}")
    }
}

/// The most memory that both sides had, and what a step of ours asks for.
fn memory_row(pair: &Pair, asked: Option<&Asked>, floor: f64) -> String {
    let most = |side: &[Timed]| {
        side.iter().map(|timed| timed.peak_mib).collect::<Option<Vec<u64>>>()?.into_iter().max()
    };
    let peaks = match (most(&pair.train), most(&pair.torch)) {
        (Some(ours), Some(theirs)) => {
            let ratio = verdict(theirs as f64 / ours as f64, Some(floor));
            format!("{ours:>7} {theirs:>7}  {ratio:>6}")
        }
        _ => format!("{:>7} {:>7}  {:>6}", "-", "-", style("-".to_owned())),
    };
    let asked = match asked {
        Some(Asked { fused, textbook }) => {
            format!("{fused:>8.0} {textbook:>8.0}  {:>6.2}", textbook / fused)
        }
        None => format!("{:>8} {:>8}  {:>6}", "-", "-", "-"),
    };
    format!("{peaks}  {floor:>5.1}  {asked}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(seconds: f64, peak_mib: Option<u64>) -> Timed {
        Timed { seconds, tokens_per_s: 1536.0 / seconds, peak_mib, device: None }
    }

    fn pair(ours: (f64, Option<u64>), theirs: (f64, Option<u64>)) -> Pair {
        let hog = Some([vec![6.25], vec![5.0]]);
        Pair { train: vec![timed(ours.0, ours.1)], torch: vec![timed(theirs.0, theirs.1)], hog }
    }

    fn words(row: &str) -> Vec<String> {
        let row = console::strip_ansi_codes(row).into_owned();
        assert!(31 + 2 + 6 + 2 + row.len() <= 130, "{row}");
        row.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_has_both_sides_the_ratio_with_its_spread_and_the_hog() {
        let mut pair = pair((0.5, Some(1_000)), (1.25, Some(900)));
        let row = words(&pair.row(1.0));
        assert_eq!(row, ["0.500", "1.250", "3072", "1229", "2.50", "2.50", "2.50", "1.0", "6.2", "5.0"]);
        pair.train.push(timed(1.0, Some(1_000)));
        pair.torch.push(timed(1.0, Some(900)));
        pair.hog = None;
        let row = words(&pair.row(1.0));
        assert_eq!(row, ["1.000", "1.250", "3072", "1536", "2.50", "1.00", "2.50", "1.0", "-"]);
    }

    #[test]
    fn memory_has_the_peaks_and_what_a_step_asks_for() {
        let pair = pair((0.5, Some(1_000)), (1.25, Some(900)));
        let asked = Asked { fused: 400.0, textbook: 1_000.0 };
        let row = words(&memory_row(&pair, Some(&asked), 1.0));
        assert_eq!(row, ["1000", "900", "0.90", "1.0", "400", "1000", "2.50"]);
    }

    #[test]
    fn memory_that_is_not_known_has_no_verdict() {
        let row = words(&memory_row(&pair((0.5, None), (0.5, Some(900))), None, 1.0));
        assert_eq!(row, ["-", "-", "-", "1.0", "-", "-", "-"]);
    }

    #[test]
    fn a_step_is_named_as_its_command_says() {
        assert_eq!(name(&STEPS[0]), "N3 d256 ff1024 h4 v8000 b64 l24");
        assert_eq!(arguments(&STEPS[2])[..5], ["step", "--layers", "2", "--d-model", "512"]);
    }
}
