//! The line of JSON that `train bench` prints.

use serde_json::{Value, json};

/// What is told of all work: `seconds` are those of each round, the first `warm_up` of which aren't counted.
pub(super) fn line(what: &str, seconds: &[f64], warm_up: usize) -> Value {
    let mut counted = seconds[warm_up..].to_vec();
    counted.sort_by(f64::total_cmp);
    json!({
        "what": what, "seconds": counted[counted.len() / 2], "first": seconds[0],
        "min": counted[0], "max": counted[counted.len() - 1], "peak_mib": peak_mib(),
    })
}

/// How many of something there were a second, rounded.
pub(super) fn rate(count: usize, line: &Value) -> Value {
    (count as f64 / line["seconds"].as_f64().unwrap_or(f64::NAN)).round().into()
}

/// The most memory that this process has had resident, where the system tells (Linux).
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.div_ceil(1_024))
}
